/** `arclet score`: a ranked catalogue of a dataset's images. */
import { formatByName } from "../catalog/format.ts";
import { scoreConfig } from "../evaluate/score-config.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { progress } from "../foundation/progress.ts";
import { command } from "./command.ts";

export const score = command({
  details:
    "Writes id, rank, score, the probability of every class and, if the dataset has them, ra and dec, best first; equal " +
    "scores are ordered by id. Several models are averaged by probability. The column calibrated is the probability of the " +
    "positive class, calibrated on the source's validation rows and corrected to how common the classes are in these images: " +
    "as right as images of a class look alike in both domains. Bands are matched by name; images that a model was not made " +
    "for are refused unless --resample or --display allows to change them.",
  schema: scoreConfig,
  positionals: ["data", "models"],
  example: "arclet score data/target runs/adda --out scores.csv",
  async run(values) {
    const { openUnlabelled } = await import("../dataset/unlabelled.ts");
    const { ranking, writeScores } = await import("../evaluate/scores.ts");
    const { scoreImages } = await import("../evaluate/scoring.ts");
    const { data, models, out, radius, splits } = values;
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
      const best = Array.from(ranking(images).slice(0, 5), (row) => ids[row]);
      console.log(`${out}: ${ids.length} images; best: ${best.join(", ")}`);
    } finally {
      domain.close();
    }
  },
});
