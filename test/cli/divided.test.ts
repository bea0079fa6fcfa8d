/** Work in shards, by the command line: the same bytes however it is divided, and what is refused. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { DIVIDED_COMMANDS } from "../../src/cli/usage-error.ts";
import { describeConfig } from "../../src/foundation/config.ts";
import { killedAt, killingLibrary } from "../killing.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine, program, words } from "./arclet.ts";

const folder = folderWith("source", "target", "so");
const at = (...names: string[]) => join(folder, ...names);
const { done, refused, arclet } = commandLine(folder);

/** `arclet` in a folder beside the others, with what it needs. */
function aside(name: string, ...needs: string[]) {
  mkdirSync(at(name));
  for (const need of needs) cpSync(at(need), at(name, need), { recursive: true });
  return { ...commandLine(at(name)), cwd: at(name) };
}

const filesOf = (path: string) =>
  Object.fromEntries(
    readdirSync(path).map((name) => [name, readFileSync(join(path, name)).toString("base64")]),
  );

const SIMULATE = "simulate made --survey cfhtls --count 40 --size 24 --seed 2";

test("simulate: shards in any order, killed in the middle, give the files of one program", () => {
  const one = aside("one");
  one.done(SIMULATE);
  const three = aside("three");
  three.done(`${SIMULATE} --shards 3`);
  const seven = aside("seven");
  seven.done(`${SIMULATE} --shard 6/7`);
  const library = killingLibrary();
  const typed = { words: [program, ...words(`${SIMULATE} --shards 7`)], cwd: seven.cwd };
  for (const change of [9, 31])
    expect(killedAt(library, typed, { at: change, under: "made.shards" })).toBe(true);
  expect(existsSync(join(seven.cwd, "made"))).toBe(false);
  seven.done(`${SIMULATE} --shards 7`);
  for (const { cwd } of [three, seven]) {
    expect(filesOf(join(cwd, "made"))).toEqual(filesOf(join(one.cwd, "made")));
    expect(readdirSync(cwd)).toEqual(["made"]);
  }
});

test("score: a dataset in shards gives the table of one program, of many datasets too", () => {
  for (const k of [1, 2, 3]) done(`simulate many/d${k} --count 280 --size 24 --seed ${k}`);
  // Batches of 256 images: each of these datasets has two.
  for (const format of ["csv", "parquet"]) {
    done(`score many/d1 so --out whole.${format} --prior-from none`);
    done(`score many/d1 so --out two.${format} --prior-from none --shards 2`);
    expect(readFileSync(at(`two.${format}`))).toEqual(readFileSync(at(`whole.${format}`)));
  }
  done("score many so --out all.csv --prior 0.9,0.1");
  done("score many so --out shards.csv --prior 0.9,0.1 --shard 5/5");
  done("score many so --out shards.csv --prior 0.9,0.1 --shards 5");
  const all = readFileSync(at("all.csv"), "utf8");
  expect(readFileSync(at("shards.csv"), "utf8")).toBe(all);
  const rows = all.trimEnd().split("\n");
  expect(rows).toHaveLength(841);
  const scores = rows.slice(1).map((row) => Number(row.split(",")[2]));
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  done("score many so --out top.csv --prior 0.9,0.1 --top 10 --shards 2");
  expect(readFileSync(at("top.csv"), "utf8")).toBe(`${rows.slice(0, 11).join("\n")}\n`);
  done("score many/d1 so --out top.csv --prior-from none --top 3");
  expect(readFileSync(at("top.csv"), "utf8").trimEnd().split("\n")).toEqual(
    readFileSync(at("whole.csv"), "utf8").split("\n").slice(0, 4),
  );
});

test("a flipped bit in a shard's images is noticed, and datasets with an id in common are refused", () => {
  cpSync(at("target"), at("pair", "a"), { recursive: true });
  cpSync(at("target"), at("pair", "b"), { recursive: true });
  refused(
    /pair: id sim-cfhtls-1-\d+ occurs 2 times, and 95 more ids do so more than once; give each row/,
    "score pair so --out pair.csv --prior-from none",
  );
  const file = at("pair", "b", "images-00000.npy");
  const bytes = readFileSync(file);
  bytes[bytes.length - 40]! ^= 4;
  writeFileSync(file, bytes);
  refused(
    /pair\/b\/images-00000\.npy: is damaged: image \d+ \(.+\) is not the one that was written/,
    "score pair so --out bad.csv --prior-from none --shard 2/2",
  );
});

test("what was planned for other data or settings is refused", () => {
  done("score target so --out plan.csv --prior-from none --shard 1/1");
  refused(
    /plan\.csv\.shards\/plan\.json: was made with prior null, now \[0\.5,0\.5\]; remove plan\.csv\.shards to begin again/,
    "score target so --out plan.csv --prior 0.5,0.5 --shards 1",
  );
  cpSync(at("target"), at("changing"), { recursive: true });
  done("score changing so --out changed.csv --prior-from none --shard 1/1");
  const info = at("changing", "dataset.json");
  writeFileSync(info, readFileSync(info, "utf8").replace(/"contentHash": "..../, '"contentHash": "0000'));
  refused(
    /plan\.json: changing has changed since \(.+, now 0000/,
    "score changing so --out changed.csv --prior-from none --shards 1",
  );
});

test("what needs all images at once, and flags without their work, are refused by one line", () => {
  refused(
    /score: --prior must be given in divided work, .*got null/,
    "score target so --out x.csv --shards 1",
  );
  refused(
    /score: --precision must be float32 or bfloat16 in divided work/,
    "score target so --out x.csv --shards 1 --precision auto --prior-from none",
  );
  refused(
    /score: --report must be left out in divided work/,
    "score target so --out x.csv --shards 1 --report x.html --prior-from none",
  );
  refused(
    /--shards must be at most 1, for 1 batches/,
    "score target so --out x.csv --shards 2 --prior-from none",
  );
  refused(/simulate: --shard must be K\/N, with K at most N, got "3\/2"/, `${SIMULATE} --shard 3/2`);
  refused(/simulate: --shards must be given with --on slurm/, `${SIMULATE} --on slurm`);
  refused(/simulate: --on must be here with --shard or --merge/, `${SIMULATE} --on slurm --shard 1/2`);
  refused(/simulate: --print must be left out unless --on slurm is given/, `${SIMULATE} --print`);
  refused(
    /train: --shards is for work that divides, which is that of simulate, .+ and selection: train does its own in one piece/,
    "train source --method source-only --out x --shards 3",
  );
  refused(/target\.shards: holds no divided work \(it has no plan\.json\)/, "jobs target");
});

test("the commands that take --shard are those that the refusal names", async () => {
  const taking: string[] = [];
  for (const { name, load } of COMMANDS) {
    const { schema } = await load();
    const fields = describeConfig(typeof schema === "function" ? schema(() => undefined) : schema);
    if (fields.some(({ key }) => key === "shard")) taking.push(name);
  }
  expect(taking.sort()).toEqual([...DIVIDED_COMMANDS].sort());
});

test("without Slurm one line says so, and --print still prints a script that makes a shard", () => {
  const line = `${SIMULATE.replace("made", "printed")} --shards 4 --on slurm`;
  const nowhere = { PATH: "/nowhere" };
  const { status, stderr } = spawnSync(process.execPath, [program, ...words(line)], {
    ...{ cwd: folder, encoding: "utf8", env: { ...process.env, ...nowhere } },
  });
  expect(stderr).toMatch(/^arclet: (squeue|scontrol|sbatch): /m);
  expect(stderr).toMatch(/is not on this machine, so Slurm can't be asked; --print prints the jobs' scripts/);
  expect(status).toBe(2);
  const { stdout } = done(`${line} --print --at-most 2 --slurm gres=gpu:1,time=4:00:00`);
  expect(stdout).toMatch(/^#SBATCH --array=1-4%2$/m);
  expect(stdout).toMatch(/^#SBATCH --signal=B:USR1@120$/m);
  expect(stdout).toMatch(/^#SBATCH --gres=gpu:1$/m);
  writeFileSync(at("job.sh"), stdout);
  const made = spawnSync("bash", ["job.sh", "3"], { cwd: folder, encoding: "utf8" });
  expect(made.stdout).toContain("printed.shards: shard 3 of 4 is there");
  expect(arclet("jobs printed").stdout).toMatch(/4 shards: 1 done, 3 absent/);
  refused(
    /simulate: --slurm must be an option that arclet doesn't set itself/,
    `${line} --slurm array=1-3 --print`,
  );
  writeFileSync(at("site.yaml"), "partition: gpu\nopen-mode: truncate\n");
  refused(
    /site\.yaml line 2: open-mode must be an option that arclet doesn't set itself/,
    `${line} --profile site.yaml --print`,
  );
});
