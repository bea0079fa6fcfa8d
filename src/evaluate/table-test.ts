/** Finders tested by their score tables, against a table of truth. */
import { LEAK } from "../train/leak.ts";
import { runTest, type TestResult } from "./finder-test.ts";
import { readJudged, type Truth } from "./judged.ts";
import { type ThresholdRule, thresholdBy } from "./threshold.ts";

export interface TableTestOptions {
  /** What the test is called. */
  name: string;
  prevalences: readonly number[];
  topN: readonly number[];
  /** Any but `source`, which no table knows. */
  rule: ThresholdRule;
  /** Called with what a person should know of a table. */
  say: (line: string) => void;
}

/** @throws ArcletError as `readJudged` */
export async function testScoreTables(
  tables: readonly string[],
  truth: Truth,
  { name, prevalences, topN, rule, say }: TableTestOptions,
): Promise<TestResult[]> {
  const results: TestResult[] = [];
  for (const path of tables) {
    const judged = await readJudged(path, truth);
    for (const line of judged.said) say(line);
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
