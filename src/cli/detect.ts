/** `arclet detect`: the sources of a frame, as a catalogue. */
import { detectConfig } from "../making/detecting/config.ts";
import { detectSources } from "../making/detecting/detect.ts";
import { command } from "./command.ts";

export const detect = command({
  details:
    "Sources stand above the sky by SEP (SExtractor's way): background in meshes, a threshold, deblending. Flux is that " +
    "in Kron apertures, the same in every band; no band's PSF is made another's. Errors take pixels' noise as " +
    "independent. x, y, a, b and half_light_radius are pixels (x and y from 0, of the first pixel's middle), theta " +
    "degrees from the x axis; size_over_psf is near 1 for stars. flags add up: 1 blended, 2 cut by the edge or by what " +
    "is left out, 8 a line, 16, 32 and 64 an aperture cut, with pixels left out, with none left, 128 no light, " +
    "256 saturated. A large frame is worked on in pieces: memory goes with --tile, not with the frame.",
  schema: detectConfig,
  positionals: ["frames"],
  example:
    "arclet detect field_g.fits field_r.fits field_i.fits --bands g,r,i --zero-point 30 --out catalog.csv",
  async run(config) {
    const { sources, bands, stars, withoutZeroPoint } = await detectSources(config);
    const on = bands.length === 1 ? "" : `, found on ${config.on === "sum" ? "the sum" : config.on}`;
    console.log(`${config.out}: ${sources} sources${bands.length > 1 ? ` in ${bands.join(", ")}` : ""}${on}`);
    if (stars === null) console.log("  no stars of one size: size_over_psf is empty");
    else
      console.log(
        `  half-light radius of ${stars.count} stars: ${stars.halfLight.toFixed(2)} pixels (size_over_psf 1)`,
      );
    for (const path of withoutZeroPoint)
      console.log(`  ${path}: states no zero point, magnitudes are empty; give --zero-point`);
  },
});
