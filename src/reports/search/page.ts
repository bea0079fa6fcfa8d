/** A search as a page. */
import { relative } from "node:path";
import { displayRgb } from "../../pictures/display.ts";
import type { Tile } from "../../pictures/mosaic.ts";
import { surveyFigure } from "../../pictures/survey-figure.ts";
import { cellText } from "../../pictures/table.ts";
import type { Provenance } from "../../torch/provenance.ts";
import { lensMeaning, numberHeadline, strataTable, thresholdTable } from "../estimates.ts";
import { shownAs } from "../evaluation/report.ts";
import type { Headline, ReportContent, ReportLink, ReportTable } from "../report.ts";
import type { Candidate } from "./listing.ts";
import type { MadeBy } from "./made-by.ts";
import type { Missing } from "./missing.ts";
import type { SearchParts } from "./search.ts";
import {
  candidatesTable,
  combinationTable,
  findersTable,
  gradesTable,
  missingTable,
  partsTable,
  selectionTable,
  shortText,
} from "./tables.ts";

export interface PageParts {
  readonly parts: SearchParts;
  readonly made: readonly MadeBy[];
  readonly missing: readonly Missing[];
  /** Pictures on the page, and rows of its table. */
  readonly top: number;
  /** The folder that the page is written to. */
  readonly out: string;
}

const ORDER = {
  combined: "the combined probability",
  calibrated: "the calibrated probability",
  score: "the score",
};

export function searchPage(page: PageParts, provenance: Provenance): ReportContent {
  const { parts, made, top } = page;
  const { search, dataset, survey, listing } = parts;
  const best = listing.candidates.slice(0, top);
  const tiles = tilesOf(parts, best);
  return {
    title: `Search: ${search.name}`,
    question: questionOf(parts),
    headlines: headlines(parts),
    tables: [
      ...tablesOf(page),
      // Pictures say the same, and more.
      ...(tiles.length > 0 ? [] : [{ title: "Candidates", table: candidatesTable(best, listing) }]),
    ],
    figures:
      survey.estimated === null
        ? []
        : [
            {
              title: "Purity and completeness",
              svg: surveyFigure(survey.estimated.figures.thresholds),
              caption: "Of the rows selected at each threshold, with 95 % intervals.",
            },
          ],
    mosaics: [
      {
        title: "Top candidates",
        caption: `By ${ORDER[listing.by]}: rank, probability (or score), grade, id, position (ICRS, degrees).`,
        tiles,
      },
    ],
    links: linksOf(page),
    data:
      dataset === null
        ? []
        : [
            {
              role: "searched",
              name: dataset.info.name,
              images: dataset.count,
              hash: dataset.info.contentHash,
              origin: search.dataset!,
            },
          ],
    dataTables: [{ title: "Parts", table: partsTable(made) }],
    split: null,
    commands: [...made.flatMap(({ command }) => command ?? []), provenance.command],
    versions: { arclet: provenance.arclet, libtorch: provenance.torch, node: provenance.node },
    notes: notesOf(parts),
  };
}

function tablesOf({ parts, missing }: PageParts): ReportTable[] {
  const { estimated } = parts.survey;
  const ofSurvey: ReportTable[] =
    estimated === null
      ? []
      : [
          {
            title: "Purity and completeness",
            table: thresholdTable(estimated),
            note: `${lensMeaning(estimated, "graderErrors in search.yaml")} Intervals are 95 %.`,
          },
          { title: "The sample that was graded", table: strataTable(estimated) },
        ];
  return [
    { title: "What is missing", table: missingTable(missing) },
    ...ofSurvey,
    { title: "Grades", table: gradesTable(parts) },
    {
      title: "Selection function",
      table: selectionTable(parts.selection),
      note: "Of lenses injected into the survey's images. It holds for lenses as they were drawn.",
    },
    { title: "Finders", table: findersTable(parts.finders) },
    { title: "Combination", table: combinationTable(parts) },
  ];
}

const linksOf = ({ parts: { listing, selection }, out }: PageParts): ReportLink[] => [
  {
    text: `candidates.csv: ${listing.candidates.length} rows by ${ORDER[listing.by]}`,
    href: "candidates.csv",
  },
  { text: "search.json: all numbers of this page", href: "search.json" },
  ...(selection?.pages ?? []).map((path) => ({ text: path, href: addressOf(out, path) })),
];

function questionOf({ search, dataset, finders, listing }: SearchParts): string {
  const images = dataset === null ? "images" : `images of ${dataset.info.name}`;
  const by = finders.length === 0 ? "" : `, searched by ${finders.map(({ name }) => name).join(", ")}`;
  return `${listing.rows} ${images}${by} (${search.scores}).`;
}

/** The numbers that a reader takes home. */
function headlines({ survey: { estimated }, listing, selection }: SearchParts): Headline[] {
  const graded = listing.graded;
  const [first] = selection?.thresholds ?? [];
  return [
    { label: "images searched", value: String(listing.rows) },
    estimated === null
      ? { label: "lenses in the survey", value: "–", detail: "no survey-level figure: see what is missing" }
      : numberHeadline(estimated.figures.number),
    ...(graded === null
      ? []
      : [
          {
            label: "graded as lenses",
            value: String(graded.lenses),
            detail: `of ${graded.lenses + graded.others} rows that were graded`,
          },
        ]),
    ...(first === undefined
      ? []
      : [
          {
            label: "injected lenses found",
            value: cellText(first.completeness),
            detail: `with a score from ${shortText(first.threshold)}`,
          },
        ]),
  ];
}

/** Pictures of the best candidates whose images are known. */
function tilesOf({ dataset }: SearchParts, best: readonly Candidate[]): Tile[] {
  const known = best.filter(({ image }) => image !== null);
  if (dataset === null || known.length === 0) return [];
  const images = dataset.images(known.map(({ image }) => image!));
  const data = images.data() as Uint8Array | Float32Array;
  images.dispose();
  const stack = { data, shape: [known.length, ...dataset.info.shape] as const };
  return known.map((one, k) => ({
    picture: displayRgb(stack, k, shownAs(dataset.info)),
    caption: `${one.rank} · ${shortText(one.probability ?? one.score)}`,
    id: one.id,
    label: one.lens === null ? "not graded" : `graded: ${one.lens ? "lens" : "not lens"}`,
    ...(one.ra === null || one.dec === null ? {} : { position: { ra: one.ra, dec: one.dec } }),
  }));
}

/** From the page to a file, as a browser follows it. */
const addressOf = (out: string, path: string): string =>
  relative(out, path).split(/[\\/]/).map(encodeURIComponent).join("/");

function notesOf({ survey, finders, listing }: SearchParts): string[] {
  const unsaid =
    finders.length === 0
      ? []
      : ["A score table doesn't say which finder made it: the finders are those that search.yaml names."];
  const graded =
    listing.graded === null
      ? []
      : ["The list has all rows that graders called lenses, however far down they are."];
  return [
    ...finders.flatMap(({ warnings }) => warnings),
    ...(listing.leak
      ? ["The scores are of a model whose training data leak: rows were in more than one split."]
      : []),
    ...(survey.estimated?.notes ?? []),
    ...unsaid,
    ...graded,
    ...(listing.by === "score"
      ? ["A score ranks images; it is no probability that an object is a lens."]
      : ["A probability is for the prevalence that it was calibrated to."]),
  ];
}
