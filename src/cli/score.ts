/** `arclet score`: a ranked catalogue of a dataset's images. */
import { formatByName } from "../catalog/format.ts";
import { scoreConfig } from "../evaluate/score-config.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { count, text } from "../foundation/field.ts";
import { progress } from "../foundation/progress.ts";
import { command } from "./command.ts";

export const score = command({
  details:
    "Writes id, rank, score, the probability of every class and, if the dataset has them, ra and dec, best first; equal " +
    "scores are ordered by id. Several models are averaged by probability. The column calibrated is the probability of the " +
    "positive class, calibrated on the source's validation rows and corrected to how common the classes are in these images: " +
    "as right as images of a class look alike in both domains, and empty with a warning if the features show that they don't " +
    "and no --prior is given. Bands are matched by name; images that a model was not made " +
    "for are refused unless --resample or --display allows to change them.",
  schema: scoreConfig.extend({
    report: text(
      "write a page of the top candidates: pictures, ids, positions, links to sky viewers (an .html file, or a folder for it)",
      { default: null },
    ),
    top: count("candidates on that page", { most: 2000, default: 100 }),
  }),
  positionals: ["data", "models"],
  example: "arclet score data/target runs/adda --out scores.csv",
  async run(values) {
    const { openUnlabelled } = await import("../dataset/unlabelled.ts");
    const { ranking, writeScores } = await import("../evaluate/scores.ts");
    const { scoreImages } = await import("../evaluate/scoring.ts");
    const { data, models, out, radius, splits, report, top } = values;
    const format = formatByName(out); // before the work
    const domain = await openUnlabelled(data);
    try {
      const rows = domain.rows(...splits);
      await domain.verify();
      if (rows.length === 0) refuse(data, "splits", "splits that hold rows", splits);
      const all = domain.positions();
      if (format === "regions" && all === undefined)
        throw new ArcletError({
          where: out,
          code: "missing",
          problem: `DS9 regions need positions, and ${data} has no ra and dec`,
        });
      const bar = progress("score", rows.length * models.length, "images");
      const { notes, ...scoring } = await scoreImages(models, domain, rows, values, (n) =>
        bar.tick(n),
      ).finally(bar.done);
      for (const line of notes) console.log(line);
      const ids = Array.from(rows, (row) => domain.ids[row]!);
      const ofRows = (values: readonly (number | null)[]) => Array.from(rows, (row) => values[row]!);
      const positions = all && { ra: ofRows(all.ra), dec: ofRows(all.dec) };
      const images = { ids, ...scoring, ...(positions && { positions }) };
      for (const line of await writeScores(out, images, { radius })) console.log(line);
      const order = ranking(images);
      const best = Array.from(order.slice(0, 5), (row) => ids[row]);
      console.log(`${out}: ${ids.length} images; best: ${best.join(", ")}`);
      if (report !== null) {
        const { writeCandidates } = await import("../reports/candidates.ts");
        const { provenance } = await import("../torch/provenance.ts");
        const shown = [...order.slice(0, top)];
        const K = scoring.classes.length;
        const of = (all: ArrayLike<number | null>) => shown.map((i) => all[i]!);
        const page = {
          domain,
          folder: data,
          rows: shown.map((i) => rows[i]!),
          scores: shown.map((i) => scoring.probabilities[i * K + scoring.positive]!),
          calibrated: scoring.calibrated === null ? undefined : shown.map((i) => scoring.calibrated![i]!),
          positions: positions && { ra: of(positions.ra), dec: of(positions.dec) },
          scored: rows.length,
          positiveClass: scoring.classes[scoring.positive]!,
          models,
          notes,
        };
        console.log(writeCandidates(report, page, provenance("score")));
      }
    } finally {
      domain.close();
    }
  },
});
