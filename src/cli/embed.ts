/** `arclet embed`: what networks make of two domains: draws feature space, probes it, and finds neighbours in it. */
import { ArcletError, refuse } from "../foundation/errors.ts";
import { isTaken } from "../foundation/files.ts";
import { embedConfig } from "../reports/embed/config.ts";
import { closeDomains, type EmbedDomain, openDomains } from "../reports/embed/domains.ts";
import type { Features } from "../reports/embed/runs.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";
import { apart, divided, dividedFields } from "./divided.ts";
import { sayFinders } from "./say-finders.ts";

export const embed = command({
  details:
    "Features are those between head and classifier, on which domains are aligned. They are drawn by principal components " +
    "and by UMAP, one column for each run, coloured by domain and by class. A cross-validated linear probe measures how well " +
    "the first dataset can be told from each of the others (0.5: aligned, to a linear probe), and how well the class can. " +
    "A table of features that another program made (--features) is shown as a run is. " +
    "Labels are read of the first dataset only, or of those that --labelled names, and never of test splits.",
  schema: embedConfig.extend(dividedFields),
  positionals: ["data"],
  example: "arclet embed data/source data/target --runs runs/adapted --most 60 --folds 2 --out embedding",
  async run(given) {
    const { own: values, about } = apart(given);
    const { out, runs, features, data, projection } = values;
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
    const embedded = async (domains: readonly EmbedDomain[], made: ((run: number) => Features) | null) => {
      for (const { name, left, rows } of domains)
        if (left > 0)
          console.log(`${name}: ${left} of ${left + rows.length} rows have no features and are left out`);
      const all = await embedRuns(domains, values, tables, made);
      await writeEmbedding(out, domains, all, values, provenance("embed"), tables);
    };
    const inShards = await divided("embed", about, async () => {
      const { dividedEmbedding } = await import("../reports/embed/divided.ts");
      return await dividedEmbedding(values, tables, embedded);
    });
    if (inShards) return;
    if (isTaken(out)) refuse("embed", "out", "a name that is not taken", out);
    const domains = await openDomains(values, tables);
    try {
      await embedded(domains, null);
    } finally {
      closeDomains(domains);
    }
  },
});
