/**
 * What grades are worth to a logistic regression on a finder's features, on real sky. Rows of `dev` are judged by regressions
 * that saw no grade of their group (five folds), all others by one that saw every grade. No network is trained.
 *
 *   probe.ts TABLE.csv TARGET OUT.csv RUN…     the mean of the runs' log-odds, as a probability
 */
import { readCatalog } from "../../src/catalog/read.ts";
import { openDataset } from "../../src/dataset/dataset.ts";
import { fitLogistic } from "../../src/evaluate/combination/logistic.ts";
import { writeFileWhole } from "../../src/foundation/files.ts";
import { textKey, uniformAt } from "../../src/foundation/random.ts";
import { loadModel } from "../../src/train/model.ts";
import { featureRows } from "../../src/train/predict.ts";

const FOLDS = 5;
/** Of squared weights, features standardised; fixed before any row was scored by this file. */
const PENALTY = 10;
const [tablePath, target, out, ...runs] = process.argv.slice(2) as [string, string, string, ...string[]];

interface Graded {
  /** Row of the target. */
  row: number;
  group: string;
  positive: 0 | 1 | null;
}

/** Graded rows; those between lens and look-alike teach nothing and are judged all the same. */
async function gradedOf(ids: readonly string[]): Promise<Graded[]> {
  const { table } = await readCatalog(tablePath);
  const [names, groups, splits, grades] = ["id", "group", "split", "grade"].map((name) => table.column(name));
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  return names!.flatMap((name, k) => {
    const row = rowOf.get(String(name));
    if (row === undefined || splits![k] !== "dev") return [];
    const grade = Number(grades![k]);
    return [{ row, group: String(groups![k]), positive: grade >= 1.3 ? 1 : grade <= 0.7 ? 0 : null }];
  });
}

/** Log-odds of all rows by a regression on the features of `taught` (columns of features, each over all rows). */
function logOdds(columns: readonly Float64Array[], taught: readonly Graded[], rows: number): Float64Array {
  const sure = taught.filter(({ positive }) => positive !== null);
  const standard = columns.map((values) => {
    const seen = sure.map(({ row }) => values[row]!);
    const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length;
    const spread = Math.sqrt(seen.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seen.length);
    return values.map((value) => (value - mean) / (spread + 1e-6));
  });
  const penalty = columns.map((_, i) => columns.map((_, j) => (i === j ? PENALTY : 0)));
  const { weights, intercept } = fitLogistic(
    standard.map((values) => sure.map(({ row }) => values[row]!)),
    sure.map(({ positive }) => positive!),
    penalty,
  );
  return Float64Array.from({ length: rows }, (_, row) =>
    standard.reduce((sum, values, k) => sum + weights[k]! * values[row]!, intercept),
  );
}

async function main() {
  const domain = await openDataset(target);
  const all = Array.from({ length: domain.count }, (_, row) => row);
  const graded = await gradedOf(domain.ids);
  const at = (group: string) => uniformAt(textKey(1, group), 0);
  const groups = [...new Set(graded.map(({ group }) => group))].sort((a, b) => at(a) - at(b));
  const foldOf = new Map(groups.map((group, k) => [group, k % FOLDS]));
  const sum = new Float64Array(domain.count);
  for (const run of runs) {
    const { values, width } = await featureRows(loadModel(run), domain, all);
    const columns = Array.from({ length: width }, (_, k) =>
      Float64Array.from(all, (row) => values[row * width + k]!),
    );
    const odds = logOdds(columns, graded, domain.count);
    for (let fold = 0; fold < FOLDS; fold++) {
      const held = graded.filter(({ group }) => foldOf.get(group) === fold);
      const judged = logOdds(
        columns,
        graded.filter(({ group }) => foldOf.get(group) !== fold),
        domain.count,
      );
      for (const { row } of held) odds[row] = judged[row]!;
    }
    for (const row of all) sum[row] = sum[row]! + odds[row]! / runs.length;
  }
  const lines = domain.ids.map((id, row) => `${id},${(1 / (1 + Math.exp(-sum[row]!))).toFixed(6)}\n`);
  writeFileWhole(out, `id,score\n${lines.join("")}`);
  domain.close();
}

await main();
