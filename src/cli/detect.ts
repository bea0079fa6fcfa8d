/** `arclet detect`: the sources of a frame, as a catalogue. */
import { detectConfig } from "../making/detecting/config.ts";
import type { DetectReport } from "../making/detecting/detect.ts";
import { command } from "./command.ts";
import { apart, divided, dividedFields } from "./divided.ts";

export const detect = command({
  details:
    "Sources are detected by SEP, as SExtractor does: a background in meshes, a threshold, deblending. Fluxes are measured " +
    "in Kron apertures, the same in every band; PSFs are not matched between bands. Errors assume independent noise in " +
    "pixels. x, y, a, b and half_light_radius are in pixels (x and y from 0, the centre of the first pixel), theta in " +
    "degrees from the x axis; size_over_psf is near 1 for stars. flags add up: 1 blended, 2 cut by the edge or by masked " +
    "pixels, 8 a line; 16, 32 and 64 an aperture that is cut, has masked pixels, has only masked pixels; 128 no light, " +
    "256 saturated. A large frame is processed in tiles: memory grows with --tile, not with the frame.",
  schema: detectConfig.extend(dividedFields),
  positionals: ["frames"],
  example:
    "arclet detect field_g.fits field_r.fits field_i.fits --bands g,r,i --zero-point 30 --out catalog.csv",
  async run(values) {
    const { own: config, about } = apart(values);
    const report = (made: DetectReport) => reportLines(config.out, config.detectOn, made);
    let close = () => {};
    try {
      const inShards = await divided("detect", about, async () => {
        const { dividedDetection } = await import("../making/detecting/divided.ts");
        const opened = dividedDetection(config, report);
        close = opened.close;
        return opened.work;
      });
      if (inShards) return;
    } finally {
      close();
    }
    const { detectSources } = await import("../making/detecting/detect.ts");
    for (const line of report(await detectSources(config))) console.log(line);
  },
});

function reportLines(out: string, on: string, report: DetectReport): string[] {
  const { sources, bands, stars, withoutZeroPoint } = report;
  const detected = bands.length === 1 ? "" : `, detected on ${on === "sum" ? "the sum" : on}`;
  return [
    `${out}: ${sources} sources${bands.length > 1 ? ` in ${bands.join(", ")}` : ""}${detected}`,
    stars === null
      ? "  no stars of one size: size_over_psf is empty"
      : `  half-light radius of ${stars.count} stars: ${stars.halfLight.toFixed(2)} pixels (size_over_psf 1)`,
    ...withoutZeroPoint.map(
      (path) => `  ${path}: no zero point in its header, so magnitudes are empty; give --zero-point`,
    ),
  ];
}
