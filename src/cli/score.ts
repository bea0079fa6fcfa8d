/** `arclet score`: a ranked catalogue of a dataset's images. */
import { z } from "zod";
import { type CatalogFormat, formatByName } from "../catalog/format.ts";
import { scoreConfig } from "../evaluate/score-config.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { count, list, text } from "../foundation/field.ts";
import { progress } from "../foundation/progress.ts";
import { shardsBeside } from "../foundation/shards/shard-folder.ts";
import { unitWarnings } from "../train/finders/finders.ts";
import { command } from "./command.ts";
import { apart, type DividedValues, divided, dividedFields, UNDIVIDED } from "./divided.ts";
import { sayFinders } from "./say-finders.ts";
import { type AskedCombination, askedCombination } from "./score/asked.ts";

const schema = scoreConfig.extend({
  zeroPoint: list(
    z.number(),
    "of cutouts that are not a dataset: AB magnitude of one unit of flux, one or one per band, if their files don't say",
    { least: 0, default: null, unit: "mag" },
  ),
  report: text(
    "write a page of the top candidates: pictures, ids, positions, links to sky viewers (an .html file, or a folder for it)",
    { default: null },
  ),
  top: count("only so many of the best, in the table and on the page (none: all, and 100 on the page)", {
    default: null,
  }),
  ...dividedFields,
});
type Values = Omit<z.output<typeof schema>, keyof DividedValues>;

/** What page has, if it is not told. */
const ON_PAGE = 100;
/** Pictures that a page can hold. */
const MOST_ON_PAGE = 2000;

export const score = command({
  details:
    "Writes id, rank, score, the probability of every class and, if the dataset has them, ra and dec, best first; equal " +
    "scores are ordered by id. Several models are averaged by probability. The column calibrated is the probability of the " +
    "positive class, calibrated on the source's validation rows and corrected to how common the classes are in these images: " +
    "as right as images of a class look alike in both domains, and empty with a warning if the features show that they don't " +
    "and no --prior is given. Bands are matched by name; images that a model was not made " +
    "for are refused unless --resample or --display allows to change them. Cutouts that are not a dataset (a folder of FITS " +
    "files or pictures, or an array of many) are read with the first model's bands, pixel scale and size. A combination that " +
    "`arclet combine` fitted is applied: each of its finders is scored by the models that it names, or by --inputs, and the " +
    "table is as combine writes it. A cascade that `arclet cascade` made scores alone: the column rejected marks the images that " +
    "its finder did not look at; they come after all others, with scores below any probability. A folder of datasets is scored as one, in memory that doesn't grow with their rows.",
  schema,
  positionals: ["data", "models"],
  example: "arclet score data/target runs/adapted --out scores.csv",
  async run(given, origin) {
    const { own: values, about } = apart(given);
    const { data, out, zeroPoint } = values;
    const format = formatByName(out); // before the work
    if (await scoredInShards(values, about)) return;
    const combination = await askedCombination(values, origin);
    const models = combination?.models ?? values.models;
    sayFinders(models);
    const work = (folder: string) => scored(values, folder, format, combination);
    const { areCutouts, withCutouts } = await import("./score-cutouts.ts");
    if (areCutouts(data)) {
      const [first] = models;
      if (first === undefined) refuse(data, "data", "a dataset, since no model says how to read it", data);
      const { modelBehind } = await import("../evaluate/cascade/file.ts");
      await withCutouts(data, modelBehind(first), { out, zeroPoint }, work);
      return;
    }
    if (zeroPoint !== null) refuse(data, "zeroPoint", "left out: it is a dataset", zeroPoint);
    await work(data);
  },
});

/** Scores in shards if that was asked for, or if there are many datasets, which memory need not hold. @returns whether it did */
async function scoredInShards(values: Values, about: DividedValues): Promise<boolean> {
  const { report, zeroPoint, ...config } = values;
  const { holdsDatasets } = await import("../evaluate/scoring-in-shards/datasets.ts");
  const many = holdsDatasets(values.data);
  const work = async () => {
    if (report !== null) refuse("score", "report", "left out in divided work", report);
    if (zeroPoint !== null) refuse(values.data, "zeroPoint", "left out in divided work", zeroPoint);
    sayFinders(values.models);
    const { dividedScoring } = await import("../evaluate/scoring-in-shards/divided.ts");
    return dividedScoring(config, shardsBeside(values.out));
  };
  return divided("score", about, work, many ? UNDIVIDED : null);
}

/** Scores a dataset's folder, and writes the table and the page. */
async function scored(
  values: Values,
  folder: string,
  format: CatalogFormat,
  combination: AskedCombination | null,
): Promise<void> {
  const { openUnlabelled } = await import("../dataset/unlabelled.ts");
  const { data, out, splits, report, top } = values;
  const models = combination?.models ?? values.models;
  const { openVerified } = await import("../dataset/verified.ts");
  const domain = await openVerified(folder, () => openUnlabelled(folder));
  for (const line of unitWarnings(models, domain.info.zeroPoint)) console.log(line);
  try {
    const rows = domain.rows(...splits);
    if (rows.length === 0) refuse(data, "splits", "splits that hold rows", splits);
    if (format === "regions" && domain.positions() === undefined)
      throw new ArcletError({
        where: out,
        code: "missing",
        problem: `DS9 regions need positions, and ${data} has no ra and dec`,
      });
    const bar = progress("score", rows.length * models.length, "images");
    const tick = (n: number) => bar.tick(n);
    const { rankedByModels } = await import("./score/models.ts");
    const { rankedByCombination } = await import("./score/combination.ts");
    const ranked = await (combination === null
      ? rankedByModels(values, domain, rows, tick)
      : rankedByCombination(values, combination, domain, rows, tick)
    ).finally(bar.done);
    for (const line of ranked.notes) console.log(line);
    for (const line of await ranked.write()) console.log(line);
    const { order } = ranked;
    const best = Array.from(order.slice(0, 5), (row) => domain.ids[rows[row]!]);
    console.log(`${out}: ${rows.length} images; best: ${best.join(", ")}`);
    if (report !== null) {
      const { writeCandidates } = await import("../reports/candidates.ts");
      const { provenance } = await import("../torch/provenance.ts");
      const shown = [...order.slice(0, Math.min(top ?? ON_PAGE, MOST_ON_PAGE))];
      const of = <T>(all: ArrayLike<T>) => shown.map((i) => all[rows[i]!]!);
      const positions = domain.positions();
      const page = {
        domain,
        folder: data,
        rows: shown.map((i) => rows[i]!),
        scores: shown.map((i) => ranked.scores[i]!),
        calibrated: ranked.calibrated === null ? undefined : shown.map((i) => ranked.calibrated![i]!),
        positions: positions && { ra: of(positions.ra), dec: of(positions.dec) },
        scored: rows.length,
        positiveClass: ranked.positiveClass,
        models: values.models,
        notes: ranked.notes,
      };
      console.log(writeCandidates(report, page, provenance("score")));
    }
  } finally {
    domain.close();
  }
}
