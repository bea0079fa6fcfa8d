/** What a sample's grades say of each stratum, above each threshold. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { inOneLine, literal, queried } from "../../catalog/duck.ts";
import { explained, openTable } from "../../catalog/table-file.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { loadScores } from "../score-table.ts";
import { inScratchDatabase } from "../scratch-database.ts";
import type { Counts } from "./cell.ts";
import { exact, stratumSql } from "./design.ts";
import type { GraderErrors } from "./grader-errors.ts";
import { loadGrades } from "./grades-table.ts";
import { refuseOtherScores, type Sample } from "./sample-file.ts";
import type { GradedStratum } from "./survey-figures.ts";

/** Which thresholds: scores as given, and those of the k-th highest score; by default where strata end. */
export interface Thresholds {
  readonly scores: readonly number[] | null;
  readonly tops: readonly number[] | null;
}

export interface NamedStratum extends GradedStratum {
  readonly name: string;
  /** Rows of the sample in it. */
  readonly drawn: number;
}

export interface Graded {
  readonly strata: NamedStratum[];
  /** Scores, descending. */
  readonly thresholds: number[];
  /** How graders did on decoys; null where none of a class was graded. */
  readonly decoys: {
    readonly sensitivity: GraderErrors["sensitivity"] | null;
    readonly specificity: GraderErrors["specificity"] | null;
  };
  readonly notes: string[];
}

/**
 * @param positives a condition on the table of grades; a row for which it is neither true nor false is not graded
 * @throws ArcletError when the scores have changed since the sample was drawn, ids of the grades are not in the sample, an id
 *   is graded twice, a stratum has no graded row, or a threshold is above all scores
 */
export async function gradedStrata(
  scores: string,
  sample: Sample,
  grades: { readonly path: string; readonly positives: string },
  thresholds: Thresholds,
): Promise<Graded> {
  const { design } = sample;
  refuseOtherScores(scores, sample);
  return inScratchDatabase(scores, async (connection, scratch) => {
    const file = await openTable(scores, scratch);
    const { calibrated } = await explained(file, scratch, () => loadScores(connection, file));
    await connection.run(
      `CREATE TEMP VIEW survey AS SELECT id, score, ${calibrated ? "calibrated" : "score"} AS probability FROM s`,
    );
    await drawnTable(connection, sample);
    const graded = await openTable(grades.path, scratch);
    await explained(graded, scratch, () =>
      inOneLine(grades.path, () => loadGrades(connection, graded, grades.positives)),
    );
    await refuseOthers(connection, grades.path, sample.path);
    const at = await scoresOf(connection, scores, design.strata, thresholds);
    const strata = await countedStrata(connection, sample, at);
    return { strata, thresholds: at, decoys: await decoysGraded(connection), notes: notesOf(strata, at) };
  });
}

/** Makes table `drawn` of the sample: id, stratum (null for decoys), decoy. */
async function drawnTable(connection: DuckDBConnection, { strata, decoys }: Sample): Promise<void> {
  await connection.run("CREATE TEMP TABLE drawn (id VARCHAR, stratum INTEGER, decoy VARCHAR)");
  const appender = await connection.createAppender("drawn");
  for (const [id, stratum] of strata) {
    appender.appendVarchar(id);
    appender.appendInteger(stratum);
    appender.appendNull();
    appender.endRow();
  }
  for (const [id, decoy] of decoys) {
    appender.appendVarchar(id);
    appender.appendNull();
    appender.appendVarchar(decoy);
    appender.endRow();
  }
  appender.closeSync();
}

/** @throws ArcletError when table `graded` has ids that are not in table `drawn` */
async function refuseOthers(connection: DuckDBConnection, grades: string, sample: string): Promise<void> {
  const [[count, first] = []] = await queried(
    connection,
    "SELECT count(*), min(id) FROM graded ANTI JOIN drawn USING (id)",
  );
  if (Number(count) > 0)
    throw new ArcletError({
      where: grades,
      code: "conflict",
      problem: `has ${count} ids that are not in ${sample}, the first is ${first}`,
      fix: "give the grades of this sample and of nothing else",
    });
}

/** The thresholds, highest first. @throws ArcletError for one that nothing passes */
async function scoresOf(
  connection: DuckDBConnection,
  path: string,
  strata: Sample["design"]["strata"],
  { scores, tops }: Thresholds,
): Promise<number[]> {
  const [[highest, lowest, rows] = []] = await queried(
    connection,
    "SELECT max(score), min(score), count(*) FROM survey",
  );
  const above = scores?.find((score) => score > Number(highest));
  if (above !== undefined)
    refuse(path, "--thresholds", `at most the highest score, ${highest}: nothing passes`, above);
  const beyond = tops?.find((k) => k > Number(rows));
  if (beyond !== undefined) refuse(path, "--tops", `at most the ${rows} rows`, beyond);
  const ofTops: number[] = [];
  for (const k of tops ?? []) {
    const [[score] = []] = await queried(
      connection,
      `SELECT score FROM survey ORDER BY score DESC LIMIT 1 OFFSET ${k - 1}`,
    );
    ofTops.push(Number(score));
  }
  const ends = strata.flatMap(({ last }) => (last === null ? [] : [last.score]));
  const byDefault = scores === null && tops === null ? (ends.length > 0 ? ends : [Number(lowest)]) : [];
  return [...new Set([...(scores ?? []), ...ofTops, ...byDefault])].sort((a, b) => b - a);
}

/** Counts by stratum, as a whole and above each threshold. */
async function countedStrata(
  connection: DuckDBConnection,
  { path, design }: Sample,
  thresholds: readonly number[],
): Promise<NamedStratum[]> {
  const above = thresholds.map((score) => `score >= ${exact(score)}`);
  const counts = ["true", ...above].map((condition) => `count(*) FILTER (${condition})`).join(", ");
  const all = await queried(
    connection,
    `SELECT ${stratumSql(design.strata)} AS h, ${counts} FROM survey GROUP BY h`,
  );
  const known = await queried(
    connection,
    `SELECT stratum, ${["true", ...above]
      .flatMap((condition) => [
        `count(*) FILTER (${condition})`,
        `count(*) FILTER (positive AND ${condition})`,
      ])
      .join(", ")}
     FROM drawn JOIN graded USING (id) JOIN survey USING (id)
     WHERE stratum IS NOT NULL AND positive IS NOT NULL GROUP BY stratum`,
  );
  return design.strata.map(({ name, rows, drawn }, h): NamedStratum => {
    const [total = 0, ...part] = (all.find(([index]) => Number(index) === h) ?? []).slice(1).map(Number);
    if (total !== rows) refuse(path, `rows of stratum ${name}`, `${rows}, as in its design`, total, "broken");
    const found = (known.find(([index]) => Number(index) === h) ?? []).slice(1).map(Number);
    const [graded = 0, positives = 0, ...pairs] = found;
    if (graded === 0)
      throw new ArcletError({
        where: path,
        code: "missing",
        problem: `stratum ${name} has no graded row, so nothing is known of its ${rows} rows`,
        fix: "grade some of the rows drawn of it",
      });
    const parts = part.map((rowsAbove, t) => ({
      rows: rowsAbove,
      graded: pairs[2 * t]!,
      positives: pairs[2 * t + 1]!,
    }));
    return { name, rows, drawn, graded, positives, above: parts };
  });
}

async function decoysGraded(connection: DuckDBConnection): Promise<Graded["decoys"]> {
  const right = async (label: string, condition: string) => {
    const [[found, of] = []] = await queried(
      connection,
      `SELECT count(*) FILTER (${condition}), count(*) FROM drawn JOIN graded USING (id)
       WHERE decoy = ${literal(label)} AND positive IS NOT NULL`,
    );
    return Number(of) === 0 ? null : { right: Number(found), of: Number(of) };
  };
  return {
    sensitivity: await right("lens", "positive"),
    specificity: await right("not-lens", "NOT positive"),
  };
}

function notesOf(strata: readonly NamedStratum[], thresholds: readonly number[]): string[] {
  const drawn = strata.reduce((sum, one) => sum + one.drawn, 0);
  const graded = strata.reduce((sum, one) => sum + one.graded, 0);
  const partly =
    graded === drawn
      ? []
      : [
          `${drawn - graded} of the ${drawn} rows of the sample are not graded: they are taken to be missing at random within their stratum`,
        ];
  const unseen = strata.flatMap((stratum) =>
    thresholds.flatMap((threshold, t) => {
      const above = stratum.above[t]!;
      const below = { rows: stratum.rows - above.rows, graded: stratum.graded - above.graded };
      const unknown = (side: string, { rows, graded }: Pick<Counts, "rows" | "graded">) =>
        rows > 0 && graded === 0
          ? [
              `of stratum ${stratum.name} none of the ${rows} rows ${side} ${threshold} is graded: they are taken to be like its others`,
            ]
          : [];
      return [...unknown("at or above", above), ...unknown("below", below)];
    }),
  );
  return [...partly, ...unseen];
}
