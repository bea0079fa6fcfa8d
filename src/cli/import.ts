/** `arclet import`: images and their table into a dataset folder. */
import { join } from "node:path";
import { SET_ASIDE_FILE } from "../dataset/set-aside.ts";
import { csvText } from "../foundation/csv.ts";
import { writeFileWhole } from "../foundation/files.ts";
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
    for (const line of unitedLines(config.out, united)) console.log(line);
    if (unlisted > 0) console.log(`  ${unlisted} images are in no row of the table`);
  },
});

/** Groups of identical images, and ids of each, that are printed; all are in a file then. */
const SHOWN = { groups: 5, ids: 6 };
const DUPLICATES_FILE = "duplicates.csv";

/** What was united, in a few lines; what they leave out is in a file beside the table. */
function unitedLines(out: string, united: readonly (readonly string[])[]): string[] {
  const lines = united.slice(0, SHOWN.groups).map((ids) => {
    const rest = ids.length - SHOWN.ids;
    return `  identical images, now one group: ${ids.slice(0, SHOWN.ids).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  });
  const whole = united.length <= SHOWN.groups && united.every(({ length }) => length <= SHOWN.ids);
  if (whole) return lines;
  const file = join(out, DUPLICATES_FILE);
  const rows = united.flatMap((ids) => ids.map((id) => [id, ids[0]!]));
  writeFileWhole(file, csvText([["id", "same_as"], ...rows]));
  const more = united.length - SHOWN.groups;
  return [...lines, `  ${more > 0 ? `${more} more such groups; ` : ""}all ${united.length} are in ${file}`];
}

const counts = (by: Record<string, number>): string =>
  Object.entries(by)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
