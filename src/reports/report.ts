/** The report: one HTML file that needs no network, ready to show to others. */
import { writeFileWhole } from "../foundation/files.ts";
import { type Html, html, joined, raw } from "../pictures/html.ts";
import { htmlTable } from "../pictures/html-table.ts";
import { type Position, picturePng, type Tile } from "../pictures/mosaic.ts";
import type { Table } from "../pictures/table.ts";
import { positionText, viewerLinks } from "../sky/viewers.ts";
import { REPORT_STYLE } from "./report-style.ts";

/** All text is escaped; only `svg` is inserted unescaped and must come from our own figures. */
export interface ReportContent {
  /** Its title. */
  readonly title: string;
  /** The question or command, in a few sentences. */
  readonly question: string;
  /** The few numbers a reader takes home. */
  readonly headlines?: readonly Headline[];
  /** The datasets behind it. */
  readonly data: readonly ReportData[];
  /** More of what the result was made of, below the datasets. */
  readonly dataTables?: readonly ReportTable[];
  /** Null where nothing was tested. */
  readonly split: ReportSplit | null;
  /** Its tables. */
  readonly tables: readonly ReportTable[];
  /** Its figures. */
  readonly figures: readonly ReportFigure[];
  /** Its mosaics. */
  readonly mosaics?: readonly ReportMosaic[];
  /** Its rows of pictures. */
  readonly panels?: readonly ReportPanels[];
  /** How the finders were trained. */
  readonly training?: readonly ReportFigure[];
  /** Other pages and pictures, by their addresses from the page. */
  readonly links?: readonly ReportLink[];
  /** Commands that reproduce the result, one a line. */
  readonly commands: readonly string[];
  /** E.g. `arclet` → `0.1.0`, `libtorch` → `1.13.1`. */
  readonly versions: Readonly<Record<string, string>>;
  /** Limits, rows set aside, deviations. */
  readonly notes?: readonly string[];
}

export interface Headline {
  /** E.g. `AUROC, ADDA, look-alikes`. */
  readonly label: string;
  /** E.g. `0.812`. */
  readonly value: string;
  /** E.g. `95 % interval 0.771 to 0.849`. */
  readonly detail?: string;
}

export interface ReportData {
  /** E.g. `source`, `target`. */
  readonly role: string;
  /** The dataset's name. */
  readonly name: string;
  /** Number of images. */
  readonly images: number;
  /** Images by class; absent if labels are unknown or must not be read. */
  readonly classes?: Readonly<Record<string, number>>;
  /** Content hash of the dataset. */
  readonly hash: string;
  /** Where it came from. */
  readonly origin?: string;
}

export interface ReportSplit {
  /** How rows were split, and which of them were tested. */
  readonly text: string;
  /** The opening of the sealed split; null if none was sealed. */
  readonly seal: { readonly split: string; readonly time: string; readonly openedBefore: number } | null;
}

export interface ReportTable {
  /** Its heading. */
  readonly title: string;
  /** Its cells. */
  readonly table: Table;
  /** A line below it. */
  readonly note?: string;
}

export interface ReportFigure {
  /** Its heading. */
  readonly title: string;
  /** Only from Arclet's own figures. */
  readonly svg: string;
  /** What it shows, in a sentence or two. */
  readonly caption: string;
  /** Across the whole page, for pictures of several columns. */
  readonly wide?: boolean;
}

export interface ReportLink {
  /** What is clicked. */
  readonly text: string;
  /** A relative address. */
  readonly href: string;
}

/** Drawings with words of their own. */
export interface ReportPanels {
  readonly title: string;
  readonly caption: string;
  /** Only from Arclet's own panels. */
  readonly svgs: readonly string[];
}

export interface ReportMosaic {
  /** Its heading. */
  readonly title: string;
  /** What it shows, in a sentence or two. */
  readonly caption: string;
  /** Its pictures. */
  readonly tiles: readonly Tile[];
}

/** Writes the report. @throws ArcletError naming the file when it can't be written */
export function writeReport(path: string, content: ReportContent): void {
  writeFileWhole(path, reportHtml(content));
}

/** The report as HTML. */
export function reportHtml(content: ReportContent): string {
  const sections = [
    content.headlines?.length ? headlines(content.headlines) : null,
    section("Results", content.tables.filter(({ table }) => table.rows.length > 0).map(tableBlock)),
    section("Figures", grid(content.figures)),
    ...(content.mosaics ?? []).map(mosaic),
    ...(content.panels ?? []).map(panels),
    section("Training", grid(content.training ?? [])),
    section("See also", linked(content.links ?? [])),
    section("Data", [
      ...(content.data.length === 0 ? [] : [htmlTable(dataTable(content.data))]),
      ...(content.dataTables ?? []).map(tableBlock),
    ]),
    section("Split and seal", content.split === null ? [] : split(content.split)),
    section("Notes", list(content.notes ?? [])),
    section("How to repeat it", [
      html`<pre>${content.commands.join("\n")}</pre>`,
      versions(content.versions),
    ]),
  ];
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${content.title}</title>
<style>${raw(REPORT_STYLE)}</style>
</head>
<body>
<main>
<header>
<h1>${content.title}</h1>
<p class="question">${content.question}</p>
</header>
${joined(
  sections.filter((part) => part !== null),
  "\n",
)}
</main>
</body>
</html>
`;
  return text;
}

/** A section; null if it has no parts. */
const section = (title: string, parts: readonly Html[]): Html | null =>
  parts.length === 0 ? null : html`<section>\n<h2>${title}</h2>\n${parts}\n</section>`;

function headlines(entries: readonly Headline[]): Html {
  const entry = ({ label, value, detail }: Headline) =>
    html`<div><dt>${label}</dt><dd>${value}</dd>${
      detail === undefined ? null : html`<dd class="detail">${detail}</dd>`
    }</div>`;
  return html`<dl class="headlines">${entries.map(entry)}</dl>`;
}

function tableBlock({ title, table, note }: ReportTable): Html {
  const after = note === undefined ? null : html`<p class="note">${note}</p>`;
  return html`<h3>${title}</h3>\n${htmlTable(table)}\n${after}`;
}

const grid = (figures: readonly ReportFigure[]): Html[] =>
  figures.length === 0 ? [] : [html`<div class="figures">${joined(figures.map(figure), "\n")}</div>`];

function figure({ title, svg, caption, wide }: ReportFigure): Html {
  const kind = wide ? raw(' class="wide"') : null;
  return html`<figure${kind}><h3>${title}</h3>${raw(svg)}<figcaption>${caption}</figcaption></figure>`;
}

function mosaic({ title, caption, tiles }: ReportMosaic): Html | null {
  if (tiles.length === 0) return null;
  const all = joined(tiles.map(tileFigure), "\n");
  return section(title, [
    html`<p class="note">${caption} Click a picture to enlarge it, and again to close it.</p>`,
    html`<div class="mosaic">${all}</div>`,
  ]);
}

function panels({ title, caption, svgs }: ReportPanels): Html | null {
  if (svgs.length === 0) return null;
  const all = joined(
    svgs.map((svg) => html`<figure>${raw(svg)}</figure>`),
    "\n",
  );
  return section(title, [html`<p class="note">${caption}</p>`, html`<div class="panels">${all}</div>`]);
}

/** A tick box without a script: while it is ticked, its picture is shown large. */
function tileFigure(tile: Tile): Html {
  const source = `data:image/png;base64,${Buffer.from(picturePng(tile.picture)).toString("base64")}`;
  const label = tile.label === undefined ? null : html`<span class="label">${tile.label}</span>`;
  const id = html`<span class="id">${tile.id}</span>`;
  const place = tile.position === undefined ? null : placeOf(tile.position);
  const words = html`<figcaption><b>${tile.caption}</b>${label}${id}${place}</figcaption>`;
  const box = html`<input type="checkbox" aria-label="enlarge ${tile.id}">`;
  const image = html`<img src="${source}" alt="${tile.id}" loading="lazy">`;
  return html`<figure><label class="zoom">${box}${image}</label>${words}</figure>`;
}

function placeOf({ ra, dec }: Position): Html {
  const links = viewerLinks(ra, dec).map(
    ({ name, url }) => html`<a href="${url}" target="_blank" rel="noreferrer">${name}</a>`,
  );
  return html`<span class="place">${positionText(ra, dec)}</span><span class="links">${joined(links, " ")}</span>`;
}

function dataTable(data: readonly ReportData[]): Table {
  const classes = (counts: ReportData["classes"]) =>
    counts === undefined
      ? "not used"
      : Object.entries(counts)
          .map(([name, count]) => `${name} ${count}`)
          .join(", ");
  return {
    columns: ["role", "dataset", "images", "labels", "origin", "content hash"],
    rows: data.map((entry) => [
      entry.role,
      entry.name,
      entry.images,
      classes(entry.classes),
      entry.origin ?? null,
      entry.hash,
    ]),
  };
}

function split({ text, seal }: ReportSplit): Html[] {
  const paragraph = html`<p>${text}</p>`;
  if (seal === null) return [paragraph, html`<p class="seal">No split was sealed.</p>`];
  const times = `${seal.openedBefore} time${seal.openedBefore === 1 ? "" : "s"}`;
  const before =
    seal.openedBefore === 0
      ? "It had not been opened before."
      : `It had been opened ${times} before: these numbers are not of an unseen test.`;
  const opened = `The sealed split “${seal.split}” was opened on ${seal.time}. ${before}`;
  return [paragraph, html`<p class="${seal.openedBefore === 0 ? "seal" : "seal broken"}">${opened}</p>`];
}

const list = (notes: readonly string[]): Html[] =>
  notes.length === 0 ? [] : [html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`];

const linked = (links: readonly ReportLink[]): Html[] =>
  links.length === 0
    ? []
    : [html`<ul>${links.map(({ text, href }) => html`<li><a href="${href}">${text}</a></li>`)}</ul>`];

function versions(entries: Readonly<Record<string, string>>): Html {
  const items = Object.entries(entries).map(
    ([name, version]) => html`<div><dt>${name}</dt><dd>${version}</dd></div>`,
  );
  return html`<dl class="versions">${items}</dl>`;
}
