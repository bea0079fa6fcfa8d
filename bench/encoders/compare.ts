/**
 * Every encoder's training step and scoring pass in Arclet and in plain PyTorch by turns, and the ratios of their
 * times. A ratio is of neighbours in time, since a shared machine's speed drifts; the median of the rounds is printed.
 *
 *   node --import tsx bench/encoders/compare.ts [--rounds 3] [--seconds 3] [--threads 2] [--python /usr/bin/python3]
 *     [--only resnet34d,equivariant-deeplense]
 */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

interface Ours {
  parameters: number;
  train: { float32: number; bfloat16: number };
  score: { float32: number; bfloat16: number };
  peak: number;
}
interface Theirs {
  parameters: number;
  train: number;
  score: number;
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    threads: { type: "string", default: String(availableParallelism()) },
    python: { type: "string", default: "/usr/bin/python3" },
    only: { type: "string", default: "" },
  },
});
const BATCH = 64;
const wanted = (name: string) => options.only === "" || options.only.split(",").includes(name);
/** Training the network of preset deeplense in PyTorch with e2cnn, recorded on two cores: images a second. */
const RECORDED = 6.4;

const here = dirname(fileURLToPath(import.meta.url));
const env = { ...process.env, ARCLET_THREADS: options.threads, OMP_NUM_THREADS: options.threads };
const run = (command: string, args: readonly string[]) =>
  JSON.parse(execFileSync(command, args, { encoding: "utf8", env }));
const arclet = (encoder: string, config: object): Ours =>
  run(process.execPath, [
    ...["--import", "tsx", join(here, "tasks.ts")],
    ...[options.threads, encoder, options.seconds, JSON.stringify(config)],
  ]);
const python = (encoder: string): Theirs =>
  run(options.python, [join(here, "peer.py"), options.threads, encoder, options.seconds]);

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const speed = (seconds: number) => (BATCH / seconds).toFixed(0);

function row(...cells: readonly string[]) {
  console.log(`| ${cells.join(" | ")} |`);
}

console.log(
  `Batches of ${BATCH} images of 1 × 64 × 64, ${options.threads} threads, ${options.rounds} rounds; images a second, ` +
    "and in brackets how many times PyTorch's float32\n",
);
row("encoder", "PyTorch train", "float32", "bfloat16", "PyTorch score", "float32", "bfloat16", "peak, MB");
row("---", ...Array.from({ length: 7 }, () => "---:"));
for (const [encoder, config] of [
  ["resnet34d", {}],
  ["tf_efficientnet_b2_ns", {}],
  ["densenet121", {}],
  ["vit_tiny_patch16_224", { patch: 8 }],
] as const) {
  if (!wanted(encoder)) continue;
  const rounds = Array.from({ length: Number(options.rounds) }, (_, round) => {
    const first = round % 2 === 0 ? arclet(encoder, config) : null;
    const theirs = python(encoder);
    const ours = first ?? arclet(encoder, config);
    if (ours.parameters !== theirs.parameters)
      throw new Error(`${encoder}: ${ours.parameters} parameters here, ${theirs.parameters} in PyTorch`);
    return { ours, theirs };
  });
  const cells = (["train", "score"] as const).flatMap((task) => [
    speed(median(rounds.map(({ theirs }) => theirs[task]))),
    ...(["float32", "bfloat16"] as const).map((precision) => {
      const time = median(rounds.map(({ ours }) => ours[task][precision]));
      const ratio = median(rounds.map(({ ours, theirs }) => theirs[task] / ours[task][precision]));
      return `${speed(time)} (${ratio.toFixed(2)})`;
    }),
  ]);
  row(encoder, ...cells, (median(rounds.map(({ ours }) => ours.peak)) / 2 ** 20).toFixed(0));
}
// PyTorch's is the same convolutions with filters that are expanded once: for scoring it is what e2cnn does.
for (const preset of ["deeplense", "small"].filter((name) => wanted(`equivariant-${name}`))) {
  const rounds = Array.from({ length: Number(options.rounds) }, () => {
    const ours = arclet("equivariant", { preset });
    return { ours, theirs: preset === "deeplense" ? python(preset).score : null };
  });
  const cells = (["train", "score"] as const).flatMap((task) => [
    preset !== "deeplense"
      ? ""
      : task === "train"
        ? `${RECORDED} recorded`
        : speed(median(rounds.map(({ theirs }) => theirs!))),
    ...(["float32", "bfloat16"] as const).map((precision) => {
      const time = median(rounds.map(({ ours }) => ours[task][precision]));
      if (preset !== "deeplense") return speed(time);
      const ratio =
        task === "train"
          ? BATCH / time / RECORDED
          : median(rounds.map(({ ours, theirs }) => theirs! / ours[task][precision]));
      return `${speed(time)} (${ratio.toFixed(2)})`;
    }),
  ]);
  const peak = median(rounds.map(({ ours }) => ours.peak));
  row(`equivariant, ${preset}`, ...cells, (peak / 2 ** 20).toFixed(0));
}
