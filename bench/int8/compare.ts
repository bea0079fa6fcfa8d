/**
 * Scoring in integers of 8 bits by ONNX Runtime beside float32 and bfloat16 by libtorch, by turns in one process, since a shared
 * machine's speed drifts; each turn lasts some seconds, for single calls are slowed by the threads of the one before, which wait
 * by spinning. Networks have fresh weights: their values don't matter to the time. PyTorch's eager float32, by
 * bench/encoders/peer.py on one channel, is timed before and after each network in a program of its own.
 *
 *   node --import tsx bench/int8/compare.ts [--rounds 5] [--batch 64] [--threads 2] [--seconds 1] [--python /usr/bin/python3]
 */
import { execFileSync } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildNetwork } from "../../src/encoders/network.ts";
import { traceOfAnyBatch } from "../../src/onnx/any-batch.ts";
import { graphOf } from "../../src/onnx/lowering.ts";
import { onnxBytes } from "../../src/onnx/protobuf.ts";
import { observed } from "../../src/onnx/quantising/observe.ts";
import { planOf } from "../../src/onnx/quantising/plan.ts";
import { quantised } from "../../src/onnx/quantising/qdq.ts";
import { OnnxSession } from "../../src/onnx/runtime.ts";
import { autocast, noGrad } from "../../src/torch/autograd.ts";
import { zeros } from "../../src/torch/create.ts";
import { native } from "../../src/torch/native.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    batch: { type: "string", default: "64" },
    threads: { type: "string", default: String(availableParallelism()) },
    seconds: { type: "string", default: "1" },
    python: { type: "string", default: "/usr/bin/python3" },
  },
});
const [rounds, batch, threads, seconds] = [
  options.rounds,
  options.batch,
  options.threads,
  options.seconds,
].map(Number) as [number, number, number, number];
const CHANNELS = 3;
const SIDE = 64;
/** Encoder, its settings, and its name in peer.py. */
const NETWORKS: [string, Record<string, unknown>, string | null][] = [
  ["resnet34d", {}, "resnet34d"],
  ["equivariant", { preset: "small" }, null],
  ["equivariant", { preset: "deeplense" }, "deeplense"],
  ["cnn", {}, null],
  ["tf_efficientnet_b2_ns", {}, "tf_efficientnet_b2_ns"],
  ["densenet121", {}, "densenet121"],
];
/** PyTorch's batches. */
const PEER_BATCH = 64;
const PEER = join(import.meta.dirname, "..", "encoders", "peer.py");

/** Images a second that eager PyTorch scores in float32. */
function peer(name: string): number {
  const args = [PEER, String(threads), name, options.seconds];
  const env = { ...process.env, OMP_NUM_THREADS: String(threads) };
  return PEER_BATCH / JSON.parse(execFileSync(options.python, args, { encoding: "utf8", env })).score;
}

native().setThreads(threads);
const load = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(", ");
console.log(
  `Batches of ${batch} images of ${CHANNELS} × ${SIDE} × ${SIDE}, ${threads} threads, the fastest of ${rounds} rounds, ` +
    `images a second; load averages at the start ${load()}\n`,
);
const row = (...cells: readonly (string | number)[]) => console.log(`| ${cells.join(" | ")} |`);
row(
  "encoder",
  "PyTorch float32",
  "libtorch float32",
  "bfloat16",
  "ONNX Runtime float32",
  "int8",
  "int8, sums in float32",
  "int8 / PyTorch",
  "int8 / float32",
  "int8 / bfloat16",
);
row("---", ...Array<string>(9).fill("---:"));

for (const [encoder, config, peerName] of NETWORKS) {
  const before = peerName === null ? null : peer(peerName);
  const generator = new Generator(1);
  const network = tidy(() =>
    buildNetwork({
      encoder,
      config,
      head: null,
      channels: CHANNELS,
      size: [SIDE, SIDE],
      classes: 2,
      generator,
    }),
  ).layout("channels_last");
  const images = generator.normal([batch, CHANNELS, SIDE, SIDE]);
  const stored = images.contiguous("channels_last");
  tidy(() => noGrad(() => void network.train().encoder.forward(images.narrow(0, 0, 16))));
  network.train(false);
  const graph = noGrad(() =>
    graphOf(
      encoder,
      encoder,
      "images",
      traceOfAnyBatch(
        encoder,
        (n) => zeros([n, CHANNELS, SIDE, SIDE]),
        (x) => ({ logits: network.forward(x) }),
      ),
    ),
  );
  const input = { data: images.data() as Float32Array, shape: images.shape };
  const few = { data: input.data.slice(0, input.data.length / batch), shape: [1, CHANNELS, SIDE, SIDE] };
  const plan = planOf(graph);
  const histograms = await observed(
    encoder,
    graph,
    plan.tensors,
    () => [few],
    async () => {},
  );
  const sumsPlan = planOf(graph, 0, true);
  const graphs = [graph, quantised(graph, plan, histograms), quantised(graph, sumsPlan, histograms)];
  const about = { name: "arclet", version: "0", description: "" };
  const sessions: OnnxSession[] = [];
  for (const one of graphs)
    sessions.push(await OnnxSession.open(encoder, onnxBytes(one, about, {}), threads));
  const byTorch = (precision: "bfloat16" | null) => async () =>
    tidy(() =>
      noGrad(
        () =>
          void autocast(precision, () => network.forward(stored))
            .to("float32")
            .data(),
      ),
    );
  const ways = [byTorch(null), byTorch("bfloat16"), ...sessions.map((one) => () => one.run(input))];
  const speeds = [0, 0, 0, 0, 0] as [number, number, number, number, number];
  for (let round = 0; round < rounds; round++)
    for (const [k, way] of ways.entries()) {
      // The first call prepares kernels, and threads of the way before may still spin.
      await way();
      const start = performance.now();
      let images = 0;
      for (; performance.now() - start < 1000 * seconds; images += batch) await way();
      speeds[k] = Math.max(speeds[k]!, (1000 * images) / (performance.now() - start));
    }
  const eager = before === null ? null : Math.max(before, peer(peerName!));
  const name = "preset" in config ? `${encoder}, preset ${config.preset}` : encoder;
  row(
    name,
    eager?.toFixed(0) ?? "",
    ...speeds.slice(0, 4).map((speed) => speed.toFixed(0)),
    sumsPlan.sums.size > 0 ? speeds[4].toFixed(0) : "",
    eager === null ? "" : (speeds[3] / eager).toFixed(2),
    (speeds[3] / speeds[0]).toFixed(2),
    (speeds[3] / speeds[1]).toFixed(2),
  );
  for (const one of sessions) await one.close();
  network.dispose();
}
console.log(`\nload averages at the end ${load()}`);
