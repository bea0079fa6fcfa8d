/** `arclet detect`: the sources of a frame, as a catalogue. */
import { detectConfig } from "../making/detecting/config.ts";
import { command } from "./command.ts";

export const detect = command({
  details:
    "Sources are detected by SEP, as SExtractor does: a background in meshes, a threshold, deblending. Fluxes are measured " +
    "in Kron apertures, the same in every band; PSFs are not matched between bands. Errors assume independent noise in " +
    "pixels. x, y, a, b and half_light_radius are in pixels (x and y from 0, the centre of the first pixel), theta in " +
    "degrees from the x axis; size_over_psf is near 1 for stars. flags add up: 1 blended, 2 cut by the edge or by masked " +
    "pixels, 8 a line; 16, 32 and 64 an aperture that is cut, has masked pixels, has only masked pixels; 128 no light, " +
    "256 saturated. A large frame is processed in tiles: memory grows with --tile, not with the frame.",
  schema: detectConfig,
  positionals: ["frames"],
  example:
    "arclet detect field_g.fits field_r.fits field_i.fits --bands g,r,i --zero-point 30 --out catalog.csv",
  async run(config) {
    const { detectSources } = await import("../making/detecting/detect.ts");
    const { sources, bands, stars, withoutZeroPoint } = await detectSources(config);
    const on = bands.length === 1 ? "" : `, detected on ${config.on === "sum" ? "the sum" : config.on}`;
    console.log(`${config.out}: ${sources} sources${bands.length > 1 ? ` in ${bands.join(", ")}` : ""}${on}`);
    if (stars === null) console.log("  no stars of one size: size_over_psf is empty");
    else
      console.log(
        `  half-light radius of ${stars.count} stars: ${stars.halfLight.toFixed(2)} pixels (size_over_psf 1)`,
      );
    for (const path of withoutZeroPoint)
      console.log(`  ${path}: no zero point in its header, so magnitudes are empty; give --zero-point`);
  },
});
