/** `arclet import`: images and their table into a dataset folder. */
import { join } from "node:path";
import { SET_ASIDE_FILE } from "../dataset/set-aside.ts";
import { progress } from "../foundation/progress.ts";
import { importConfig } from "../making/importing/config.ts";
import type { ImportReport } from "../making/importing/import.ts";
import { DUPLICATES_FILE, fitOnScreen, SHOWN } from "../making/importing/united.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";
import { apart, divided, dividedFields } from "./divided.ts";

export const importCommand = command({
  details:
    "Reads FITS files (one for each object, or one for each band), folders of PNG, JPEG or TIFF, and arrays of many images " +
    "(.npy, .npz, HDF5), with or without a table (CSV, TSV, Parquet, VOTable or FITS). Each image is read once; the same " +
    "command resumes an interrupted import. Rows and images that can't be used are listed in the dataset's set-aside.csv " +
    "with the reason. In the first example, cutouts.npy holds colour images (N, H, W, 3) or (N, 3, H, W), and table.csv has " +
    "a row with an id for each, in the same order; in the second, each of the three files is one band.",
  schema: importConfig.extend(dividedFields),
  positionals: ["images"],
  example:
    "arclet import cutouts.npy --table table.csv --bands i,r,g --pixel-scale 0.187 --survey cfhtls --out data/target\n  " +
    "arclet import field_g.fits field_r.fits field_i.fits --bands g,r,i --pattern '{id}_{band}.fits' --size 64 --out data/fields",
  async run(values) {
    const { own: config, about } = apart(values);
    // Without the date, the same images give the same bytes.
    const by = () => {
      const { made: _, ...rest } = provenance("import");
      return rest;
    };
    const report = (made: ImportReport) => reportLines(config.out, made);
    let close = () => {};
    try {
      const inShards = await divided("import", about, async ({ shards }) => {
        const { dividedImport } = await import("../making/importing/divided.ts");
        const opened = await dividedImport(config, shards, { provenance: by, report });
        close = opened.close;
        return opened.work;
      });
      if (inShards) return;
    } finally {
      close();
    }
    const { importImages } = await import("../making/importing/import.ts");
    const bar = (total: number, already: number) => progress("import", total, "images", already);
    for (const line of report(await importImages(config, { bar, provenance: by() }))) console.log(line);
  },
});

function reportLines(out: string, report: ImportReport): string[] {
  const { info, splits, labels, setAside, united, unlisted, notes } = report;
  const unused = Object.values(setAside).reduce((sum, count) => sum + count, 0);
  return [
    `${out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`,
    ...notes.map((note) => `  ${note}`),
    `  splits: ${counts(splits)}; labels: ${counts(labels) || "none"}`,
    ...(unused > 0
      ? [`  ${unused} rows set aside in ${join(out, SET_ASIDE_FILE)}: ${counts(setAside)}`]
      : []),
    ...unitedLines(out, united),
    ...(unlisted > 0 ? [`  ${unlisted} images are in no row of the table`] : []),
  ];
}

/** What was united, in a few lines; what they leave out is in a file beside the table. */
function unitedLines(out: string, united: readonly (readonly string[])[]): string[] {
  const lines = united.slice(0, SHOWN.groups).map((ids) => {
    const rest = ids.length - SHOWN.ids;
    return `  identical images, now one group: ${ids.slice(0, SHOWN.ids).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  });
  if (fitOnScreen(united)) return lines;
  const more = united.length - SHOWN.groups;
  const file = join(out, DUPLICATES_FILE);
  return [...lines, `  ${more > 0 ? `${more} more such groups; ` : ""}all ${united.length} are in ${file}`];
}

const counts = (by: Record<string, number>): string =>
  Object.entries(by)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
