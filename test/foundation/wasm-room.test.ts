/** Under a limit of addresses, what needs WebAssembly is refused by one line. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { refuseWithoutWasmRoom } from "../../src/foundation/wasm-room.ts";
import { slow } from "../slow.ts";

slow("starts a program");

test("without a limit there is room", () => {
  expect(() => refuseWithoutWasmRoom("here", "it")).not.toThrow();
});

test.runIf(process.platform === "linux")("with a limit it is said what has no room", () => {
  const file = JSON.stringify(join(import.meta.dirname, "../../dist/foundation/wasm-room.js"));
  const program = `import(${file}).then((it) => it.refuseWithoutWasmRoom("set.h5", "it")).catch((error) => console.log(error.message))`;
  const { stdout } = spawnSync("sh", ["-c", `ulimit -v 2000000; exec node -e '${program}'`], {
    encoding: "utf8",
  });
  expect(stdout).toBe(
    "set.h5: too little memory is allowed: it has no room to load; raise ulimit -v, or take it away\n",
  );
});
