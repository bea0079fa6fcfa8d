/** Commands are killed before changes to the disk; the same command again ends with the same bytes. */
import { lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { killedAt, killedBefore, killingLibrary } from "../killing.ts";
import { slow } from "../slow.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine, program, words } from "./arclet.ts";

slow("starts each command a few times, and kills it");

const folder = folderWith("source", "target", "so", "pictures");
const { arclet, done } = commandLine(folder);
const typed = (line: string) => ({ words: [program, ...words(line)], cwd: folder });

/** A file without its times, and without hashes: a model's covers when it was made. */
const untimed = (text: string) =>
  text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "")
    .replace(/"(seconds|dataShare)":\s*[\d.e-]+/g, "")
    .replace(/[0-9a-f]{64}/g, "");

/** What a command wrote, by name. @param leave names that differ from run to run, being times */
const filesOf = (out: string, leave: RegExp) =>
  Object.fromEntries(
    readdirSync(join(folder, out), { recursive: true, encoding: "utf8" })
      .filter((name) => lstatSync(join(folder, out, name)).isFile() && !leave.test(name))
      .sort()
      .map((name) => [name, untimed(readFileSync(join(folder, out, name), "latin1"))]),
  );

writeFileSync(
  join(folder, "spec.yaml"),
  `source: source
target: target
out: killed
encoders: { small: { encoder: cnn, cnn.widths: [4, 8] } }
methods: { source-only: , mcc: }
settings: { epochs: 1, batch: 16, precision: float32 }
seeds: [0]
parallel: 1
`,
);
writeFileSync(join(folder, "base.yaml"), "epochs: 1\nbatch: 16\nprecision: float32\ncnn.widths: [4, 8]\n");

const idsOfTarget = () => {
  done("export target/table.parquet --out target.csv");
  const [head, ...rows] = readFileSync(join(folder, "target.csv"), "utf8").trim().split("\n");
  const column = head!.split(",").indexOf("id");
  return rows.map((row) => row.split(",")[column]!);
};
const graded = idsOfTarget().map((id, k) => `${id},${k % 4}`);
writeFileSync(join(folder, "graded.csv"), `id,grade\n${graded.join("\n")}\n`);

/** Of runs, the times of epochs, in checkpoints too; of a comparison, how long each took, and how often the seal was opened before. */
const TIMES =
  /\.log$|^[^/]+\/checkpoints\/|tfevents|seal\.json$|curves\.jsonl$|^table\.|report\.html$|metrics\.json$|\.md$|trials\.csv$/;
const NONE = /^$/;

const COMMANDS: [string, string, RegExp][] = [
  ["split", "split source --folds 2 --out killed", NONE],
  ["embed", "embed source target --runs so --most 20 --folds 2 --projection pca --out killed", NONE],
  ["explain", "explain target so --top 3 --out killed", NONE],
  ["explain --sanity", "explain source so --sanity --networks 1 --count 4 --out killed", NONE],
  ["probe", "probe target so --graded graded.csv --graded-soft grade --graded-range 0,3 --out killed", NONE],
  ["paint", "paint pictures --survey cfhtls --count 3 --out killed", NONE],
];
/** They start programs of their own, and take some twenty seconds each: bench/robustness kills them too. */
const OF_PROGRAMS: typeof COMMANDS = [
  [
    "tune",
    "tune source target --method mcc --encoder cnn --base base.yaml --trials 2 --rungs 1 --jobs 1 --out killed",
    TIMES,
  ],
  ["compare", "compare spec.yaml", TIMES],
];

test.each(process.env.ARCLET_EVERY_KILL === undefined ? COMMANDS : [...COMMANDS, ...OF_PROGRAMS])(
  "%s",
  (_, line, leave) => {
    for (const out of ["killed", "whole"]) rmSync(join(folder, out), { recursive: true, force: true });
    const library = killingLibrary();
    const at = (...names: string[]) => join(folder, ...names);
    done(line);
    renameSync(at("killed"), at("whole"));
    const whole = filesOf("whole", leave);
    expect(Object.keys(whole).length).toBeGreaterThan(1);
    let kills = 0;
    // Those that start programs of their own take seconds each time.
    for (const k of killedBefore(leave === TIMES ? { few: [25] } : {})) {
      rmSync(at("killed"), { recursive: true, force: true });
      if (!killedAt(library, typed(line), { at: k, under: "killed" })) break;
      // Before its last changes it may be whole already.
      const { status, stderr } = arclet(line);
      if (status !== 0) expect(stderr).toContain("a name that is not taken");
      expect(filesOf("killed", leave), `kill ${k}`).toEqual(whole);
      const left = readdirSync(folder).filter((name) => name.startsWith("killed."));
      // A lock that was to be removed last is stale, and the next to want it takes it.
      expect(
        left.filter((name) => status === 0 || name !== "killed.partial.lock"),
        `kill ${k}`,
      ).toEqual([]);
      kills++;
    }
    expect(kills).toBeGreaterThan(0);
  },
);
