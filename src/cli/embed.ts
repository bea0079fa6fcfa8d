/** `arclet embed`: what networks make of two domains: draws feature space, probes it, and finds neighbours in it. */
import { ArcletError, refuse } from "../foundation/errors.ts";
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
    "A table of features that another program made (--features) is shown as a run is. " +
    "Labels are read of the first dataset only, or of those that --labelled names, and never of test splits.",
  schema: embedConfig,
  positionals: ["data"],
  example: "arclet embed data/source data/target --runs runs/adapted --most 60 --folds 2 --out embedding",
  async run(values) {
    const { out, runs, features, data, projection } = values;
    if (isTaken(out)) refuse("embed", "out", "a name that is not taken", out);
    for (const [what, list] of Object.entries({ runs, features, data, projection }))
      if (new Set(list).size < list.length) refuse("embed", what, "all different", list);
    if (runs.length + features.length === 0)
      throw new ArcletError({ where: "embed", code: "missing", problem: "needs --runs, --features or both" });
    sayFinders([...runs, values.sourceRun]);
    const { embedRuns } = await import("../reports/embed/runs.ts");
    const { writeEmbedding } = await import("../reports/embed/report.ts");
    const { readFeatures } = await import("../evaluate/features/feature-table.ts");
    const tables = await Promise.all(features.map(readFeatures));
    for (const note of tables.flatMap(({ notes }) => notes)) console.log(note);
    const domains = await openDomains(values, tables);
    try {
      for (const { name, left, rows } of domains)
        if (left > 0)
          console.log(`${name}: ${left} of ${left + rows.length} rows have no features and are left out`);
      const embedded = await embedRuns(domains, values, tables);
      await writeEmbedding(out, domains, embedded, values, provenance("embed"), tables);
    } finally {
      closeDomains(domains);
    }
  },
});
