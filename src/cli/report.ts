/** `arclet report`: a whole search as a page and machine-readable tables. */
import { join } from "node:path";
import { z } from "zod";
import { count, text } from "../foundation/field.ts";
import { textTable } from "../pictures/table.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";

export const report = command({
  details:
    "A search is a folder with search.yaml, which names its parts by paths from that folder: scores (the only one that must " +
    "be there), finders, dataset, combination, sample, grades with positives, graderErrors, thresholds or tops, selection. " +
    "Writes report.html, search.json with every number and hash and the commands that the parts keep, candidates.csv (the " +
    "first rows by probability, and all graded lenses), and figures. Purity, completeness and number of lenses are computed " +
    "as arclet estimate does. What is missing is stated; parts that don't belong together are refused.",
  schema: z.strictObject({
    search: text("the search's folder, with search.yaml"),
    out: text("the folder to write (none: report in the search's folder)", { default: null }),
    top: count("candidates with pictures on the page", { most: 2000, default: 60 }),
    candidates: count("rows of candidates.csv from the top of the list", { default: 1000 }),
  }),
  positionals: ["search"],
  example: "arclet report survey",
  async run({ search: folder, out: given, top, candidates }) {
    const { readSearch } = await import("../reports/search/search-file.ts");
    const { searchParts } = await import("../reports/search/search.ts");
    const { writeSearchReport } = await import("../reports/search/report.ts");
    const { estimatesTable } = await import("../reports/estimates.ts");
    const out = given ?? join(folder, "report");
    const parts = await searchParts(readSearch(folder), Math.max(top, candidates));
    try {
      const missing = await writeSearchReport(out, parts, top, provenance("report"));
      for (const { part, without } of missing) console.log(`missing: ${part}: ${without}`);
      const { survey, listing } = parts;
      if (survey.estimated !== null) console.log(estimatesTable(survey.estimated));
      console.log(
        textTable({
          columns: ["images", "graded as lenses", "listed"],
          rows: [[listing.rows, listing.graded?.lenses ?? null, listing.candidates.length]],
        }),
      );
      console.log(join(out, "report.html"));
    } finally {
      parts.dataset?.close();
    }
  },
});
