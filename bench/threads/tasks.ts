/**
 * Images a second of simulating, training and scoring, as means over some seconds: on a busy machine the best step says
 * little. Prints one JSON object.
 *
 *   node --import tsx bench/threads/tasks.ts THREADS SECONDS
 */
import { buildNetwork } from "../../src/encoders/network.ts";
import { observe } from "../../src/lensing/observe.ts";
import { render } from "../../src/lensing/render.ts";
import { AdamW } from "../../src/nn/optim/adamw.ts";
import { noGrad } from "../../src/torch/autograd.ts";
import { tensor } from "../../src/torch/create.ts";
import { setThreads } from "../../src/torch/machine.ts";
import { crossEntropy } from "../../src/torch/neural.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { caseOf, SIZE, SURVEY, sceneOf } from "../simulate/scenes.ts";

const [, , threads = "2", seconds = "3"] = process.argv;
setThreads(Number(threads));

/** Images a second of a body that works on `images` of them. */
function rate(images: number, body: (turn: number) => void): number {
  body(0);
  const start = performance.now();
  let turns = 0;
  while (performance.now() - start < Number(seconds) * 1e3) body(++turns);
  return (turns * images * 1e3) / (performance.now() - start);
}

const scenes = Array.from({ length: 512 }, (_, i) => sceneOf(caseOf(i)));
const BATCH = 32;
const simulate = rate(BATCH, (turn) => {
  const first = (turn * BATCH) % scenes.length;
  const batch = scenes.slice(first, first + BATCH);
  tidy(() => {
    const { images } = render(batch, SURVEY, SIZE, {});
    const rows = batch.map((_, k) => first + k);
    observe(images, batch, rows, SURVEY).data();
  });
});

const network = tidy(() =>
  buildNetwork({
    encoder: "resnet34d",
    config: {},
    head: null,
    channels: 1,
    size: [64, 64],
    classes: 2,
    generator: new Generator(0),
  }),
);
const optimizer = new AdamW(network.namedParameters(), { lr: 1e-4 });
const x = tidy(() => new Generator(0).normal([64, 1, 64, 64]));
const y = tensor(
  Array.from({ length: 64 }, (_, i) => i % 2),
  [64],
  { dtype: "int64" },
);
const train = rate(64, () =>
  tidy(() => {
    optimizer.zeroGrad();
    const loss = crossEntropy(network.forward(x), y);
    loss.backward();
    optimizer.step();
  }),
);
network.train(false);
const score = rate(64, () => tidy(() => noGrad(() => network.forward(x).sum().item())));
console.log(JSON.stringify({ simulate, train, score }));
