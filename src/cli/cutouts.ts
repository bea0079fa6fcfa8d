/** `arclet cutouts`: cutouts of survey frames at a catalogue's positions. */
import { join } from "node:path";
import { SET_ASIDE_FILE } from "../dataset/set-aside.ts";
import { cutoutsConfig } from "../making/cutting/config.ts";
import type { CutoutsReport } from "../making/cutting/cutouts.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";
import { apart, divided, dividedFields } from "./divided.ts";

export const cutouts = command({
  details:
    "Each position is cut out of the frame in which it is farthest from an edge, on whole pixels, whose values are kept. " +
    "Frames are found by their headers, and only the windows needed are read. Positions that can't be cut are listed in the " +
    "dataset's set-aside.csv with the reason: no frame, missing pixels, another pixel scale or orientation, bands whose " +
    "pixels are not aligned, an unreadable frame. All columns of the catalogue are kept. The same command resumes an " +
    "interrupted run, to the same bytes. The example cuts out what the example of arclet detect finds.",
  schema: cutoutsConfig.extend(dividedFields),
  example:
    "arclet cutouts --frames field_g.fits,field_r.fits,field_i.fits --pattern '*_{band}.fits' --bands g,r,i " +
    "--catalog catalog.csv --size 48 --max-missing 0.1 --out data/cutouts",
  async run(values) {
    const { own: config, about } = apart(values);
    // Without the date, the same command gives the same bytes; the folder has its own date.
    const by = () => {
      const { made: _, ...rest } = provenance("cutouts");
      return rest;
    };
    const report = (made: CutoutsReport) => reportLines(config.out, made);
    const inShards = await divided("cutouts", about, async ({ shards }) => {
      const { dividedCutouts } = await import("../making/cutting/divided.ts");
      return dividedCutouts(config, shards, { provenance: by, report });
    });
    if (inShards) return;
    const { cutouts: cutDataset } = await import("../making/cutting/cutouts.ts");
    for (const line of report(await cutDataset(config, by()))) console.log(line);
  },
});

function reportLines(out: string, report: CutoutsReport): string[] {
  const { info, setAside, frames, unreadable, others, notes } = report;
  const rest = others === 0 ? "" : `, ${others} files hold none of these bands`;
  const all = Object.values(setAside).reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(setAside).map(([kind, count]) => `${count} ${kind}`);
  return [
    ...notes,
    `${out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`,
    `  ${frames} frames of ${info.pixelScale} arcsec a pixel${rest}`,
    ...unreadable.slice(0, 5).map(({ reason }) => `  not used: ${reason}`),
    ...(unreadable.length > 5 ? [`  not used: ${unreadable.length - 5} more files`] : []),
    ...(all > 0 ? [`  ${all} positions set aside in ${join(out, SET_ASIDE_FILE)}: ${kinds.join(", ")}`] : []),
  ];
}
