/**
 * Runs command after command, each in its folder, as bin/arclet.mjs runs one. A command has ended when nothing of it is left
 * to do, as a process ends. Requests and answers are lines of JSON on descriptors 3 and 4; what commands print is in the
 * files that 1 and 2 are.
 */
import { readSync, writeSync } from "node:fs";
import { main } from "../../dist/cli/main.js";
import { loadedPlugins } from "../../dist/foundation/plugins.js";

const [REQUESTS, ANSWERS] = [3, 4];
/** Node's own for a program whose last await never ends. */
const UNSETTLED = 13;

/** Milliseconds after which a command is taken to hang: less than test/slow.ts gives a test. */
const MOST = process.env.ARCLET_GUIDES === undefined ? 240_000 : 540_000; // commands of guides train

let hanging;
let running = false;
let asked = [];
let settled = false;

// Node says so whenever nothing is left to do.
process.on("beforeExit", () => {
  if (running) answer();
  clearTimeout(hanging);
  const { args, folder } = nextRequest();
  process.chdir(folder);
  [running, settled, asked] = [true, false, args];
  hanging = setTimeout(() => {
    process.stderr.write("has not ended\n");
    process.exit(70);
  }, MOST).unref();
  setImmediate(async () => {
    await main(args);
    settled = true;
  });
});

/** What a plug-in brings stays, and so does its file as it was read: the commands after it need another program. */
function answer() {
  const spent = loadedPlugins().length > 0 || asked.some((word) => word.startsWith("--plugin"));
  const status = settled ? (process.exitCode ?? 0) : UNSETTLED;
  writeSync(ANSWERS, `${JSON.stringify({ status, spent })}\n`);
}

/** Waits for the next line; without any more, the program ends. */
function nextRequest() {
  const bytes = Buffer.alloc(65_536);
  let text = "";
  while (!text.endsWith("\n")) {
    const read = readSync(REQUESTS, bytes);
    if (read === 0) process.exit(0);
    text += bytes.toString("utf8", 0, read);
  }
  return JSON.parse(text);
}
