/** What a site does to jobs: full disks, a controller that does not answer, limits of arrays and of jobs, jobs that vanish. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandLine, environment, ownProcess, program, words } from "../cli/arclet.ts";
import { slow } from "../slow.ts";
import { folderWith } from "../tiny/runs.ts";
import { hasSlurm, type ScratchSlurm, scratchSlurm, until } from "../tiny/slurm.ts";

slow("starts a Slurm, whose jobs are programs of their own and wait for its scheduler");

const folder = folderWith("source", "target");
const at = (...names: string[]) => join(folder, ...names);
let slurm: ScratchSlurm;

/** A disk of its own, small enough to be full; null where nobody may mount one. */
const disk = ((): string | null => {
  const path = mkdtempSync(join(tmpdir(), "arclet-disk-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", path]);
  return status === 0 ? path : null;
})();

/** Hashes of a dataset's files, by name. */
const filesOf = (dataset: string) =>
  Object.fromEntries(
    readdirSync(dataset).map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(dataset, name)))
        .digest("hex"),
    ]),
  );

describe.skipIf(!hasSlurm)("with Slurm", () => {
  beforeAll(async () => {
    slurm = await scratchSlurm(2, ["MaxArraySize=4"]);
  });
  afterAll(async () => {
    await slurm?.stop();
    if (disk !== null) spawnSync("umount", ["-l", disk]);
  });

  const arclet = (line: string, cwd = folder, more: Record<string, string> = {}) => {
    const { status, stdout, stderr } = ownProcess(words(line), cwd, { ...slurm.env, ...more });
    return { status, said: stdout + stderr };
  };
  const empty = () => until(() => slurm.hurry() === 0, "an empty queue");
  const made = (name: string) => `simulate data/${name} --survey cfhtls --count 40 --size 24 --seed 3`;
  const alone = (name: string) => {
    const path = mkdtempSync(join(folder, "alone-"));
    commandLine(path).done(made(name));
    return filesOf(join(path, "data", name));
  };

  test("a comparison: rounds one after the other, in arrays that are no longer than the site allows", async () => {
    writeFileSync(at("base.yaml"), "epochs: 1\nbatch: 16\nprecision: float32\ncnn.widths: [4, 8]\n");
    const line = (out: string) =>
      `compare source target --methods adabn --encoders cnn --base base.yaml --seeds 0,1 --parallel 2 --out ${out}`;
    const { said } = arclet(`${line("cmp")} --shards 4 --on slurm --slurm time=10`);
    // The highest number of an array's job is 3.
    expect(said).toMatch(
      /job \d+ makes 2 of 4 shards \(1-2\)\n.*job \d+ makes 1 of 4 shards \(3\)\n.*job \d+ makes 1 of 4 shards \(4\)\n.*job \d+ joins them/,
    );
    await empty();
    expect(arclet("jobs cmp").said).toMatch(/arclet compare, 4 shards: 4 done, joined in cmp\n$/);
    for (const k of [1, 2, 3, 4])
      expect(readFileSync(at("cmp.shards", "logs", `000${k}.log`), "utf8")).toContain(
        `cmp.shards: shard ${k} of 4 is there`,
      );
    commandLine(folder).done(line("whole"));
    const table = (out: string) => readFileSync(at(out, "differences.csv"), "utf8");
    expect(table("cmp")).toBe(table("whole"));
  });

  test.skipIf(disk === null)("a full disk: each shard says so, and is made once there is room", async () => {
    const here = join(disk!, "work");
    mkdirSync(here);
    // Jobs wait until the disk is full.
    const go = at("go");
    const setup = `for k in $(seq 300); do [ -e ${go} ] && break; sleep 0.2; done`;
    writeFileSync(at("waiting.yaml"), `time: 10\nsetup: ${JSON.stringify(setup)}\n`);
    const submit = `${made("src")} --shards 3 --on slurm --profile ${at("waiting.yaml")}`;
    expect(arclet(submit, here).said).toMatch(/makes 3 of 3 shards \(1-3\)/);
    await until(() => /RUNNING/.test(slurm.ask("squeue", "-h", "-o", "%T")), "a running job");
    spawnSync("dd", ["if=/dev/zero", `of=${join(disk!, "ballast")}`, "bs=4k"]);
    writeFileSync(go, "");
    await empty();
    const { said } = arclet("jobs data/src", here);
    expect(said).toMatch(/3 shards: 3 failed\n/);
    for (const k of [1, 2, 3])
      expect(said).toMatch(new RegExp(`shard ${k} failed: .*no space left on the disk\\n`));
    rmSync(join(disk!, "ballast"));
    expect(arclet(submit, here).said).toMatch(/makes 3 of 3 shards \(1-3\)/);
    await empty();
    expect(filesOf(join(here, "data", "src"))).toEqual(alone("src"));
  });

  test("a partition that is not there, and jobs that vanish, are one line each", async () => {
    const nowhere = arclet(`${made("nowhere")} --shards 2 --on slurm --slurm partition=nowhere`);
    expect(nowhere.status).toBe(2);
    expect(nowhere.said).toMatch(/^arclet: sbatch: .*invalid partition specified: nowhere.*\n$/m);
    expect(nowhere.said.trimEnd().split("\n")).toHaveLength(1);

    writeFileSync(at("slow.yaml"), 'time: 10\nsetup: [ "sleep 600" ]\n');
    arclet(`${made("vanished")} --shards 2 --on slurm --profile slow.yaml`);
    await until(() => /RUNNING/.test(slurm.ask("squeue", "-h", "-o", "%T")), "a running job");
    slurm.ask("scancel", "--me");
    slurm.ask("scancel", "--me", "--signal=KILL", "--full");
    await empty();
    expect(arclet("jobs data/vanished").said).toMatch(
      /2 shards: 2 gone\n {2}shard 1 gone: ended without a result.*\n {2}shard 2 gone: ended without a result.*\nthe same command again/,
    );
    const info = at("data", "vanished.shards", "plan.json");
    writeFileSync(info, readFileSync(info, "utf8").replace(/"arclet": ".*?"/, '"arclet": "0.0.9"'));
    expect(arclet(`${made("vanished")} --shards 2 --on slurm`).said).toMatch(
      /^arclet: \S+plan\.json: was made by Arclet 0\.0\.9, and this is .*\n$/,
    );
  });

  test("a site that accepts few jobs of a user at a time: the rest is said, and submitted by the same command", async () => {
    // sbatch as a site with MaxSubmitJobs=2 answers, which needs a database of accounts to be set up.
    const bin = at("bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "sbatch"),
      `#!/bin/bash
script=\${@: -1}
new=$(sed -n 's/^#SBATCH --array=//p' "$script" | tr , '\\n' | awk -F- '{n += NF > 1 ? $2 - $1 + 1 : 1} END {print n + 0}')
[ "$new" = 0 ] && new=1
if [ $(($(squeue --me -h -r | wc -l) + new)) -gt 2 ]; then
  echo "sbatch: error: AssocMaxSubmitJobLimit" >&2
  echo "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)" >&2
  exit 1
fi
exec env PATH="\${PATH#${bin}:}" sbatch "$@"
`,
    );
    chmodSync(join(bin, "sbatch"), 0o755);
    const few = { PATH: `${bin}:${slurm.env.PATH}` };
    const submit = `${made("few")} --shards 3 --on slurm --slurm time=10`;
    const { said, status } = arclet(submit, folder, few);
    expect(status).toBe(0);
    expect(said).toMatch(/job \d+ makes 1 of 3 shards \(1\)\n.*job \d+ makes 1 of 3 shards \(2\)\n/);
    expect(said).toMatch(
      /few\.shards: the site accepts no more of your jobs for now: 1 shards \(3\) and the job that joins them are left; the same command again/,
    );
    await empty();
    expect(arclet(submit, folder, few).said).toMatch(/makes 1 of 3 shards \(3\)\n.*joins them/);
    await empty();
    expect(filesOf(at("data", "few"))).toEqual(alone("few"));
  });

  test("a controller that does not answer: calls are repeated, and in the end one line says so", async () => {
    const submit = `${made("busy")} --shards 2 --on slurm --slurm time=10`;
    await slurm.stopController();
    const child = spawn("node", [program, ...words(submit)], {
      cwd: folder,
      env: { ...environment(), ...slurm.env },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
    const ended = new Promise((resolve) => child.once("close", resolve));
    await until(() => /controller is busy .* is called again/.test(said), "a repeated call");
    slurm.startController();
    expect(await ended).toBe(0);
    expect(said).toMatch(/makes 2 of 2 shards \(1-2\)\n.*joins them/);
    await empty();
    expect(existsSync(at("data", "busy"))).toBe(true);

    await slurm.stopController();
    const never = arclet(`${made("never")} --shards 2 --on slurm`, folder, { ARCLET_SLURM_PATIENCE: "4" });
    expect(never.status).toBe(2);
    expect(never.said).toMatch(
      /^arclet: (squeue|scontrol|sbatch): Slurm's controller has not answered for 4 s; give the same command later/m,
    );
    slurm.startController();
  });
});
