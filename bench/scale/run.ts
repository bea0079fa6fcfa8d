/**
 * How time, memory and disk grow with the number of images: simulate, score in shards, rank, for ten times as many each time, and
 * what follows for 10⁸. The same command resumes an interrupted run, whose seconds before are added.
 *
 *   node --import tsx bench/scale/run.ts FOLDER [--decades 4,5] [--model cfhtls-display] [--per-shard 50000]
 *     [--sky "--survey cfhtls --size 48"] [--precision float32] [--keep]
 *
 * A decade of 6 needs 8 GB of disk for display images of 48 pixels, of which --keep keeps the images.
 */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    decades: { type: "string", default: "4,5" },
    model: { type: "string", default: "cfhtls-display" },
    "per-shard": { type: "string", default: "50000" },
    sky: { type: "string", default: "--survey cfhtls --size 48" },
    precision: { type: "string", default: "float32" },
    keep: { type: "boolean", default: false },
  },
});
if (positionals[0] === undefined) throw new Error("bench/scale: give the folder to work in");
const folder = resolve(positionals[0]);
const program = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "bin", "arclet.mjs");
const decades = options.decades
  .split(",")
  .map(Number)
  .sort((a, b) => a - b);

/** What a phase took, over all attempts. */
interface Phase {
  seconds: number;
  /** Of all processors together, of attempts that ended: what other work hardly changes. */
  processor: number;
  /** Of the largest process, bytes. */
  peak: number;
  /** Of what it left, bytes. */
  disk: number;
  done: boolean;
}

const NONE: Phase = { seconds: 0, processor: 0, peak: 0, disk: 0, done: false };
const phaseFile = (place: string, name: string): string => join(place, `${name}.phase.json`);
const phaseAt = (place: string, name: string): Phase =>
  existsSync(phaseFile(place, name)) ? JSON.parse(readFileSync(phaseFile(place, name), "utf8")) : NONE;

function bytesIn(path: string): number {
  if (!existsSync(path)) return 0;
  const about = statSync(path);
  if (!about.isDirectory()) return about.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}

/** The largest that a process and its children were, bytes. */
function peakOf(pid: number): number {
  try {
    const own = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    return Math.max(1024 * Number(own), ...children.map((child) => peakOf(Number(child))));
  } catch {
    return 0; // ended meanwhile
  }
}

/** Runs a program of its first arguments, and adds user's and system's seconds to a file's lines. */
const TIMED = 'exec 3>&2; file=$1; shift; TIMEFORMAT="%U %S"; { time "$@" 2>&3; } 2>>"$file"';

/** Seconds that `TIMED` has counted. */
const processorIn = (file: string): number =>
  readFileSync(file, "utf8")
    .split(/\s+/)
    .reduce((sum, seconds) => sum + Number(seconds), 0);

/** Runs commands one after another as a phase, unless it is done; seconds are written while it runs. */
async function phase(place: string, name: string, lines: readonly string[], left: string): Promise<Phase> {
  const before = phaseAt(place, name);
  if (before.done) return before;
  const start = performance.now();
  const counted = join(place, `${name}.processor`);
  appendFileSync(counted, "");
  let peak = before.peak;
  const state = (done: boolean): Phase => ({
    seconds: before.seconds + (performance.now() - start) / 1000,
    processor: processorIn(counted),
    peak,
    disk: done ? bytesIn(join(place, left)) : 0,
    done,
  });
  const write = (now: Phase) => writeFileSync(phaseFile(place, name), `${JSON.stringify(now)}\n`);
  for (const line of lines) {
    const args = [process.execPath, program, ...line.split(" ").filter(Boolean)];
    const child = spawn("bash", ["-c", TIMED, "bash", counted, ...args], {
      cwd: place,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const watch = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid!));
      write(state(false));
    }, 500);
    const code = await new Promise<number | null>((done) => child.on("close", done));
    clearInterval(watch);
    if (code !== 0) throw new Error(`arclet ${line}: exit ${code}`);
  }
  const whole = state(true);
  write(whole);
  return whole;
}

const PHASES = ["simulate", "score", "rank"] as const;
type Name = (typeof PHASES)[number];

async function decade(exponent: number): Promise<Record<Name, Phase>> {
  const images = 10 ** exponent;
  const place = join(folder, `1e${exponent}`);
  mkdirSync(place, { recursive: true });
  const shards = Math.max(1, Math.ceil(images / Number(options["per-shard"])));
  const score = `score data ${options.model} --out scores.parquet --prior-from none --precision ${options.precision}`;
  const each = Array.from({ length: shards }, (_, k) => `${score} --shard ${k + 1}/${shards}`);
  const simulate = await phase(
    place,
    "simulate",
    [`simulate data ${options.sky} --count ${images} --test-fraction 0 --seed ${exponent}`],
    "data",
  );
  const scored = await phase(place, "score", each, "scores.parquet.shards");
  const rank = await phase(place, "rank", [`${score} --shards ${shards}`], "scores.parquet");
  if (!options.keep) rmSync(join(place, "data"), { recursive: true, force: true });
  return { simulate, score: scored, rank };
}

const loads = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(", ");
const cells = (...values: readonly string[]): void => console.log(`| ${values.join(" | ")} |`);
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const hours = (seconds: number): string => (seconds / 3600).toFixed(1);

console.log(`${availableParallelism()} cores, load averages at the start ${loads()}\n`);
cells(
  "images",
  "phase",
  "seconds",
  "images/s",
  "processor seconds",
  "by the decade before",
  "peak memory, MiB",
  "disk, MiB",
);
cells("---:", "---", ...Array<string>(6).fill("---:"));
const seen: Record<Name, Phase>[] = [];
for (const exponent of decades) {
  const now = await decade(exponent);
  for (const name of PHASES) {
    const { seconds, processor, peak, disk } = now[name];
    const before = seen.at(-1)?.[name].processor;
    const growth = before === undefined ? "" : (processor / before).toFixed(2);
    const speed = (10 ** exponent / seconds).toFixed(0);
    cells(
      `10^${exponent}`,
      name,
      seconds.toFixed(1),
      speed,
      processor.toFixed(1),
      growth,
      mib(peak),
      mib(disk),
    );
  }
  seen.push(now);
}

const TO = 8;
const [first, last] = [decades.at(-2), decades.at(-1)!];
const [lower, upper] = [seen.at(-2), seen.at(-1)!];
if (first === undefined || lower === undefined) console.log("\nOne decade says nothing of the growth.");
else {
  console.log(
    `\n10^${TO} by the processor time that each image took between 10^${first} and 10^${last} (starts left out), core-hours:\n`,
  );
  for (const name of PHASES) {
    const more = upper[name].processor - lower[name].processor;
    if (more <= 0) {
      console.log(`- ${name}: no growth to be seen`);
      continue;
    }
    const whole = upper[name].processor + (more / (10 ** last - 10 ** first)) * (10 ** TO - 10 ** last);
    const growth = (upper[name].processor / lower[name].processor) ** (1 / (last - first));
    const faster = growth > 10 ? `; with a growth of ${growth.toFixed(1)} a decade ` : "";
    const grown = growth > 10 ? hours(upper[name].processor * growth ** (TO - last)) : "";
    console.log(`- ${name}: ${hours(whole)}${faster}${grown}`);
  }
}
console.log(`\nload averages at the end ${loads()}`);
