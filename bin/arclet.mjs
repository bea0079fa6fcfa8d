#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const built = (path) => existsSync(fileURLToPath(new URL(`../${path}`, import.meta.url)));
const missing = ["node_modules", "dist/cli/main.js", "build/torch.node", "build/sky.node"].filter(
  (path) => !built(path),
);
// Installed as a package, the dependencies lie above this folder.
if (missing[0] === "node_modules" && built("../../node_modules")) missing.shift();

if (missing.length > 0) {
  const home = fileURLToPath(new URL("..", import.meta.url));
  process.stderr.write(`arclet: not set up (${missing.join(", ")} missing): run npm run setup in ${home}\n`);
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
