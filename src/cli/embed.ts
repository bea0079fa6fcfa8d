/** `arclet embed`: what networks make of two domains: feature space drawn, probed, and searched for neighbours. */
import { existsSync } from "node:fs";
import { refuse } from "../foundation/errors.ts";
import { embedConfig } from "../reports/embed/config.ts";
import { closeDomains, openDomains } from "../reports/embed/domains.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";

export const embed = command({
  details:
    "Features are those between head and classifier, on which domains are aligned. They are drawn by principal components " +
    "and by UMAP, a column a run, coloured by domain and by class. A cross-validated linear probe says how well the first " +
    "dataset can be told from each other one (0.5: aligned, as far as a plane can tell), and how well the class can. " +
    "Labels of all but the first dataset stay unread unless --labelled names it, and those of test splits always do.",
  schema: embedConfig,
  positionals: ["data"],
  example: "arclet embed data/source data/target --runs runs/adda --most 60 --folds 2 --out embedding",
  async run(values) {
    const { out, runs, data, projection } = values;
    if (existsSync(out)) refuse("embed", "out", "a name that is not taken", out);
    for (const [what, list] of Object.entries({ runs, data, projection }))
      if (new Set(list).size < list.length) refuse("embed", what, "all different", list);
    const { embedRuns } = await import("../reports/embed/runs.ts");
    const { writeEmbedding } = await import("../reports/embed/report.ts");
    const domains = await openDomains(values);
    try {
      const embedded = await embedRuns(domains, values);
      await writeEmbedding(out, domains, embedded, values, provenance("embed"));
    } finally {
      closeDomains(domains);
    }
  },
});
