/**
 * What grades are worth to probes (`arclet probe`) of finders, on real sky. Rows of `dev` are judged by probes that saw no
 * grade of their group, all others by probes that saw every grade. No network is trained.
 *
 *   probe.ts TABLE.csv TARGET OUT.csv RUN…     the mean of the runs' probabilities; each run's own stay in OUT-K/
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readCatalog } from "../../src/catalog/read.ts";
import { writeFileWhole } from "../../src/foundation/files.ts";

const program = fileURLToPath(new URL("../../bin/arclet.mjs", import.meta.url));
const [tablePath, target, out, ...runs] = process.argv.slice(2) as [string, string, string, ...string[]];
const folder = out.replace(/\.csv$/, "");

function arclet(...words: string[]): void {
  const { status } = spawnSync(process.execPath, [program, ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** The grades of `dev`, as a table of their own. */
async function writeGrades(path: string): Promise<void> {
  const { table } = await readCatalog(tablePath);
  const [ids, splits, grades] = ["id", "split", "grade"].map((name) => table.column(name));
  const rows = [...ids!.keys()].filter((k) => splits![k] === "dev");
  writeFileSync(path, `id,grade\n${rows.map((k) => `${ids![k]},${grades![k]}\n`).join("")}`);
}

async function scoresIn(path: string): Promise<[string, number][]> {
  const { table } = await readCatalog(path);
  const [ids, scores] = [table.column("id"), table.column("score")];
  return ids.map((id, k) => [String(id), Number(scores[k])]);
}

/** Fixed on the finder cfhtls-adapted: the experts' mean grade as a soft label. */
const GRADING = ["--graded-soft", "grade", "--graded-range", "0,3"];

async function main() {
  mkdirSync(folder, { recursive: true });
  const grades = join(folder, "grades.csv");
  await writeGrades(grades);
  const sum = new Map<string, number>();
  for (const [k, run] of runs.entries()) {
    const probe = join(folder, `probe-${k}`);
    if (!existsSync(probe)) arclet("probe", target, run, "--graded", grades, ...GRADING, "--out", probe);
    const all = join(folder, `all-${k}.csv`);
    if (!existsSync(all)) arclet("score", target, probe, "--positive", "lens", "--out", all);
    const scores = new Map([...(await scoresIn(all)), ...(await scoresIn(join(probe, "held-out.csv")))]);
    writeFileWhole(join(folder, `scores-${k}.csv`), csvOf(scores));
    for (const [id, score] of scores) sum.set(id, (sum.get(id) ?? 0) + score / runs.length);
  }
  writeFileWhole(out, csvOf(sum));
}

const csvOf = (scores: ReadonlyMap<string, number>): string =>
  `id,score\n${[...scores].map(([id, score]) => `${id},${score.toFixed(6)}\n`).join("")}`;

await main();
