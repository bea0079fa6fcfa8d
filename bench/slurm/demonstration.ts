/**
 * 200 shards on four nodes of a real Slurm, one of which dies; a job is preempted, the disk is full once, one shard fails three
 * times. What is joined in the end is compared with the dataset that one program writes.
 *
 *   node --import tsx bench/slurm/demonstration.ts [shards] [images]
 *
 * Needs slurm-wlm and munge (Debian), and the rights to mount a small disk that can be full.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { hasSlurm, scratchSlurm, until } from "../../test/tiny/slurm.ts";

const [shards = 200, images = 4_000] = process.argv.slice(2).map(Number);
const DISK = "400m";
const FAILS = Math.ceil(shards / 3);
const TIMES = 3;

if (!hasSlurm) throw new Error("Slurm is not here: apt-get install slurm-wlm munge");
const folder = mkdtempSync(join(tmpdir(), "arclet-demonstration-"));
const disk = join(folder, "disk");
mkdirSync(disk);
execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", disk]);
const slurm = await scratchSlurm(4);
const program = new URL("../../bin/arclet.mjs", import.meta.url).pathname;
const began = Date.now();
const seconds = () => ((Date.now() - began) / 1000).toFixed(0).padStart(4);
const say = (text: string) => console.log(`${seconds()} s  ${text}`);
const LINE = `simulate data/src --survey cfhtls --count ${images} --size 24 --seed 3`.split(" ");

function arclet(cwd: string, ...words: string[]): string {
  const env = { ...process.env, ARCLET_THREADS: "1", ...slurm.env };
  const { stdout, stderr } = spawnSync("node", [program, ...words], { cwd, env, encoding: "utf8" });
  return (stdout + stderr).trim();
}

const logs = () => {
  const path = join(disk, "data", "src.shards", "logs");
  if (!existsSync(path)) return new Map<string, string>();
  const names = readdirSync(path).filter((name) => name !== "merge.log");
  return new Map(names.map((name) => [name, readFileSync(join(path, name), "utf8")]));
};
const matches = (pattern: RegExp) =>
  [...logs().values()].reduce((sum, text) => sum + (text.match(pattern)?.length ?? 0), 0);
/** Shards whose job has ended without a result. */
const fruitless = () => {
  const queue = new Set(slurm.ask("squeue", "-h", "-r", "-o", "%K").split("\n").map(Number));
  const results = join(disk, "data", "src.shards", "results");
  const begun = [...logs().keys()].map((name) => name.slice(0, 4));
  return begun.filter((name) => !queue.has(Number(name)) && !existsSync(join(results, name))).length;
};
const whole = () => matches(/shard \d+ of \d+ is there/g);
const waiting = () => slurm.ask("squeue", "-h", "-r").split("\n").length - 1;

const hashes = (path: string) =>
  readdirSync(path)
    .sort()
    .map(
      (name) =>
        `${name} ${createHash("sha256")
          .update(readFileSync(join(path, name)))
          .digest("hex")}`,
    );

try {
  const failures = join(folder, "failures");
  const setup = `if [ "$shard" = ${FAILS} ] && [ "$(cat ${failures} 2>/dev/null | wc -l)" -lt ${TIMES} ]; then echo >>${failures}; echo "no licence"; exit 1; fi`;
  writeFileSync(join(disk, "site.yaml"), `partition: low\ntime: 30\nsetup: ${JSON.stringify(setup)}\n`);
  const submit = [
    ...LINE,
    "--shards",
    `${shards}`,
    "--on",
    "slurm",
    "--profile",
    "site.yaml",
    "--at-most",
    "4",
  ];
  say(`four nodes of one processor each, ${availableParallelism()} processors in all`);
  for (const line of arclet(disk, ...submit).split("\n")) say(line);

  await until(() => whole() >= shards * 0.1, "a tenth of the shards", 900);
  slurm.kill("n2");
  say(`n2 dies, ${whole()} shards are there`);
  await until(() => whole() >= shards * 0.25, "a quarter of the shards", 900);
  // Shards are short: the other job may find the node free between two of them.
  await until(
    () => {
      if (slurm.ask("squeue", "-h", "-p", "high") === "")
        slurm.ask("sbatch", "-p", "high", "-w", "n3", "--output=/dev/null", "--wrap", "sleep 2");
      return matches(/stops \(preempted\)/g) > 0;
    },
    "a preempted shard",
    600,
  );
  say(`a job is preempted on n3, ${whole()} shards are there`);
  await until(() => whole() >= shards * 0.4, "two fifths of the shards", 900);
  const ballast = join(disk, "ballast");
  spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=4096"]);
  say("the disk is full");
  const before = fruitless(); // nothing can be said in logs either
  await until(() => fruitless() >= before + 3, "shards that find it full", 900);
  rmSync(ballast);
  say(`and is not any more, ${whole()} shards are there`);

  for (let round = 1; !existsSync(join(disk, "data", "src")); round++) {
    await until(() => waiting() === 0, "an empty queue", 900);
    for (const line of arclet(disk, "jobs", "data/src").split("\n")) say(line);
    if (existsSync(join(disk, "data", "src"))) break;
    if (round > 10) throw new Error("no end");
    for (const line of arclet(disk, ...submit).split("\n")) say(line);
  }
  // A job whose node dies after its shard is there is queued again, and finds it.
  const twice = [...logs()].filter(
    ([, text]) => (text.match(/simulate (\d+)\/\1 images/g) ?? []).length !== 1,
  );
  say(`shards made once: ${logs().size - twice.length} of ${shards}`);
  const alone = join(folder, "alone");
  mkdirSync(alone);
  const start = Date.now();
  arclet(alone, ...LINE);
  say(`one program takes ${((Date.now() - start) / 1000).toFixed(0)} s`);
  const [many, one] = [hashes(join(disk, "data", "src")), hashes(join(alone, "data", "src"))];
  for (const line of many) say(line);
  say(
    JSON.stringify(many) === JSON.stringify(one)
      ? "the same bytes as of one program"
      : "OTHER BYTES than of one program",
  );
  if (JSON.stringify(many) !== JSON.stringify(one)) process.exitCode = 1;
} finally {
  await slurm.stop();
  spawnSync("umount", ["-l", disk]);
  rmSync(folder, { recursive: true, force: true });
}
