/**
 * What grades are worth on real sky: networks trained further with the graded rows of both tests. Rows of `dev` are judged by
 * networks that saw no grade of their group (five folds), all others by networks that saw every grade. graded.sh beside it
 * makes the target and calls this; the same command resumes it.
 *
 *   graded.ts TABLE.csv NAME METHOD FROM SEEDS [FLAGS of train …]     in a folder that holds `source` and `target`
 *
 * `{seed}` in FROM is each seed. Leaves `graded-NAME-SEED.csv` for each seed, and `graded-NAME.csv`, their mean.
 */
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readCatalog } from "../../src/catalog/read.ts";
import { line } from "../../src/foundation/command-line.ts";
import { textKey, uniformAt } from "../../src/foundation/random.ts";

const FOLDS = 5;
const program = fileURLToPath(new URL("../../bin/arclet.mjs", import.meta.url));
type Arguments = [string, string, string, string, string, ...string[]];
const [table, name, method, from, seeds, ...flags] = process.argv.slice(2) as Arguments;

function arclet(words: readonly string[]): void {
  console.log(`$ arclet ${line(words)}`);
  const { status } = spawnSync(process.execPath, [program, ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

interface Row {
  id: string;
  group: string;
  grade: number;
}

/** Graded rows: those of the split dev. */
async function gradedRows(): Promise<Row[]> {
  const { table: rows } = await readCatalog(table);
  const [ids, groups, splits, grades] = ["id", "group", "split", "grade"].map((name) => rows.column(name));
  return ids!.flatMap((id, k) =>
    splits![k] === "dev" ? [{ id: String(id), group: String(groups![k]), grade: Number(grades![k]) }] : [],
  );
}

/** Groups in an order that their names give, dealt to the folds one by one. */
function foldsOf(rows: readonly Row[]): Map<string, number> {
  const at = (group: string) => uniformAt(textKey(1, group), 0);
  const groups = [...new Set(rows.map(({ group }) => group))].sort((a, b) => at(a) - at(b));
  return new Map(groups.map((group, k) => [group, k % FOLDS]));
}

/** Scores by id of a network that learned from the grades of `rows`. */
async function scoresOf(network: string, rows: readonly Row[], seed: string): Promise<Map<string, number>> {
  const grades = `${network}-grades.csv`;
  writeFileSync(grades, `id,grade\n${rows.map(({ id, grade }) => `${id},${grade}\n`).join("")}`);
  const learned = [
    "--graded",
    grades,
    "--graded-positives",
    "grade >= 1.3",
    "--graded-negatives",
    "grade <= 0.7",
  ];
  const run = [
    "train",
    "source",
    "target",
    "--method",
    method,
    "--from",
    from.replace("{seed}", seed),
    ...learned,
    "--seed",
    seed,
    ...flags,
  ];
  if (!existsSync(`${network}/model.safetensors`))
    arclet([...run, "--out", network, ...(existsSync(`${network}/config.json`) ? ["--resume"] : [])]);
  if (!existsSync(`${network}.csv`))
    arclet(["score", "target", network, "--positive", "lens", "--out", `${network}.csv`]);
  const { table: scored } = await readCatalog(`${network}.csv`);
  const [ids, scores] = [scored.column("id"), scored.column("score")];
  return new Map(ids.map((id, k) => [String(id), Number(scores[k])]));
}

const write = (name: string, scores: ReadonlyMap<string, number>) =>
  writeFileSync(
    name,
    `id,score\n${[...scores].map(([id, score]) => `${id},${score.toFixed(6)}\n`).join("")}`,
  );

const rows = await gradedRows();
const folds = foldsOf(rows);
const ofSeeds: Map<string, number>[] = [];
for (const seed of seeds.split(",")) {
  const all = await scoresOf(`${name}-${seed}-all`, rows, seed);
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = rows.filter(({ group }) => folds.get(group) !== fold);
    const scores = await scoresOf(`${name}-${seed}-fold${fold}`, others, seed);
    for (const { id, group } of rows) if (folds.get(group) === fold) all.set(id, scores.get(id)!);
  }
  write(`graded-${name}-${seed}.csv`, all);
  ofSeeds.push(all);
}
const mean = [...ofSeeds[0]!.keys()].map(
  (id) => [id, ofSeeds.reduce((sum, scores) => sum + scores.get(id)!, 0) / ofSeeds.length] as const,
);
write(`graded-${name}.csv`, new Map(mean));
