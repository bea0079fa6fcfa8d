/**
 * A finder, its cascade, and eager PyTorch by turns: images a second of whole commands, what is rejected, and which lenses are
 * lost. The survey is simulated by ordinary.yaml, with one lens in two hundred; the lens-rich images by the default recipe, look-alikes
 * and seven lenses in ten; the held-out ones, drawn like the lens-rich by another seed, are in neither. Finders: the ResNet34 that
 * this trains on simulated images, and `hsc`.
 *
 *   node --import tsx bench/cascade/compare.ts FOLDER [--survey 100000] [--rich 20000] [--held 10000] [--alone 5000]
 *     [--train 20000] [--epochs 4] [--rows 50000] [--finders resnet,hsc] [--rounds 3] [--seconds 3] [--python /usr/bin/python3]
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDataset } from "../../src/dataset/dataset.ts";
import { type Cascade, cascadeSchema } from "../../src/evaluate/cascade/file.ts";
import { wilson } from "../../src/evaluate/intervals.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    survey: { type: "string", default: "100000" },
    rich: { type: "string", default: "20000" },
    held: { type: "string", default: "10000" },
    alone: { type: "string", default: "5000" },
    train: { type: "string", default: "20000" },
    epochs: { type: "string", default: "4" },
    rows: { type: "string", default: "50000" },
    finders: { type: "string", default: "resnet,hsc" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    python: { type: "string", default: "/usr/bin/python3" },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("bench/cascade: give the folder to work in");
const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, "..", "..", "bin", "arclet.mjs");
const threads = String(availableParallelism());
const env = { ...process.env, ARCLET_THREADS: threads, OMP_NUM_THREADS: threads };
const arclet = (line: string): number => {
  const start = performance.now();
  execFileSync(process.execPath, [program, ...line.split(" ").filter(Boolean)], {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return (performance.now() - start) / 1000;
};
const made = (name: string, line: string): void => {
  if (!existsSync(join(folder, name))) arclet(line);
};

const SKY = "--survey hsc --pixels flux --bands g,r,i --size 64 --test-fraction 0";
const OWN = `--recipe ${join(here, "ordinary.yaml")}`;
const simulated = (name: string, count: string, prevalence: number, seed: number, recipe = ""): void =>
  made(name, `simulate ${name} ${SKY} ${recipe} --prevalence ${prevalence} --count ${count} --seed ${seed}`);
simulated("survey", options.survey, 0.005, 11, OWN);
simulated("rich", options.rich, 0.7, 12);
simulated("held", options.held, 0.7, 21);
simulated("alone", options.alone, 0.005, 22, OWN);
const names = options.finders.split(",");
if (names.includes("resnet")) {
  simulated("train", options.train, 0.5, 13);
  made(
    "resnet/model.safetensors",
    `train train --out resnet --method source-only --preset survey --encoder resnet34d --epochs ${options.epochs} --seed 1`,
  );
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const row = (...cells: readonly string[]): void => console.log(`| ${cells.join(" | ")} |`);

/** PyTorch's eager ResNet34 in float32, images a second. */
const peer = (): number => {
  const args = [join(here, "..", "encoders", "peer.py"), threads, "resnet34d", options.seconds];
  return 64 / JSON.parse(execFileSync(options.python, args, { encoding: "utf8", env })).score;
};

/** A score table by id. */
function tableOf(file: string): Map<string, { score: number; rejected: boolean }> {
  const [head, ...lines] = readFileSync(join(folder!, file), "utf8").trimEnd().split("\n");
  const at = (name: string) => head!.split(",").indexOf(name);
  const [id, score, rejected] = [at("id"), at("score"), at("rejected")];
  return new Map(
    lines.map((line) => {
      const cells = line.split(",");
      return [cells[id]!, { score: Number(cells[score]), rejected: cells[rejected] === "true" }];
    }),
  );
}

/** Lenses of the held-out images that the finder puts above its threshold, and how many of them the cascade rejects. */
async function lossOn(
  finder: string,
  cascade: string,
): Promise<{ lenses: number; lost: number; equal: boolean }> {
  const [alone, both] = [`held-${finder}.csv`, `held-${finder}-cascade.csv`];
  made(alone, `score held ${finder} --out ${alone} --prior-from none`);
  made(both, `score held ${cascade} --out ${both} --prior-from none`);
  const [own, after] = [tableOf(alone), tableOf(both)];
  const held = await openDataset(join(folder!, "held"));
  const [label, lens] = [held.column("label"), "lens"];
  const found = held.ids.filter((id, i) => label[i] === lens && own.get(id)!.score >= 0.5);
  held.close();
  const equal = [...after].every(
    ([id, one]) => one.rejected || Math.abs(one.score - own.get(id)!.score) < 1e-4,
  );
  return { lenses: found.length, lost: found.filter((id) => after.get(id)!.rejected).length, equal };
}

const loads = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(", ");
console.log(`${threads} threads, load averages at the start ${loads()}\n`);
row(
  "finder",
  "rejected of the survey",
  "lenses of held-out images lost",
  "PyTorch",
  "finder alone",
  "finder alone, bfloat16",
  "cascade",
  "cascade / PyTorch",
);
row("---", ...Array<string>(7).fill("---:"));
for (const finder of names) {
  const cascade = `cascade-${finder}`;
  made(cascade, `cascade ${finder} survey rich --rows ${options.rows} --precision auto --out ${cascade}`);
  const file = join(folder, cascade, "cascade.json");
  const about: Cascade = cascadeSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const { lenses, lost, equal } = await lossOn(finder, cascade);
  if (!equal) throw new Error(`${cascade}: an image that passed has another score than the finder's`);
  const [pythons, float, lower, whole]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let round = 0; round < Number(options.rounds); round++) {
    pythons.push(peer());
    float.push(Number(options.alone) / arclet(`score alone ${finder} --out alone.csv --prior-from none`));
    lower.push(
      Number(options.alone) /
        arclet(`score alone ${finder} --out alone.csv --prior-from none --precision bfloat16`),
    );
    whole.push(
      Number(options.survey) /
        arclet(`score survey ${cascade} --out whole.parquet --prior-from none --precision bfloat16`),
    );
  }
  const interval = wilson(lost, lenses);
  const speeds = [pythons, float, lower, whole].map(median);
  const measured = { finder, rejected: about.data[0]!.rejected, lenses, lost, interval, speeds };
  writeFileSync(join(folder, `${cascade}.result.json`), `${JSON.stringify(measured, null, 2)}\n`);
  row(
    finder,
    percent(measured.rejected),
    `${lost} of ${lenses}: ${percent(lost / lenses)} [${percent(interval.low)}, ${percent(interval.high)}]`,
    ...speeds.map((speed) => speed.toFixed(0)),
    (speeds[3]! / speeds[0]!).toFixed(1),
  );
}
console.log(`\nload averages at the end ${loads()}`);
