/**
 * How time, memory and disk grow with the rows that `score` joins and ranks: parts as shards of a scoring leave them are written by
 * DuckDB with random scores, then ranked in a process of its own, the best alone and all.
 *
 *   node --import tsx bench/scale/rank.ts FOLDER [--decades 6,7,8] [--top 100000] [--keep]
 *
 * A decade of 8 takes 25 GB of disk at its highest, all of which is gone afterwards unless --keep.
 */
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { literal, queried, withDuckDB } from "../../src/catalog/duck.ts";
import { mergeScores, scratchIn } from "../../src/evaluate/scoring-in-shards/merge.ts";
import { type PartFacts, partFiles } from "../../src/evaluate/scoring-in-shards/scored-part.ts";

const ROWS_OF_PART = 65_536;
const SEED = 1;
const FACTS: PartFacts = {
  ...{ classes: ["not-lens", "lens"], calibrated: false, calibratedBy: "", positions: true },
  ...{ leak: false, graded: false, rejected: false, notes: [] },
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    decades: { type: "string", default: "6,7" },
    top: { type: "string", default: "100000" },
    keep: { type: "boolean", default: false },
    /** Of a process that ranks: `all`, or how many of the best. */
    rank: { type: "string" },
  },
});
if (positionals[0] === undefined) throw new Error("bench/scale: give the folder to work in");
const folder = resolve(positionals[0]);

const partsIn = (place: string) => {
  const shard = join(place, "parts");
  const tables = readdirSync(shard).filter((name) => name.endsWith(".parquet"));
  return tables.map((_, k) => partFiles(shard, k));
};

function bytesIn(path: string): number {
  const about = statSync(path, { throwIfNoEntry: false });
  if (about === undefined) return 0;
  if (!about.isDirectory()) return about.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}

/** Rows whose ids are in no order, with a score of nine digits as a finder gives it: most near zero. */
async function writeParts(place: string, rows: number): Promise<void> {
  const shard = join(place, "parts");
  mkdirSync(shard, { recursive: true });
  await withDuckDB(":memory:", place, async (connection) => {
    for (let k = 0; k * ROWS_OF_PART < rows; k++) {
      const { table, facts } = partFiles(shard, k);
      if (existsSync(table)) continue;
      const [from, to] = [k * ROWS_OF_PART, Math.min(rows, (k + 1) * ROWS_OF_PART)];
      const uniform = (n: number) => `(hash(i, ${SEED}, ${n}) / 18446744073709551616)`;
      await connection.run(
        `COPY (SELECT 'J' || lpad((i * 7919 % 1000000007)::VARCHAR, 10, '0') || '-' || i % 97 AS id, score,
           1 - score AS "p_not-lens", score AS p_lens, ra, dec
         FROM (SELECT i, round(pow(${uniform(0)}, 4), 9) AS score, 360 * ${uniform(1)} AS ra,
             degrees(asin(2 * ${uniform(2)} - 1)) AS dec FROM range(${from}, ${to}) AS r(i)))
         TO ${literal(`${table}.partial`)} (FORMAT parquet)`,
      );
      writeFileSync(facts, JSON.stringify(FACTS));
      renameSync(`${table}.partial`, table);
    }
  });
}

/** In a process of its own: ranks a decade's parts. */
async function rank(place: string, top: number | null): Promise<void> {
  const start = performance.now();
  const [line] = (await mergeScores(outOf(place), partsIn(place), rankOptions(place, top))).slice(-1);
  const seconds = (performance.now() - start) / 1000;
  const peak = 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))![1]);
  console.log(JSON.stringify({ seconds, peak, line }));
}

const outOf = (place: string): string => join(place, "ranked.parquet");
const rankOptions = (place: string, top: number | null) => ({
  ...{ data: "bench/scale", top, radius: 2, scratch: scratchIn(place) },
});

interface Ranked {
  seconds: number;
  /** Of the process, DuckDB among it, bytes. */
  peak: number;
  /** What the user is told. */
  line: string;
  /** Of the scratch folder and the result, at their highest, bytes. */
  disk: number;
}

async function ranked(place: string, top: string): Promise<Ranked> {
  let disk = 0;
  const child = spawn(
    process.execPath,
    ["--import", "tsx", fileURLToPath(import.meta.url), place, "--rank", top],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let text = "";
  child.stdout.on("data", (part) => {
    text += part;
  });
  const watch = setInterval(() => {
    disk = Math.max(disk, bytesIn(scratchIn(place)) + bytesIn(`${outOf(place)}.partial`));
  }, 500);
  const code = await new Promise<number | null>((done) => child.on("close", done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`ranking in ${place}: exit ${code}`);
  return { ...JSON.parse(text), disk: Math.max(disk, bytesIn(outOf(place))) };
}

/** @throws Error when the table lacks rows, is not in order, or its ranks do not count from one */
async function check(place: string, rows: number): Promise<void> {
  const wrong = await withDuckDB(":memory:", place, (connection) =>
    queried(
      connection,
      `SELECT count(*), count_if(score > before OR (score = before AND id <= earlier)), count_if(rank <> place)
       FROM (SELECT id, score, rank, lag(score) OVER () AS before, lag(id) OVER () AS earlier, row_number() OVER () AS place
         FROM read_parquet(${literal(outOf(place))}))`,
    ),
  );
  const [count, outOfOrder, otherRank] = wrong[0]!.map(Number);
  if (count !== rows || outOfOrder !== 0 || otherRank !== 0)
    throw new Error(`${place}: ${count} rows, ${outOfOrder} not in order, ${otherRank} of another rank`);
}

const loads = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(", ");
const cells = (...values: readonly string[]): void => console.log(`| ${values.join(" | ")} |`);
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

async function main(): Promise<void> {
  console.log(`${availableParallelism()} cores, load averages at the start ${loads()}\n`);
  cells("rows", "written", "seconds", "rows/s", "peak memory, MiB", "parts, MiB", "scratch and result, MiB");
  cells("---:", "---", "---:", "---:", "---:", "---:", "---:");
  for (const exponent of options.decades.split(",").map(Number)) {
    const [rows, place] = [10 ** exponent, join(folder, `ranked-1e${exponent}`)];
    await writeParts(place, rows);
    for (const top of [options.top, "all"]) {
      const written = top === "all" ? rows : Math.min(rows, Number(top));
      const { seconds, peak, disk } = await ranked(place, top);
      await check(place, written);
      const parts = bytesIn(join(place, "parts"));
      const speed = (rows / seconds).toFixed(0);
      cells(`10^${exponent}`, `${written}`, seconds.toFixed(1), speed, mib(peak), mib(parts), mib(disk));
      rmSync(outOf(place));
    }
    if (!options.keep) rmSync(place, { recursive: true, force: true });
  }
  console.log(`\nload averages at the end ${loads()}`);
}

if (options.rank === undefined) await main();
else await rank(folder, options.rank === "all" ? null : Number(options.rank));
