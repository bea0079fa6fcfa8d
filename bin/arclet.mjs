#!/bin/sh
':' //; n=$(ulimit -n 2>/dev/null); case "$n" in [0-9]|[1-5][0-9]|6[0-3]) echo "arclet: too few file descriptors: ulimit -n is $n (1024 is usual)" >&2; exit 2;; esac; exec node "$0" "$@"
// Line 2 is the shell's, and a text with a comment to Node. With fewer than twenty descriptors Node ends by a signal or with a
// stack before it has read a line of this file; fewer than a hundred are not enough to load a command.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const built = (path) => existsSync(fileURLToPath(new URL(`../${path}`, import.meta.url)));
const missing = ["node_modules", "dist/cli/main.js", "build/torch.node", "build/sky.node"].filter(
  (path) => !built(path),
);
// Installed as a package, the dependencies lie above this folder.
if (missing[0] === "node_modules" && built("../../node_modules")) missing.shift();

const home = fileURLToPath(new URL("..", import.meta.url));
if (missing.length > 0 && process.argv.slice(2).join() === "setup") {
  const { status } = spawnSync("bash", [`${home}scripts/setup.sh`], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} else if (missing.length > 0) {
  const how = built("package-lock.json") ? `npm run setup in ${home}` : "npx arclet setup";
  process.stderr.write(`arclet: not set up (${missing.join(", ")} missing): run ${how}\n`);
  process.exitCode = 2;
} else {
  // Node 22.1 and later keep compiled code from one command to the next.
  module.enableCompileCache?.();
  try {
    const { main } = await import("../dist/cli/main.js");
    await main(process.argv.slice(2));
  } catch (error) {
    // Too few for the program's own files, before anything of it runs.
    if (error?.code !== "EMFILE") throw error;
    process.stderr.write("arclet: too many open files (see ulimit -n)\n");
    process.exitCode = 2;
  }
}
