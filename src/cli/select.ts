/** `arclet select`: draws the sample that people grade, with the probability of every row to be in it. */
import { designPath } from "../evaluate/designed-sample/design.ts";
import { sampleConfig } from "../evaluate/designed-sample/sample-config.ts";
import { textTable } from "../pictures/table.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";

export const select = command({
  details:
    "A sample is a design: all rows of the highest scores, uncertain rows if wanted, and rows drawn at random from bins of " +
    "the ranking. Strata are disjoint: a row belongs to the first that it fits. Every row of the survey has a stated " +
    "probability to be in the sample, so that arclet estimate gives purity, completeness and number of lenses of the whole " +
    "survey from its grades. Show rows in the order of the column shown, and without the other columns, which tell graders " +
    "what to expect. Decoys are known objects among them, by which the graders' errors are measured; they are never counted. " +
    "One seed gives one sample.",
  schema: sampleConfig,
  positionals: ["scores"],
  example: "arclet select scores.csv --top 10 --random 20 --bins 4 --out sample.csv",
  async run(config) {
    const { drawSample } = await import("../evaluate/designed-sample/drawing.ts");
    const { writeDesign } = await import("../evaluate/designed-sample/design.ts");
    const { writeSample } = await import("../evaluate/designed-sample/sample-file.ts");
    const { design, rows, positions, notes } = await drawSample(config.scores, config);
    for (const note of [...notes, ...(await writeSample(config.out, rows, positions))]) console.log(note);
    writeDesign(config.out, { ...design, provenance: provenance("select") });
    const table = {
      columns: ["stratum", "rows", "drawn", "probability"],
      rows: design.strata.map(({ name, rows, drawn, probability }) => [
        name,
        rows,
        drawn,
        Number(probability.toPrecision(3)).toString(),
      ]),
    };
    console.log(textTable(table));
    const decoys = design.decoys === null ? "" : ` and ${design.decoys.shown} decoys`;
    console.log(
      `${config.out}: ${design.sample.rows} of ${design.scores.rows} rows${decoys}; its design is ${designPath(config.out)}`,
    );
  },
});
