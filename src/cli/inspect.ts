/** `arclet inspect`: a search in the browser, from a ranked list to grades. */
import { userInfo } from "node:os";
import { join } from "node:path";
import { Closing } from "../foundation/closing.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { interrupted } from "../foundation/interrupt.ts";
import { type InspectConfig, inspectConfig } from "../inspect/config.ts";
import type { Search } from "../inspect/search.ts";
import { command } from "./command.ts";
import { sayFinders } from "./say-finders.ts";

/** How often Ctrl-C is looked for, ms. */
const LOOK = 100;

export const inspect = command({
  details:
    "Starts a server on this machine and prints an address for each grader, which holds a secret: whoever has it can grade. " +
    "Rows are shown as a mosaic or one by one, in the order of the scores, the most uncertain first, at random, or as arclet " +
    "select drew them. Grades are A, B, C and X by the keys q, w, e and r; a, s, d, f, g and h are X with what the object is. " +
    "A grade is on the disk before the next image appears, and the same command resumes where one was. Graders don't see each " +
    "other's grades, nor scores before they have graded. Ctrl-C stops the server and writes grades.csv in the folder: one row " +
    "per object and grader, as arclet grades, estimate and combine take it.",
  schema: inspectConfig,
  positionals: ["dataset", "scores"],
  example: "arclet inspect data/target scores.csv --out my-search",
  async run(config) {
    const graders = gradersOf(config);
    sayFinders([config.finder]);
    const { openObjects } = await import("../inspect/objects.ts");
    const { readPages } = await import("../inspect/pages.ts");
    const { Search } = await import("../inspect/search.ts");
    const { closeTools, openTools } = await import("../inspect/look-tools.ts");
    const { openBrowser } = await import("../inspect/browser.ts");
    const { startServer } = await import("../inspect/server.ts");
    const closing = new Closing();
    try {
      const pages = readPages();
      const objects = await openObjects(config.dataset, config.scores, config.sample, config.columns);
      closing.add(objects.domain, (domain) => domain.close());
      const search = closing.add(Search.open(config.out, objects, config.readOnly), (one) => one.close());
      const tools = await openTools(search, config, config.readOnly);
      closing.add(tools, (open) => void closeTools(open));
      const server = await startServer({ ...config, search, pages, graders, tools });
      for (const { grader, url } of server.addresses) console.log(`${grader}: ${url}`);
      const remote =
        config.host === "127.0.0.1" || config.host === "localhost" ? "" : " Others can connect, unencrypted.";
      console.log(`${config.out}: ${objects.rows.length} objects. Ctrl-C stops.${remote}`);
      if (config.open) closing.add(openBrowser(server.addresses[0]!.url), (remove) => remove());
      while (!interrupted()) await new Promise((resolve) => setTimeout(resolve, LOOK));
      await server.close();
      if (!config.readOnly) await finish(config.out, search);
    } finally {
      closing.close();
    }
  },
});

/** @throws ArcletError for a name that comes twice */
function gradersOf({ graders }: InspectConfig): string[] {
  const names = graders ?? [userName()];
  const twice = names.find((name, k) => names.indexOf(name) < k);
  if (twice !== undefined) refuse("inspect", "--graders", "names that are all different", names);
  return names;
}

/** @throws ArcletError on a machine that doesn't know its user's name, such as a container */
function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new ArcletError(
      {
        where: "inspect",
        code: "missing",
        field: "--graders",
        must: "your name, which this machine doesn't know",
      },
      { cause: error },
    );
  }
}

/** Writes every grader's grades, and says how far each is. */
async function finish(out: string, search: Search): Promise<void> {
  const { writeGrades } = await import("../inspect/grades-table.ts");
  const { grading, objects } = search;
  const path = join(out, "grades.csv");
  const { rows } = await writeGrades(path, search, grading.graders);
  for (const grader of grading.graders)
    console.log(`${grader}: ${grading.progress(grader).graded} of ${objects.rows.length} graded`);
  console.log(`${path}: ${rows} rows`);
}
