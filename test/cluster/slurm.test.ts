/** Work that a real Slurm's jobs do, with what happens to jobs: nodes die, others preempt them, shards fail. */
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandLine, ownProcess, words } from "../cli/arclet.ts";
import { slow } from "../slow.ts";
import { hasSlurm, type ScratchSlurm, scratchSlurm, until } from "../tiny/slurm.ts";

slow("starts a Slurm, whose jobs are programs of their own and wait for its scheduler");

const folder = mkdtempSync(join(tmpdir(), "arclet-jobs-"));
const at = (...names: string[]) => join(folder, ...names);
let slurm: ScratchSlurm;

/** The files of a dataset, by name. */
const filesOf = (dataset: string) =>
  Object.fromEntries(
    readdirSync(dataset).map((name) => [name, readFileSync(join(dataset, name)).toString("base64")]),
  );

const SHARDS = 8;
const LINE = "simulate data/src --survey cfhtls --count 160 --size 24 --seed 3";

describe.skipIf(!hasSlurm)("with Slurm", () => {
  beforeAll(async () => {
    slurm = await scratchSlurm(4);
  });
  afterAll(async () => {
    await slurm?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const arclet = (line: string) => {
    const { status, stdout, stderr } = ownProcess(words(line), folder, slurm.env);
    return { status, said: stdout + stderr };
  };
  const quiet = () => slurm.hurry() === 0;

  test("a node dies, a job is preempted, a shard fails twice: every shard once, the bytes of one process", async () => {
    // The site's setup fails shard 5 twice, and holds the first shard on each of two nodes until the test has seen it there.
    const setup = [
      `if [ "$shard" = 5 ] && [ "$(cat ${at("failures")} 2>/dev/null | wc -l)" -lt 2 ]; then echo >>${at("failures")}; echo "no licence"; exit 1; fi`,
      `if [ "$SLURMD_NODENAME" = n2 ] && [ ! -e ${at("dead")} ]; then touch ${at("on-n2")}; sleep 600; fi`,
      `if [ "$SLURMD_NODENAME" = n3 ] && [ ! -e ${at("on-n3")} ]; then echo $shard >${at("on-n3")}; for k in $(seq 600); do [ -z "$why" ] || break; sleep 0.2; done; fi`,
    ];
    writeFileSync(at("site.yaml"), `partition: low\ntime: 10\nsetup: ${JSON.stringify(setup)}\n`);
    const submit = `${LINE} --shards ${SHARDS} --on slurm --profile site.yaml --at-most 4`;
    const first = arclet(submit);
    expect(first.said).toMatch(
      /src\.shards: job \d+ makes 8 of 8 shards \(1-8\)\n.*src\.shards: job \d+ joins them/,
    );
    expect(arclet(submit).said).toMatch(/all 8 absent shards are in the queue already/);

    await until(() => existsSync(at("on-n2")) && existsSync(at("on-n3")), "shards on n2 and n3");
    slurm.kill("n2");
    writeFileSync(at("dead"), "");
    slurm.ask("scontrol", "update", "NodeName=n2", "State=DOWN", "Reason=died");
    slurm.ask("sbatch", "-p", "high", "-w", "n3", "--output=/dev/null", "--wrap", "sleep 1");
    await until(quiet, "an empty queue");

    const preempted = readFileSync(at("on-n3"), "utf8").trim();
    expect(readFileSync(at("data", "src.shards", "logs", `000${preempted}.log`), "utf8")).toContain(
      `job: shard ${preempted} stops (preempted)`,
    );
    expect(existsSync(at("data", "src"))).toBe(false);
    const state = arclet("jobs data/src");
    expect(state.said).toMatch(
      /src\.shards: arclet simulate, 8 shards: 7 done, 1 gone\n {2}shard 5 gone: .*no licence/,
    );
    expect(readFileSync(at("data", "src.shards", "logs", "merge.log"), "utf8")).toMatch(
      /arclet: \S+: 1 of 8 shards are absent \(5\); give the same command without --merge/,
    );
    for (const _ of ["fails again", "ends"]) {
      expect(arclet(submit).said).toMatch(/job \d+ makes 1 of 8 shards \(5\)/);
      await until(quiet, "an empty queue");
    }
    expect(arclet("jobs data/src").said).toMatch(/8 shards: 8 done, joined in data\/src\n$/);
    const logs = readdirSync(at("data", "src.shards", "logs")).filter((name) => name !== "merge.log");
    expect(logs).toHaveLength(SHARDS);
    for (const log of logs)
      expect(
        readFileSync(at("data", "src.shards", "logs", log), "utf8").match(/shard \d of 8 is there/g),
      ).toHaveLength(1);

    const alone = mkdtempSync(join(folder, "alone-"));
    commandLine(alone).done(LINE);
    expect(filesOf(at("data", "src"))).toEqual(filesOf(join(alone, "data", "src")));
  });

  test("jobs import an array's images and paint arcs on them: the bytes of one process", async () => {
    const alone = mkdtempSync(join(folder, "alone-"));
    commandLine(folder).done("simulate sky --survey cfhtls --count 24 --prevalence 0.9 --seed 2");
    for (const where of [folder, alone])
      copyFileSync(at("sky", "images-00000.npy"), join(where, "cutouts.npy"));
    for (const [made, line] of Object.entries({
      real: "import cutouts.npy --bands i,r,g --pixel-scale 0.186 --survey cfhtls --max-saturated 1 --out real",
      painted: "paint real --survey cfhtls --count 9 --out painted",
    })) {
      expect(arclet(`${line} --shards 3 --on slurm --slurm partition=low`).said).toMatch(
        /job \d+ makes 3 of 3 shards \(1-3\)/,
      );
      await until(quiet, "an empty queue");
      expect(arclet(`jobs ${made}`).said).toMatch(new RegExp(`3 shards: 3 done, joined in ${made}\\n$`));
      commandLine(alone).done(line);
      expect(filesOf(at(made))).toEqual(filesOf(join(alone, made)));
    }
  });
});
