/** `arclet selection`: what a search finds and what it misses, from injected lenses. */

import { PAINTING_KEYS, type SelectionConfig, selectionConfig } from "../evaluate/selection/config.ts";
import type { ScoreRows } from "../evaluate/selection/measured.ts";
import type { Origin } from "../foundation/config.ts";
import { refuse } from "../foundation/errors.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";
import { apart, divided, dividedFields } from "./divided.ts";
import { sayFinders } from "./say-finders.ts";

export const selection = command({
  details:
    "Completeness of a finder against what is known of injected lenses: Einstein radius, magnitudes, redshifts, arc " +
    "signal-to-noise, magnification, offset from the middle. Lenses are those of a painted or simulated dataset, or are painted on real cutouts " +
    "first (--paint). Each threshold gives counts with intervals along every property and over pairs of them, quantiles of " +
    "what is found against what was injected, and a smooth model with its covariance, judged on injections held out. " +
    "Injections of one group (arcs on one host) count as fewer, by how alike they are found. Completeness is of lenses as the injections are " +
    "distributed; --weights or --population say how nature's are. Painted images are kept in OUT and used again by the same command.",
  schema: selectionConfig.extend(dividedFields),
  positionals: ["injected", "finders"],
  example:
    "arclet selection data/target runs/adapted --survey cfhtls --paint 20 --thresholds fpr=0.1 --out runs/selection",
  async run(given, origin) {
    const { own: config, about } = apart(given);
    refuseUnusedPainting(config, origin);
    const { isTable } = await import("../evaluate/selection/finder-scores.ts");
    sayFinders(config.finders.filter((finder) => !isTable(finder)));
    const { measureSelection } = await import("../evaluate/selection/measured.ts");
    const { completenessTable, quantilesTable } = await import("../reports/selection/tables.ts");
    const { writeSelection } = await import("../reports/selection/report.ts");
    const { textTable } = await import("../pictures/table.ts");
    // Without the date, the same command gives the same images.
    const { made: _, ...by } = provenance("paint");
    const measuredAndWritten = async (score?: ScoreRows) => {
      const measured = await measureSelection(config, by, console.log, score);
      const page = await writeSelection(config.out, measured, config, provenance("selection"));
      const one = measured.thresholds.length === 1 ? [measured.thresholds[0]!] : [];
      return [textTable(completenessTable(measured)), ...one.map(quantilesTable).map(textTable), page];
    };
    const inShards = await divided("selection", about, async () => {
      const { dividedSelection } = await import("../evaluate/selection/divided.ts");
      return await dividedSelection(config, measuredAndWritten);
    });
    if (inShards) return;
    for (const line of await measuredAndWritten()) console.log(line);
  },
});

function refuseUnusedPainting(config: SelectionConfig, origin: Record<string, Origin>): void {
  if (config.paint !== null) return;
  const unused = PAINTING_KEYS.find((key) => origin[key] !== "default");
  if (unused !== undefined)
    refuse("selection", unused, "left out without --paint: INJECTED has its arcs already", config[unused]);
}
