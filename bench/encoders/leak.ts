/**
 * A thousand training steps of every encoder on small images: live tensors must not grow, and resident memory is printed
 * after 100 and after 1,000 steps.
 *
 *   node --import tsx bench/encoders/leak.ts [STEPS]
 */
import { buildNetwork } from "../../src/encoders/network.ts";
import { encoders } from "../../src/encoders/registry.ts";
import { AdamW } from "../../src/nn/optim/adamw.ts";
import { tensor } from "../../src/torch/create.ts";
import { setThreads } from "../../src/torch/machine.ts";
import { crossEntropy } from "../../src/torch/neural.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";

const STEPS = Number(process.argv[2] ?? 1000);
setThreads(2);
const megabytes = () => (process.memoryUsage().rss / 2 ** 20).toFixed(0);
console.log("| encoder | live tensors at 100 | at the end | MB at 100 | at the end |");
console.log("| --- | ---: | ---: | ---: | ---: |");
for (const encoder of encoders.names) {
  const generator = new Generator(0);
  const size = [32, 32] as const;
  const network = tidy(() =>
    buildNetwork({ encoder, head: null, channels: 1, size, classes: 2, generator }),
  ).layout("channels_last");
  const optimizer = new AdamW(network.namedParameters(), { lr: 1e-4 });
  const seen: string[] = [];
  for (let step = 1; step <= STEPS; step++) {
    tidy(() => {
      const x = generator.normal([2, 1, ...size]);
      optimizer.zeroGrad();
      crossEntropy(network.forward(x), tensor([0, 1], [2], { dtype: "int64" })).backward();
      optimizer.step();
    });
    if (step === 100 || step === STEPS) seen.push(String(liveTensors()), megabytes());
  }
  console.log(`| ${[encoder, seen[0], seen[2], seen[1], seen[3]].join(" | ")} |`);
  if (seen[0] !== seen[2]) process.exitCode = 1;
  optimizer.dispose();
  network.dispose();
}
