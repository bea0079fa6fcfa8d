/** `arclet inspect`: a search in the browser, from a ranked list to grades. */
import { userInfo } from "node:os";
import { join } from "node:path";
import { Closing } from "../foundation/closing.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { interrupted } from "../foundation/interrupt.ts";
import { type InspectConfig, inspectConfig } from "../inspect/config.ts";
import type { Wish } from "../inspect/learning/plan.ts";
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
    const wish = await wishOf(config);
    const { readKeys } = await import("../inspect/keys-file.ts");
    const keys = config.keys === null ? {} : readKeys(config.keys);
    const closing = new Closing();
    try {
      const pages = readPages();
      const objects = await openObjects(config);
      closing.add(objects.domain, (domain) => domain.close());
      const search = closing.add(Search.open(config.out, objects, config.readOnly), (one) => one.close());
      const tools = await openTools(search, config, config.readOnly);
      closing.add(tools, (open) => void closeTools(open));
      const { Learning } = await import("../inspect/learning/learning.ts");
      const learning = await Learning.open(search, wish, config.repeats);
      const { People } = await import("../inspect/people/people.ts");
      const { Estimates } = await import("../inspect/estimates.ts");
      const estimates = new Estimates(search, config.lensGrades);
      const people = new People(search, config);
      const server = await startServer({
        ...config,
        ...{ search, pages, graders, tools, keys, learning, people, estimates },
      });
      for (const { grader, url } of server.addresses) console.log(`${grader}: ${url}`);
      const remote =
        config.host === "127.0.0.1" || config.host === "localhost" ? "" : " Others can connect, unencrypted.";
      console.log(`${config.out}: ${objects.rows.length} objects. Ctrl-C stops.${remote}`);
      if (config.open) closing.add(openBrowser(server.addresses[0]!.url), (remove) => remove());
      while (!interrupted()) await new Promise((resolve) => setTimeout(resolve, LOOK));
      await server.close();
      await learning.end();
      if (!config.readOnly) await finish(config.out, search);
    } finally {
      closing.close();
    }
  },
});

/** How the search learns from its grades, or why it can't. @throws ArcletError for settings that can't be read */
async function wishOf(config: InspectConfig): Promise<Wish | string> {
  const { readRetrainSettings } = await import("../inspect/learning/plan.ts");
  const settings = config.retrain === null ? null : readRetrainSettings(config.retrain);
  const { dataset, source, finder, lensGrades, readOnly } = config;
  if (readOnly) return "this page only reads (--read-only)";
  if (finder === null) return "start arclet inspect with --finder RUN, what to start from";
  if (source === null && settings !== null && settings.probe === null)
    return "start arclet inspect with --source DATASET, the labelled source that training needs";
  return { dataset, source, finder, settings, lensGrades };
}

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
  if (grading.round === 1) return;
  const { writeLooks } = await import("../inspect/people/looks-table.ts");
  const looks = join(out, "looks.csv");
  console.log(`${looks}: ${await writeLooks(looks, search)} rows, each grader's grades of every round`);
}
