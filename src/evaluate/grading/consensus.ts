/** What graders say together of each object, and how far they agree: with each other, and each with what they said before. */
import type { CatalogColumn } from "../../catalog/catalog.ts";
import type { Value } from "../../catalog/table.ts";
import { writeCatalog } from "../../catalog/write.ts";
import { mean } from "../../foundation/statistics.ts";
import type { Interval } from "../interval.ts";
import { wilson } from "../intervals.ts";
import { type DawidSkene, dawidSkene } from "./dawid-skene.ts";
import type { GradesTable } from "./grades-table.ts";
import { alphaInterval, krippendorffAlpha, LEVELS, type Level } from "./krippendorff.ts";

export interface Agreement {
  readonly level: Level;
  /** Krippendorff's alpha; null where all grades are the same. */
  readonly alpha: number | null;
  readonly interval: Interval | null;
}

export interface GraderSummary {
  readonly grader: string;
  readonly graded: number;
  /** Mean grade less that of the others of the same objects; null without others. */
  readonly above: number | null;
  /** Chance of giving an object its true grade, by Dawid and Skene: Σ p_k π_kk; null without them. */
  readonly right: number | null;
  /** Objects that were graded more than once, and the share of them that got the same grade, with Wilson's interval. */
  readonly repeated: number;
  readonly same: ({ readonly value: number } & Interval) | null;
}

export interface Consensus {
  /** Of each object (N). */
  readonly means: readonly number[];
  readonly counts: readonly number[];
  /** Null where no object has two grades: nothing then tells a grader's errors from the objects. */
  readonly model: DawidSkene | null;
  /** Objects with two grades or more. */
  readonly shared: number;
  readonly agreement: readonly Agreement[];
  readonly graders: readonly GraderSummary[];
}

export async function consensusOf(table: GradesTable, seed: number): Promise<Consensus> {
  const { ids, graders, grades, values, names } = table;
  const objects: number[][] = ids.map(() => []);
  for (const { object, grade } of grades) objects[object]!.push(grade);
  const shared = objects.filter((given) => given.length > 1).length;
  const model =
    shared === 0
      ? null
      : dawidSkene(grades, { objects: ids.length, graders: graders.length, K: names.length });
  const agreement: Agreement[] = [];
  for (const level of shared === 0 ? [] : LEVELS)
    agreement.push({
      level,
      alpha: krippendorffAlpha(objects, values, level),
      interval: await alphaInterval(objects, values, level, seed),
    });
  return {
    means: objects.map((given) => mean(given.map((grade) => values[grade]!))),
    counts: objects.map((given) => given.length),
    model,
    shared,
    agreement,
    graders: graders.map((grader, j) => summaryOf(table, objects, model, grader, j)),
  };
}

function summaryOf(
  { grades, repeats, values }: GradesTable,
  objects: readonly (readonly number[])[],
  model: DawidSkene | null,
  grader: string,
  j: number,
): GraderSummary {
  const own = grades.filter((one) => one.grader === j);
  const differences = own.flatMap(({ object, grade }) => {
    const all = objects[object]!;
    if (all.length < 2) return [];
    const others = all.reduce((sum, one) => sum + values[one]!, -values[grade]!) / (all.length - 1);
    return [values[grade]! - others];
  });
  const twice = repeats.filter((one) => one.grader === j);
  const same = twice.filter(({ first, grade }) => first === grade).length;
  return {
    grader,
    graded: own.length,
    above: differences.length === 0 ? null : mean(differences),
    right:
      model === null
        ? null
        : model.shares.reduce((sum, share, k) => sum + share * model.confusion[j]![k]![k]!, 0),
    repeated: twice.length,
    same: twice.length === 0 ? null : { value: same / twice.length, ...wilson(same, twice.length) },
  };
}

/**
 * Writes `id, graders, mean` and, if some object has two grades, Dawid and Skene's: `grade` (the most probable), `expected` (the mean
 * value) and `p_<grade>`. With the objects' `group`, if they have one. What `combine --graded` and `evaluate --truth` take.
 *
 * @throws ArcletError when it can't be written
 */
export async function writeConsensus(path: string, table: GradesTable, made: Consensus): Promise<void> {
  const { ids, names, values, groups } = table;
  const { means, counts, model } = made;
  const columns: CatalogColumn[] = [
    { name: "id", type: "text", ucd: "meta.id;meta.main" },
    ...(groups === null ? [] : [{ name: "group", type: "text" } as const]),
    { name: "graders", type: "whole", ucd: "meta.number" },
    { name: "mean", type: "number", ucd: "stat.mean" },
  ];
  if (model !== null)
    columns.push(
      { name: "grade", type: "text", ucd: "meta.code.qual" },
      { name: "expected", type: "number", ucd: "stat.mean" },
      ...names.map((name) => ({ name: `p_${name}`, type: "number", ucd: "stat.probability" }) as const),
    );
  const rows = ids.map((id, i): Value[] => {
    const T = model?.posterior[i];
    return [
      id,
      ...(groups === null ? [] : [groups[i]!]),
      counts[i]!,
      means[i]!,
      ...(T === undefined ? [] : [names[T.indexOf(Math.max(...T))]!]),
      ...(T === undefined ? [] : [T.reduce((sum, share, k) => sum + share * values[k]!, 0), ...T]),
    ];
  });
  await writeCatalog(path, columns, rows);
}
