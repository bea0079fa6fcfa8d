/** `arclet check`: the same object or image across splits, across datasets, and in catalogues of known lenses. */
import { z } from "zod";
import { readKnown } from "../dataset/splitting/leaks/catalogue.ts";
import { ALIKE, findLeaks, SAME_POSITION, tally } from "../dataset/splitting/leaks/find.ts";
import { leaksCsv, sentence } from "../dataset/splitting/leaks/leak.ts";
import { readRows } from "../dataset/splitting/leaks/rows.ts";
import { verifyFiles } from "../dataset/verifying.ts";
import { refuse } from "../foundation/errors.ts";
import { number, text, texts } from "../foundation/field.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { progress } from "../foundation/progress.ts";
import { textTable } from "../pictures/table.ts";
import { command } from "./command.ts";

/** The exit code when leaks were found: nothing went wrong, but the answer is no. */
const EXIT_LEAKS = 1;
const SHOWN = 5;

export const check = command({
  details:
    "Rows of one dataset must share nothing across splits, and rows of two datasets nothing at all: no id, group, sky " +
    "position or image, even turned, mirrored, stretched or resampled. Files that are not what was written are refused first. Exits with 0 when nothing is shared and with 1 when " +
    "something is; training refuses such data.",
  schema: z.strictObject({
    datasets: texts("dataset folders, e.g. a source and a target"),
    catalog: texts(
      "catalogues of known lenses (CSV, Parquet, VOTable, FITS) that must not be in any dataset",
      {
        least: 0,
        default: [],
      },
    ),
    radius: number("positions this close count as one", { above: 0, default: SAME_POSITION, unit: "arcsec" }),
    alike: z
      .number()
      .gt(0)
      .max(1)
      .nullable()
      .default(ALIKE)
      .describe(
        "correlation of fingerprints above which images count as nearly identical (none: identical images only)",
      ),
    out: text("the CSV table to write, of everything found", { default: null }),
  }),
  positionals: ["datasets"],
  example: "arclet check data/source data/target --out leaks.csv",
  async run({ datasets, catalog, radius, alike, out }) {
    const twice = datasets.find((folder, k) => datasets.indexOf(folder) !== k);
    if (twice !== undefined) refuse("check", "datasets", "all different", twice);
    const rows = [];
    for (const folder of datasets) {
      const read = await readRows(folder);
      await verifyFiles(read);
      rows.push(read);
    }
    const known = [];
    for (const path of catalog) {
      const read = await readKnown(path);
      known.push(read.known);
      for (const line of read.notes) console.log(line);
    }
    const bar = (label: string, total: number) => progress(label, total, "images");
    const { leaks, notes } = await findLeaks(rows, known, { radius, alike, bar });
    for (const note of notes) console.log(note);
    if (out !== null) writeFileWhole(out, leaksCsv(leaks));
    const images = rows.reduce((sum, { count }) => sum + count, 0);
    if (leaks.length === 0) {
      console.log(`${images} images: nothing is shared`);
      return;
    }
    const columns = ["shared", "between", "pairs", "rows"];
    console.log(
      textTable({
        columns,
        rows: tally(leaks).map(({ kind, between, pairs, rows }) => [kind, between, pairs, rows]),
      }),
    );
    for (const leak of leaks.slice(0, SHOWN)) console.log(`  ${sentence(leak)}`);
    if (leaks.length > SHOWN)
      console.log(`  and ${leaks.length - SHOWN} more${out === null ? " (--out leaks.csv lists them)" : ""}`);
    if (out !== null) console.log(`${out}: ${leaks.length} pairs`);
    process.exitCode = EXIT_LEAKS;
  },
});
