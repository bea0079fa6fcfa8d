/** `arclet split`: splits a dataset again into train, val and test, or into folds. */
import { resplitConfig } from "../dataset/splitting/config.ts";
import { SEAL_FILE } from "../evaluate/seal.ts";
import { progress } from "../foundation/progress.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";

export const split = command({
  details:
    "Rows of one group stay together, and so do identical images; each class is split in proportion. Groups are the " +
    "dataset's own, joined by sky position, ids or pixels on request. Images are hard links and take no more disk space. " +
    "The log of opened test splits is copied too, since its rows may have been seen.",
  schema: resplitConfig,
  positionals: ["dataset"],
  example: "arclet split data/target --folds 5 --fold 0 --group-pixels alike --out data/target-fold-0",
  async run(config) {
    const { resplit } = await import("../dataset/splitting/resplit.ts");
    const bar = (label: string, total: number) => progress(label, total, "images");
    const { written, united, groups, copied } = await resplit(config, {
      bar,
      provenance: provenance("split"),
      also: [SEAL_FILE],
    });
    for (const { by, joined } of united)
      console.log(`${by}: ${joined} group${joined === 1 ? "" : "s"} joined others`);
    if (copied) console.log("images were copied: this file system can't link them");
    for (const { folder, info, counts } of written) {
      const parts = counts.map(({ split, rows, strata }) => {
        const by = Object.entries(strata).sort(([a], [b]) => (a < b ? -1 : 1));
        return `${split} ${rows}${by.length === 0 ? "" : ` (${by.map(([name, n]) => `${n} ${name}`).join(", ")})`}`;
      });
      console.log(`${folder}: ${info.count} images in ${groups} groups: ${parts.join(", ")}`);
    }
  },
});
