/** `arclet simulate`: lenses and look-alikes as a survey would see them. */
import { SIMULATED_CLASSES, simulateConfig, simulate as simulateDataset } from "../data/index.ts";
import { command } from "./command.ts";
import { provenance } from "./provenance.ts";

export const simulate = command({
  details:
    `Classes: ${SIMULATED_CLASSES.join(", ")}. The table holds the whole truth of every object: Einstein radius, arc ` +
    "signal-to-noise, magnitudes, and the scene itself as JSON.",
  schema: simulateConfig,
  positionals: ["out"],
  example: "arclet simulate data/source --survey cfhtls --count 200 --seed 1",
  async run(config) {
    const info = await simulateDataset(config, provenance("simulate"));
    console.log(`${config.out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`);
  },
});
