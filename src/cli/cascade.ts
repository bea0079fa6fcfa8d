/** `arclet cascade`: a small network that rejects images before a finder has to look at them. */
import { cascadeConfig } from "../evaluate/cascade/config.ts";
import type { Cascade } from "../evaluate/cascade/file.ts";
import { progress } from "../foundation/progress.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

export const cascadeCommand = command({
  details:
    "A network of four small convolutions learns what the finder says of images, without their labels, and rejects those that " +
    "are surely below --threshold: arclet score takes the folder in place of a model, and the finder scores only what passes. " +
    "What may be rejected is calibrated (split conformal prediction) on images that neither learned from: of those that the " +
    "finder puts above its threshold at most --loss is rejected, on average, in all datasets together and in each that has " +
    "enough of them, or only in those that --promised-on names. That holds for images like these: give the survey's own, and " +
    "lens-rich ones. Half of the groups are learned from, a quarter " +
    "calibrates, a quarter measures what is lost and how much is rejected. Rejected images come last, in the student's order.",
  schema: cascadeConfig,
  positionals: ["finder", "data"],
  example: "arclet cascade runs/adapted data/target data/lenses --out cascade",
  async run(values) {
    sayFinders([values.finder]);
    const { makeCascade } = await import("../evaluate/cascade/make.ts");
    const bar = (what: string, total: number) => progress(what, total, "images");
    for (const line of said(values.out, await makeCascade(values, bar))) console.log(line);
  },
});

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function said(out: string, { data, heldOut, loss, finder, range }: Cascade): string[] {
  const { groups, lost, low, high } = heldOut;
  return [
    ...data.map(
      ({ folder, learned, promised, above, heldOut: rows, rejected, aboveHeldOut, lost }) =>
        `${folder}: ${learned} images learned from, ${promised ? "" : "not "}calibrated on ${above} objects above ` +
        `${finder.threshold}; ${percent(rejected)} of ${rows} held-out images rejected, ${lost} of ${aboveHeldOut} objects above it`,
    ),
    `promised: a loss of ${percent(loss)} on average; ${percent(1 - range.high)} to ${percent(1 - range.low)} by the draw of what was calibrated on`,
    heldOut.loss === null
      ? "held out: no object above the threshold, so the loss is not measured"
      : `held out: ${lost} of ${groups} objects above the threshold rejected, ${percent(heldOut.loss)} [${percent(low)}, ${percent(high)}]`,
    `${out}: arclet score DATASET ${out} ranks all images by it`,
  ];
}
