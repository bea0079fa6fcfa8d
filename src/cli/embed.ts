/** `arclet embed`: what networks make of two domains: draws feature space, probes it, and finds neighbours in it. */
import { refuse } from "../foundation/errors.ts";
import { isTaken } from "../foundation/files.ts";
import { embedConfig } from "../reports/embed/config.ts";
import { closeDomains, openDomains } from "../reports/embed/domains.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

export const embed = command({
  details:
    "Features are those between head and classifier, on which domains are aligned. They are drawn by principal components " +
    "and by UMAP, one column for each run, coloured by domain and by class. A cross-validated linear probe measures how well " +
    "the first dataset can be told from each of the others (0.5: aligned, to a linear probe), and how well the class can. " +
    "Labels are read of the first dataset only, or of those that --labelled names, and never of test splits.",
  schema: embedConfig,
  positionals: ["data"],
  example: "arclet embed data/source data/target --runs runs/adapted --most 60 --folds 2 --out embedding",
  async run(values) {
    const { out, runs, data, projection } = values;
    if (isTaken(out)) refuse("embed", "out", "a name that is not taken", out);
    for (const [what, list] of Object.entries({ runs, data, projection }))
      if (new Set(list).size < list.length) refuse("embed", what, "all different", list);
    sayFinders([...runs, values.sourceRun]);
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
