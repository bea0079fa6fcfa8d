/**
 * A finder, its cascades, and eager PyTorch by turns: images a second of whole commands, what is rejected, and what is lost of the
 * images that the finder puts above its threshold. A cascade is made on `ordinary` (simulated by ordinary.yaml, one lens in two
 * hundred), `lenses` (the same, seven in ten) and `rich` (the default recipe's look-alikes, seven in ten); its loss is promised for
 * the latter two. It is timed on `alone`, and judged on that, `default` (look-alikes, one lens in a hundred), `found` (as `lenses`)
 * and `held` (as `rich`), which are drawn by other seeds and in nothing before.
 *
 *   node --import tsx bench/cascade/compare.ts FOLDER [--ordinary 100000] [--lenses 40000] [--rich 16000] [--alone 50000]
 *     [--default 4000] [--found 6000] [--held 4000] [--finder hsc] [--epochs 24] [--thresholds 0.9] [--precision float32] [--rounds 3] [--finder-rounds 3] [--seconds 3]
 *     [--python /usr/bin/python3]
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDataset } from "../../src/dataset/dataset.ts";
import { wilson } from "../../src/evaluate/intervals.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ordinary: { type: "string", default: "100000" },
    rich: { type: "string", default: "16000" },
    lenses: { type: "string", default: "40000" },
    alone: { type: "string", default: "50000" },
    found: { type: "string", default: "6000" },
    default: { type: "string", default: "4000" },
    held: { type: "string", default: "4000" },
    finder: { type: "string", default: "hsc" },
    epochs: { type: "string", default: "24" },
    thresholds: { type: "string", default: "0.9" },
    precision: { type: "string", default: "float32" },
    rounds: { type: "string", default: "3" },
    /** Of them, those in which the finder alone is timed, too, which takes most of a round; none for all. */
    "finder-rounds": { type: "string" },
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
const { finder, precision } = options;
/** Runs a command; its wall time in seconds. */
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
simulated("ordinary", options.ordinary, 0.005, 11, OWN);
simulated("rich", options.rich, 0.7, 12);
simulated("lenses", options.lenses, 0.7, 13, OWN);
simulated("alone", options.alone, 0.005, 24, OWN);
simulated("found", options.found, 0.7, 25, OWN);
simulated("default", options.default, 0.01, 23);
simulated("held", options.held, 0.7, 21);
const thresholds = options.thresholds.split(",").map(Number);
const cascadeOf = (threshold: number) => `cascade-${finder}-${threshold}`;
for (const threshold of thresholds)
  made(
    cascadeOf(threshold),
    `cascade ${finder} ordinary rich lenses --promised-on rich,lenses --precision ${precision} --rows 100000 --epochs ${options.epochs} --scores scores.safetensors --threshold ${threshold} --out ${cascadeOf(threshold)}`,
  );

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const row = (...cells: readonly string[]): void => console.log(`| ${cells.join(" | ")} |`);
const loads = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(", ");

/** PyTorch's eager ResNet34 in float32, images a second. */
const peer = (): number => {
  const args = [join(here, "..", "encoders", "peer.py"), threads, "resnet34d", options.seconds];
  return 64 / JSON.parse(execFileSync(options.python, args, { encoding: "utf8", env })).score;
};
/** Scores a dataset, and says in how many seconds. */
const score = (data: string, model: string, out: string): number =>
  arclet(`score ${data} ${model} --out ${out} --prior-from none --precision ${precision}`);

interface Scored {
  score: number;
  rejected: boolean;
}

/** A score table by id. */
function tableOf(file: string): Map<string, Scored> {
  const [head, ...lines] = readFileSync(join(folder!, file), "utf8").trimEnd().split("\n");
  const at = (name: string) => head!.split(",").indexOf(name);
  const [id, value, rejected] = [at("id"), at("score"), at("rejected")];
  return new Map(
    lines.map((line) => {
      const cells = line.split(",");
      return [cells[id]!, { score: Number(cells[value]), rejected: cells[rejected] === "true" }];
    }),
  );
}

/** What a cascade rejects of a dataset, and loses of what its finder puts above the threshold, lenses or not. */
async function judged(data: string, threshold: number) {
  const cascade = cascadeOf(threshold);
  const [own, after] = [tableOf(`${data}-${finder}.csv`), tableOf(`${data}-${cascade}.csv`)];
  const apart = [...after].find(
    ([id, one]) => !one.rejected && Math.abs(one.score - own.get(id)!.score) > 1e-4,
  );
  if (apart !== undefined && precision === "float32")
    throw new Error(`${cascade}: ${apart[0]} passed with another score than the finder's`);
  const dataset = await openDataset(join(folder!, data));
  const label = dataset.column("label");
  const lenses = new Set(dataset.ids.filter((_, i) => label[i] === "lens"));
  dataset.close();
  const above = [...own].filter(([, one]) => one.score >= threshold).map(([id]) => id);
  const lost = above.filter((id) => after.get(id)!.rejected);
  const found = above.filter((id) => lenses.has(id));
  const rejected = [...after.values()].filter((one) => one.rejected).length / after.size;
  const foundLost = found.filter((id) => after.get(id)!.rejected).length;
  return {
    data,
    threshold,
    images: own.size,
    above: above.length,
    lost: lost.length,
    found: found.length,
    foundLost,
    rejected,
  };
}

console.log(`${threads} threads, ${precision}, load averages at the start ${loads()}\n`);
const speeds = {
  PyTorch: [] as number[],
  finder: [] as number[],
  cascades: thresholds.map(() => [] as number[]),
};
for (let round = 0; round < Number(options.rounds); round++) {
  speeds.PyTorch.push(peer());
  if (round < Number(options["finder-rounds"] ?? options.rounds))
    speeds.finder.push(Number(options.alone) / score("alone", finder, `alone-${finder}.csv`));
  for (const [k, threshold] of thresholds.entries()) {
    const cascade = cascadeOf(threshold);
    speeds.cascades[k]!.push(Number(options.alone) / score("alone", cascade, `alone-${cascade}.csv`));
  }
}
console.log(`load averages after the timing ${loads()}\n`);
row("images a second", "median", ...speeds.PyTorch.map((_, round) => `round ${round + 1}`), "times PyTorch");
row("---", ...Array<string>(2 + speeds.PyTorch.length).fill("---:"));
const torch = median(speeds.PyTorch);
const lines: [string, number[]][] = [
  ["PyTorch, ResNet34, eager float32", speeds.PyTorch],
  [`finder ${finder}`, speeds.finder],
  ...thresholds.map((threshold, k): [string, number[]] => [`cascade at ${threshold}`, speeds.cascades[k]!]),
];
for (const [name, values] of lines)
  row(
    name,
    ...[median(values), ...values].map((value) => value.toFixed(0)),
    ...speeds.PyTorch.slice(values.length).map(() => ""),
    (median(values) / torch).toFixed(2),
  );

for (const data of ["default", "found", "held"]) {
  made(
    `${data}-${finder}.csv`,
    `score ${data} ${finder} --out ${data}-${finder}.csv --prior-from none --precision ${precision}`,
  );
  for (const threshold of thresholds)
    score(data, cascadeOf(threshold), `${data}-${cascadeOf(threshold)}.csv`);
}
console.log("");
row("images", "threshold", "above it", "rejected", "of those above lost", "lenses among them lost");
row("---", ...Array<string>(5).fill("---:"));
const results = [];
for (const data of ["alone", "default", "found", "held"])
  for (const threshold of thresholds) {
    const one = await judged(data, threshold);
    const { low, high } = wilson(one.lost, one.above);
    results.push({ ...one, low, high });
    row(
      data,
      String(threshold),
      percent(one.above / one.images),
      percent(one.rejected),
      `${one.lost} of ${one.above}: ${percent(one.lost / one.above)} [${percent(low)}, ${percent(high)}]`,
      `${one.foundLost} of ${one.found}`,
    );
  }
writeFileSync(
  join(folder, "result.json"),
  `${JSON.stringify({ threads, precision, speeds, results }, null, 2)}\n`,
);
console.log(`\nload averages at the end ${loads()}`);
