/** `arclet paint`: simulated arcs on real cutouts of the user's survey. */
import { join } from "node:path";
import { SET_ASIDE_FILE } from "../dataset/set-aside.ts";
import { paintConfig } from "../making/painting/config.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";

export const paint = command({
  details:
    "The field's own training set: arcs on the bright, red galaxies of a survey, the same galaxies unpainted, and its other " +
    "objects, which are not-lens (a few hidden lenses among them are what --method nnpu corrects for). A deflector's " +
    "redshift follows from its colours and brightness, its Einstein radius from its luminosity, or from a group's mass. Arcs " +
    "are seen through the survey's PSF and scaled to a signal-to-noise over the host's own sky; only the Poisson noise of " +
    "their light is added. Colour composites are turned back into flux and composed again: exact if no channel is clipped; " +
    "the table's cut_off gives the share of an arc on clipped pixels. Images keep their host's group and split; the sealed " +
    "test split is never used. The same command resumes an interrupted run, to the same bytes.",
  schema: paintConfig,
  positionals: ["hosts"],
  example:
    "arclet paint data/target --survey cfhtls --negatives same,others --count 20 --seed 1 --out data/painted",
  async run(config) {
    const { paint: paintDataset } = await import("../making/painting/paint.ts");
    // Without the date, the same command gives the same bytes; the folder has its own date.
    const { made: _, ...by } = provenance("paint");
    const { info, painted, unpainted, others, hosts, setAside } = await paintDataset(config, by);
    console.log(`${config.out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`);
    console.log(
      `  ${painted} arcs on ${hosts} hosts, ${unpainted} of them unpainted, ${others} other objects`,
    );
    const all = Object.values(setAside).reduce((sum, count) => sum + count, 0);
    const kinds = Object.entries(setAside).map(([kind, count]) => `${count} ${kind}`);
    if (all > 0)
      console.log(
        `  ${all} can't be deflectors, listed in ${join(config.out, SET_ASIDE_FILE)}: ${kinds.join(", ")}`,
      );
  },
});
