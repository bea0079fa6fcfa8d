/** `arclet import`: arrays of cutouts and their table into a dataset folder. */
import { join } from "node:path";
import { importArrays, importConfig, QUARANTINE_FILE } from "../data/index.ts";
import { progress } from "../foundation/progress.ts";
import { command } from "./command.ts";
import { provenance } from "./provenance.ts";

export const importCommand = command({
  details:
    "Reads .npy arrays and a table (CSV, TSV, Parquet, VOTable or FITS). Rows that can't be used are set aside in the dataset's quarantine.csv, " +
    "each with its reason; nothing is lost. In the example, cutouts.npy holds colour images (N, H, W, 3) or (N, 3, H, W), " +
    "and table.csv has a row for each, in their order, with its id.",
  schema: importConfig,
  positionals: ["arrays"],
  example:
    "arclet import cutouts.npy --table table.csv --bands i,r,g --pixel-scale 0.187 --survey cfhtls --out data/target",
  async run(config) {
    const bar = (total: number) => progress("import", total, "images");
    const { info, splits, labels, setAside, united, unlisted } = await importArrays(config, {
      bar,
      say: (line) => console.log(line),
      provenance: provenance("import"),
    });
    console.log(`${config.out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`);
    console.log(`  splits: ${counts(splits)}; labels: ${counts(labels) || "none"}`);
    const refused = Object.values(setAside).reduce((sum, count) => sum + count, 0);
    if (refused > 0)
      console.log(`  ${refused} rows set aside in ${join(config.out, QUARANTINE_FILE)}: ${counts(setAside)}`);
    for (const ids of united) console.log(`  identical images, now one group: ${ids.join(", ")}`);
    if (unlisted > 0) console.log(`  ${unlisted} images of the arrays stand in no row of the table`);
  },
});

const counts = (by: Record<string, number>): string =>
  Object.entries(by)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
