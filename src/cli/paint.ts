/** `arclet paint`: simulated arcs on real cutouts of the user's survey. */
import { join } from "node:path";
import { SET_ASIDE_FILE } from "../dataset/set-aside.ts";
import { paintConfig } from "../making/painting/config.ts";
import type { PaintReport } from "../making/painting/paint.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";
import { apart, divided, dividedFields } from "./divided.ts";

export const paint = command({
  details:
    "The field's own training set: arcs on the bright, red galaxies of a survey, the same galaxies unpainted, and its other " +
    "objects, which are not-lens (a few hidden lenses among them are what --method nnpu corrects for). A deflector's " +
    "redshift follows from its colours and brightness, its Einstein radius from its luminosity, or from a group's mass. Arcs " +
    "are seen through the survey's PSF and scaled to a signal-to-noise over the host's own sky; only the Poisson noise of " +
    "their light is added. Colour composites are turned back into flux and composed again: exact if no channel is clipped; " +
    "the table's cut_off gives the share of an arc on clipped pixels. Images keep their host's group and split; the sealed " +
    "test split is never used. The same command resumes an interrupted run, to the same bytes.",
  schema: paintConfig.extend(dividedFields),
  positionals: ["hosts"],
  example:
    "arclet paint data/target --survey cfhtls --negatives same,others --count 20 --seed 1 --out data/painted",
  async run(values) {
    const { own: config, about } = apart(values);
    // Without the date, the same command gives the same bytes; the folder has its own date.
    const by = () => {
      const { made: _, ...rest } = provenance("paint");
      return rest;
    };
    const report = (made: PaintReport) => reportLines(config.out, made);
    let close = () => {};
    try {
      const inShards = await divided("paint", about, async (asked) => {
        const { dividedPaint } = await import("../making/painting/divided.ts");
        const opened = await dividedPaint(config, asked, { provenance: by, report });
        close = opened.close;
        return opened.work;
      });
      if (inShards) return;
    } finally {
      close();
    }
    const { paint: paintDataset } = await import("../making/painting/paint.ts");
    for (const line of report(await paintDataset(config, by()))) console.log(line);
  },
});

function reportLines(out: string, report: PaintReport): string[] {
  const { info, painted, unpainted, others, hosts, setAside } = report;
  const all = Object.values(setAside).reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(setAside).map(([kind, count]) => `${count} ${kind}`);
  return [
    `${out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`,
    `  ${painted} arcs on ${hosts} hosts, ${unpainted} of them unpainted, ${others} other objects`,
    ...(all > 0
      ? [`  ${all} can't be deflectors, listed in ${join(out, SET_ASIDE_FILE)}: ${kinds.join(", ")}`]
      : []),
  ];
}
