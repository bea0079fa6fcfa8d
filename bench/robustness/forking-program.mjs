/**
 * Runs each command in a process of its own that is forked from this one, where libtorch and all else is loaded already: it is
 * killed, fails and ends as any process does, without the second that a start takes.
 *
 *   node --single-threaded --v8-pool-size=0 forking-program.mjs ADDON
 *
 * Requests are lines of JSON on descriptor 3: `args`, `folder`, `env`, and the files `stdout` and `stderr`. Two answers each on
 * descriptor 4: the process, and how it ended (forking.c).
 */
import { randomUUID } from "node:crypto";
import { openSync, readdirSync, readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** By Node's `randomUUID`. */
const DRAWN_AHEAD = 128;
const DIST = join(import.meta.dirname, "..", "..", "dist");
const addon = createRequire(import.meta.url)(process.argv[2]);
const { main } = await import(join(DIST, "cli", "main.js"));
await loadAll();
const request = await nextForked();
for (const [name, value] of Object.entries(request.env)) process.env[name] = value;
process.chdir(request.folder);
process.on("exit", leave);
await main(request.args);
ended();

/** All that a command may load later. */
async function loadAll() {
  for (const name of readdirSync(join(DIST, "cli")))
    if (name.endsWith(".js") && name !== "main.js") await import(join(DIST, "cli", name));
  for (const name of "torch/native sky/door catalog/duck".split(" ")) await import(join(DIST, `${name}.js`));
  (await import(join(DIST, "torch", "native.js"))).native();
}

/** Forks for each request, or runs it here where it says `warm`: what follows is faster then. @returns in the child, the request that is its own */
async function nextForked() {
  const bytes = Buffer.alloc(65_536);
  for (;;) {
    let text = "";
    while (!text.endsWith("\n")) {
      const read = readSync(3, bytes);
      if (read === 0) addon.exit(0);
      text += bytes.toString("utf8", 0, read);
    }
    const asked = JSON.parse(text);
    if (asked.warm) {
      process.chdir(asked.folder);
      await main(asked.args);
      while (process.getActiveResourcesInfo().some((name) => name !== "Immediate"))
        await new Promise((done) => setTimeout(done, 2));
      writeSync(4, `0\n${process.exitCode ?? 0}\n`);
      process.exitCode = undefined;
      continue;
    }
    const child = addon.fork();
    if (child === 0) {
      ownSelf();
      for (const [k, name] of ["stdout", "stderr"].entries()) addon.dup2(openSync(asked[name], "w"), k + 1);
      return asked;
    }
    writeSync(4, `${child}\n`);
    writeSync(4, `${addon.wait()}\n`);
  }
}

/** A forked process has its parent's number in Node, and the random names that its parent drew ahead. */
function ownSelf() {
  Object.defineProperty(process, "pid", { value: addon.pid() });
  for (let k = 0; k < DRAWN_AHEAD; k++) randomUUID();
}

/** Leaves once nothing is left to do, as a process ends. Node would wait for V8's tasks then, which no thread here runs. */
function ended() {
  if (process.getActiveResourcesInfo().some((name) => name !== "Immediate")) setTimeout(ended, 2);
  else leave(0);
}

/** Node's own end waits for threads that a forked process has not. */
function leave(code) {
  const status = process.exitCode ?? code;
  for (const listener of process.listeners("exit")) if (listener !== leave) listener(code);
  addon.exit(status);
}
