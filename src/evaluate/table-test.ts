/** Finders tested by their score tables, against a truth table. */
import { LEAK } from "../train/leak.ts";
import { runTest, type TestResult } from "./finder-test.ts";
import { readJudged, type Truth } from "./judged.ts";
import { type ThresholdRule, thresholdBy } from "./threshold.ts";

export interface TableTestOptions {
  /** The test's name. */
  name: string;
  prevalences: readonly number[];
  topN: readonly number[];
  /** Any but `source`, which no table has. */
  rule: ThresholdRule;
  /** Called with each note on a table. */
  onNote: (note: string) => void;
}

/** @throws ArcletError as `readJudged` */
export async function testScoreTables(
  tables: readonly string[],
  truth: Truth,
  { name, prevalences, topN, rule, onNote }: TableTestOptions,
): Promise<TestResult[]> {
  const results: TestResult[] = [];
  for (const path of tables) {
    const judged = await readJudged(path, truth);
    for (const note of judged.notes) onNote(note);
    const { scores, positives, groups, calibrated, columns, leak } = judged;
    const names = { test: name, method: path, checkpoint: leak ? `as scored ${LEAK}` : "as scored" };
    results.push(
      await runTest(
        names,
        { ids: [], scores, positives, groups },
        {
          positiveClass: truth.positives,
          prevalences,
          topN,
          ...thresholdBy(rule, null),
          columns,
          ...(calibrated === null
            ? {}
            : { calibrated: { probabilities: calibrated, by: "column calibrated", prior: null } }),
        },
      ),
    );
  }
  return results;
}
