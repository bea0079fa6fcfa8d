/**
 * An encoder's training step and scoring pass as Arclet does them; peer.py does the same with plain PyTorch. Prints one
 * JSON object of seconds, and the peak resident size.
 *
 *   node --import tsx bench/encoders/tasks.ts THREADS ENCODER SECONDS [CONFIG]
 */
import { buildNetwork } from "../../src/encoders/network.ts";
import { setThreads } from "../../src/torch/machine.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { timeNetwork } from "../../src/train/timing.ts";

const [, , threads = "1", encoder = "", seconds = "3", config = "{}"] = process.argv;
setThreads(Number(threads));
const network = tidy(() =>
  buildNetwork({
    encoder,
    config: JSON.parse(config),
    head: null,
    channels: 1,
    size: [64, 64],
    classes: 2,
    generator: new Generator(0),
  }),
).layout("channels_last");
const parameters = network.encoder.parameters().reduce((sum, one) => sum + one.size, 0);
const times = timeNetwork(network, [64, 1, 64, 64], Number(seconds));
console.log(JSON.stringify({ parameters, ...times, peak: process.resourceUsage().maxRSS * 1024 }));
