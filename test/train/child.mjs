/**
 * A training process that is stopped at a given step: `child.mjs CONFIG.json SIGNAL STEP`. The loop lets events run
 * once before each step, so that its calls of setImmediate count the steps.
 */
import { readFileSync } from "node:fs";
import { listenForInterrupts } from "../../dist/foundation/interrupt.js";
import { train } from "../../dist/train/train.js";

const [configFile, signal, at] = process.argv.slice(2);
listenForInterrupts();
const real = globalThis.setImmediate;
let steps = 0;
globalThis.setImmediate = (...args) => {
  if (++steps === Number(at)) process.kill(process.pid, signal);
  return real(...args);
};
try {
  await train(JSON.parse(readFileSync(configFile, "utf8")));
} catch (error) {
  console.log(error.message);
  process.exit(error.exitCode ?? 1);
}
