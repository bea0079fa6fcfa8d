/** Under a limit of addresses, libtorch is not loaded where it would never end. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addressesLeft } from "../../src/torch/address-room.ts";
import { slow } from "../slow.ts";

slow("starts a program");

const limits = (soft: string) => `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max address space         ${soft}           unlimited            bytes
`;

test("what is left is the limit less what is taken", () => {
  const status = "Name:\tnode\nVmPeak:\t  900 kB\nVmSize:\t  700 kB\n";
  expect(addressesLeft(limits("1024000"), status)).toBe(1024000 - 700 * 1024);
  expect(addressesLeft(limits("unlimited"), status)).toBe(Number.POSITIVE_INFINITY);
});

test.runIf(process.platform === "linux")("too little is refused by one line, and nothing hangs", () => {
  const door = JSON.stringify(join(import.meta.dirname, "../../dist/torch/native.js"));
  const program = `import(${door}).then(({ native }) => native()).catch((error) => console.log(error.message))`;
  const { status, stdout } = spawnSync("sh", ["-c", `ulimit -v 1600000; exec node -e '${program}'`], {
    encoding: "utf8",
    timeout: 120_000,
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^torch: too little memory is allowed: libtorch needs 1 GiB of addresses to load, 0\.\d are left; raise ulimit -v, or take it away\n$/,
  );
});
