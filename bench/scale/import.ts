/**
 * How memory and time of `arclet import` grow with the rows of its table: an array of 3 × 8 × 8 pixels each and a CSV of ids and
 * positions are made, and imported by a process of its own.
 *
 *   node --import tsx bench/scale/import.ts FOLDER [--rows 10000,100000,400000] [--shards 1]
 *
 * What was made goes with the end; 400,000 rows take 1 GB of disk.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fileHash } from "../../src/dataset/hash.ts";
import { NpyWriter } from "../../src/dataset/npy-writer.ts";
import { keyOf, uniformAt } from "../../src/foundation/random.ts";

const SHAPE = [3, 8, 8] as const;
const PIXELS = 3 * 8 * 8;
const AT_ONCE = 1000;
/** Milliseconds between two looks at a process's memory. */
const EACH = 200;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: "string", default: "10000,100000,400000" },
    shards: { type: "string", default: "1" },
  },
});
if (positionals[0] === undefined) throw new Error("bench/scale: give the folder to work in");
const folder = resolve(positionals[0]);
const program = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "bin", "arclet.mjs");

function makeInputs(place: string, rows: number): void {
  mkdirSync(place, { recursive: true });
  const images = new NpyWriter(join(place, "cutouts.npy"), "f4", SHAPE);
  const table = openSync(join(place, "table.csv"), "w");
  writeSync(table, "id,row,ra,dec\n");
  for (let from = 0; from < rows; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, rows - from);
    images.append(
      Float32Array.from({ length: count * PIXELS }, (_, k) => uniformAt(keyOf(1, from), k)),
      count,
    );
    const lines = Array.from({ length: count }, (_, k) => {
      const row = from + k;
      const id = `J${String((row * 7919) % 1_000_003).padStart(7, "0")}-${row}`;
      return `${id},${row},${((row * 9e-4) % 360).toFixed(6)},${(-30 + ((row * 1e-4) % 90)).toFixed(6)}\n`;
    });
    writeSync(table, lines.join(""));
  }
  images.close();
  closeSync(table);
}

/** The largest that a process was, bytes. */
function peakOf(pid: number): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);
  } catch {
    return 0; // ended meanwhile
  }
}

async function imported(place: string): Promise<{ seconds: number; peak: number }> {
  const line = "import cutouts.npy --table table.csv --bands g,r,i --pixel-scale 0.2 --out dataset";
  const divided = options.shards === "1" ? [] : ["--shards", options.shards];
  const start = performance.now();
  const child = spawn(process.execPath, [program, ...line.split(" "), ...divided], {
    cwd: place,
    stdio: ["ignore", "ignore", "inherit"],
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid!));
  }, EACH);
  const code = await new Promise<number | null>((done) => child.on("close", done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`arclet ${line}: exit ${code}`);
  return { seconds: (performance.now() - start) / 1000, peak };
}

const loads = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(", ");
const cells = (...values: readonly string[]): void => console.log(`| ${values.join(" | ")} |`);

console.log(`${availableParallelism()} cores, load averages at the start ${loads()}\n`);
cells("rows", "seconds", "rows/s", "peak memory, MiB", "SHA-256 of the table");
cells("---:", "---:", "---:", "---:", "---");
for (const rows of options.rows.split(",").map(Number)) {
  const place = join(folder, `import-${rows}`);
  makeInputs(place, rows);
  const { seconds, peak } = await imported(place);
  const hash = fileHash(join(place, "dataset", "table.parquet")).slice(0, 12);
  cells(`${rows}`, seconds.toFixed(1), (rows / seconds).toFixed(0), (peak / 2 ** 20).toFixed(0), hash);
  rmSync(place, { recursive: true });
}
console.log(`\nload averages at the end ${loads()}`);
