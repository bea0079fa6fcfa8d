/** `arclet cutouts`: cutouts of survey frames at a catalogue's positions. */
import { join } from "node:path";
import { SET_ASIDE_FILE } from "../dataset/set-aside.ts";
import { cutoutsConfig } from "../making/cutting/config.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";

export const cutouts = command({
  details:
    "Each position is cut out of the frame in which it is farthest from an edge, on whole pixels, whose values are kept. " +
    "Frames are found by their headers, and only the windows needed are read. Positions that can't be cut are listed in the " +
    "dataset's set-aside.csv with the reason: no frame, missing pixels, another pixel scale or orientation, bands whose " +
    "pixels are not aligned, an unreadable frame. All columns of the catalogue are kept. The same command resumes an " +
    "interrupted run, to the same bytes. The example cuts out what the example of arclet detect finds.",
  schema: cutoutsConfig,
  example:
    "arclet cutouts --frames field_g.fits,field_r.fits,field_i.fits --pattern '*_{band}.fits' --bands g,r,i " +
    "--catalog catalog.csv --size 48 --max-missing 0.1 --out data/cutouts",
  async run(config) {
    const { cutouts: cutDataset } = await import("../making/cutting/cutouts.ts");
    // Without the date, the same command gives the same bytes; the folder has its own date.
    const { made: _, ...by } = provenance("cutouts");
    const { info, setAside, frames, unreadable, others, notes } = await cutDataset(config, by);
    for (const note of notes) console.log(note);
    console.log(`${config.out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`);
    const rest = others === 0 ? "" : `, ${others} files hold none of these bands`;
    console.log(`  ${frames} frames of ${info.pixelScale} arcsec a pixel${rest}`);
    for (const { reason } of unreadable.slice(0, 5)) console.log(`  not used: ${reason}`);
    if (unreadable.length > 5) console.log(`  not used: ${unreadable.length - 5} more files`);
    const all = Object.values(setAside).reduce((sum, count) => sum + count, 0);
    const kinds = Object.entries(setAside).map(([kind, count]) => `${count} ${kind}`);
    if (all > 0)
      console.log(`  ${all} positions set aside in ${join(config.out, SET_ASIDE_FILE)}: ${kinds.join(", ")}`);
  },
});
