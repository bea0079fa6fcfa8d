/** `arclet cutouts`: cutouts of survey frames at a catalogue's positions. */
import { join } from "node:path";
import { SET_ASIDE_FILE } from "../dataset/set-aside.ts";
import { cutoutsConfig } from "../making/cutting/config.ts";
import { cutouts as cutDataset } from "../making/cutting/cutouts.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";

export const cutouts = command({
  details:
    "Each position is cut out of the frame in which it lies farthest from an edge, to the nearest pixels, which stay as " +
    "they are. Frames are found by their headers and read by windows. What can't be cut is listed in the dataset's " +
    "set-aside.csv with its reason: no frame, pixels missing, another pixel scale or orientation, bands whose pixels " +
    "do not lie on one another, a frame that can't be read. All columns of the catalogue are kept. Cutting that was " +
    "stopped goes on when the same command is given again, to the same bytes. The example cuts what that of " +
    "arclet detect has found.",
  schema: cutoutsConfig,
  example:
    "arclet cutouts --frames field_g.fits,field_r.fits,field_i.fits --pattern '*_{band}.fits' --bands g,r,i " +
    "--catalog catalog.csv --size 48 --max-missing 0.1 --out data/cutouts",
  async run(config) {
    // When it was made is told by the folder: left out, the same command gives the same bytes.
    const { made: _, ...by } = provenance("cutouts");
    const { info, setAside, frames, unreadable, others, said } = await cutDataset(config, by);
    for (const sentence of said) console.log(sentence);
    console.log(`${config.out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`);
    const of = others === 0 ? "" : `, ${others} files hold none of these bands`;
    console.log(`  ${frames} frames of ${info.pixelScale} arcsec a pixel${of}`);
    for (const { reason } of unreadable.slice(0, 5)) console.log(`  not used: ${reason}`);
    if (unreadable.length > 5) console.log(`  not used: ${unreadable.length - 5} further files`);
    const all = Object.values(setAside).reduce((sum, count) => sum + count, 0);
    const kinds = Object.entries(setAside).map(([kind, count]) => `${count} ${kind}`);
    if (all > 0)
      console.log(`  ${all} positions set aside in ${join(config.out, SET_ASIDE_FILE)}: ${kinds.join(", ")}`);
  },
});
