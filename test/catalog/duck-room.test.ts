/** Under a limit of addresses DuckDB is not opened where it would end the program by a signal. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { slow } from "../slow.ts";

slow("starts a program");

test.runIf(process.platform === "linux")("too little room is refused by one line that names the file", () => {
  const duck = JSON.stringify(join(import.meta.dirname, "../../dist/catalog/duck.js"));
  // All but 100 MB of what is allowed is taken before.
  const program = `import(${duck}).then(async ({ duckDB, withDuckDB }) => {
    duckDB();
    const { readFileSync } = await import("node:fs");
    const taken = () => 1024 * Number(/VmSize:\\\\s+(\\\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
    const memory = [];
    while (taken() < 1.9e9) memory.push(Buffer.allocUnsafeSlow(2 ** 25));
    await withDuckDB(":memory:", "table.parquet", () => {});
  }).catch((error) => console.log(error.message))`;
  const limited = `ulimit -v ${Math.round(2e9 / 1024)}; exec node -e '${program.replaceAll("\\\\", "\\")}'`;
  const { status, stdout } = spawnSync("sh", ["-c", limited], { encoding: "utf8", timeout: 120_000 });
  expect(stdout).toMatch(
    /^table\.parquet: too little memory is allowed: DuckDB needs 0\.3 GiB of addresses to open, 0\.[01] are left; raise ulimit -v, or take it away\n$/,
  );
  expect(status).toBe(0);
});
