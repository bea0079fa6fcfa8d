/**
 * A training process that is stopped at a given step: `child.ts CONFIG.json SIGNAL STEP`. The loop lets events run
 * once before each step, so that its calls of setImmediate count the steps.
 */
import { readFileSync } from "node:fs";
import { listenForInterrupts } from "../../src/foundation/interrupt.ts";
import { train } from "../../src/train/train.ts";

const [configFile, signal, at] = process.argv.slice(2) as [string, NodeJS.Signals, string];
listenForInterrupts();
const real = globalThis.setImmediate;
let steps = 0;
globalThis.setImmediate = ((...args: Parameters<typeof real>) => {
  if (++steps === Number(at)) process.kill(process.pid, signal);
  return real(...args);
}) as typeof real;
try {
  await train(JSON.parse(readFileSync(configFile, "utf8")));
} catch (error) {
  console.log((error as Error).message);
  process.exit((error as { exitCode?: number }).exitCode ?? 1);
}
