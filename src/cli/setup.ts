/** `arclet setup`: builds the native doors. `bin/arclet.mjs` runs it itself where they are missing, since this needs them. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { command } from "./command.ts";

const SETUP_SCRIPT = fileURLToPath(new URL("../../scripts/setup.sh", import.meta.url));

export const setup = command({
  details:
    "Installs what is missing of Debian's packages, as root or with sudo, else says what to install; then builds the doors to " +
    "libtorch, CFITSIO, WCSLIB and SEP. What is up to date is left alone. LIBTORCH=/path/to/libtorch takes another libtorch, " +
    "ARCLET_TORCH_PYTHON=python3 the one inside that Python's torch (docs/gpu.md). ARCLET_PREFIX=/path is a folder whose include/ " +
    "and lib/ have them, for a machine without root; conda's environment is looked into as well. Without SEP all but detect works.",
  schema: z.strictObject({}),
  example: "arclet setup",
  async run() {
    const { status } = spawnSync("bash", [SETUP_SCRIPT], { stdio: "inherit" });
    if (status === 0) console.log("set up");
    else process.exitCode = status ?? 1;
  },
});
