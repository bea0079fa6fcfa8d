/**
 * Does one thing many times, and says `done` now and then, once its garbage is collected:
 *
 *   node --expose-gc memory-program.mjs PART TIMES WORLD FOLDER
 */
import { cpSync, mkdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { askedServer } from "../../test/broken/asking.mjs";

const [part, times, world, folder] = [
  process.argv[2],
  Number(process.argv[3]),
  process.argv[4],
  process.argv[5],
];
const LOOKS = 50;
const STEPS_OF_EPOCH = 20;
const { main } = await import(join(import.meta.dirname, "..", "..", "dist", "cli", "main.js"));
const done = () => {
  globalThis.gc();
  writeSync(1, "done \n");
};
mkdirSync(folder, { recursive: true });
for (const name of ["source", "so"]) cpSync(join(world, name), join(folder, name), { recursive: true });
process.chdir(folder);
process.stdout.write = () => true;
process.stderr.write = () => true;
await { "steps of training": training, "scored images": scoring, "requests to inspect": asking }[part]();
done();
process.exit(process.exitCode ?? 0);

/** One run, looked at every second. */
async function training() {
  const epochs = Math.ceil(times / STEPS_OF_EPOCH);
  const line = `train source --out out --method source-only --epochs ${epochs} --preset paper --encoder cnn --cnn.widths 4,8`;
  const timer = setInterval(done, 1000);
  await main([...line.split(" "), "--batch", "3", "--precision", "float32"]);
  clearInterval(timer);
}

/** One command after the other, in one program. */
async function scoring() {
  const { count } = (await import(join(folder, "source", "dataset.json"), { with: { type: "json" } }))
    .default;
  const rounds = Math.ceil(times / count);
  for (let k = 0; k < rounds; k++) {
    await main("score source so --prior-from none --out out.csv".split(" "));
    if (process.exitCode) return;
    if (k % Math.ceil(rounds / LOOKS) === 0) done();
  }
}

/** All that a grader's pages ask for, without a pause. */
async function asking() {
  const { files, ask } = await askedServer(world, folder);
  for (let k = 0; k < times; k++) {
    // An act is numbered, or it would be one that is told again.
    const request = k.toString(16).padStart(32, "0");
    await ask(
      Buffer.from(files[k % files.length].toString().replace(/"request":"\w+"/, `"request":"${request}"`)),
    );
    if (k % Math.ceil(times / LOOKS) === 0) done();
  }
}
