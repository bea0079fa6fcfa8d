/** `arclet import`: images and their table into a dataset folder. */
import { join } from "node:path";
import { SET_ASIDE_FILE } from "../dataset/set-aside.ts";
import { progress } from "../foundation/progress.ts";
import { importConfig } from "../making/importing/config.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";

export const importCommand = command({
  details:
    "Reads FITS files (one for each object, or one for each band), folders of PNG, JPEG or TIFF, and arrays of many images " +
    "(.npy, .npz, HDF5), with or without a table (CSV, TSV, Parquet, VOTable or FITS). Each image is read once; the same " +
    "command resumes an interrupted import. Rows and images that can't be used are listed in the dataset's set-aside.csv " +
    "with the reason. In the first example, cutouts.npy holds colour images (N, H, W, 3) or (N, 3, H, W), and table.csv has " +
    "a row with an id for each, in the same order; in the second, each of the three files is one band.",
  schema: importConfig,
  positionals: ["images"],
  example:
    "arclet import cutouts.npy --table table.csv --bands i,r,g --pixel-scale 0.187 --survey cfhtls --out data/target\n  " +
    "arclet import field_g.fits field_r.fits field_i.fits --bands g,r,i --pattern '{id}_{band}.fits' --size 64 --out data/fields",
  async run(config) {
    const { importImages } = await import("../making/importing/import.ts");
    // Without the date, the same images give the same bytes.
    const { made: _, ...by } = provenance("import");
    const bar = (total: number, already: number) => progress("import", total, "images", already);
    const { info, splits, labels, setAside, united, unlisted, notes } = await importImages(config, {
      bar,
      provenance: by,
    });
    console.log(`${config.out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`);
    for (const note of notes) console.log(`  ${note}`);
    console.log(`  splits: ${counts(splits)}; labels: ${counts(labels) || "none"}`);
    const unused = Object.values(setAside).reduce((sum, count) => sum + count, 0);
    if (unused > 0)
      console.log(`  ${unused} rows set aside in ${join(config.out, SET_ASIDE_FILE)}: ${counts(setAside)}`);
    for (const ids of united) console.log(`  identical images, now one group: ${ids.join(", ")}`);
    if (unlisted > 0) console.log(`  ${unlisted} images are in no row of the table`);
  },
});

const counts = (by: Record<string, number>): string =>
  Object.entries(by)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
