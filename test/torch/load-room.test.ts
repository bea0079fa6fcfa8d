/** Under a limit of addresses or data, libtorch is not loaded where it would never end, or end by a signal. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { slow } from "../slow.ts";

slow("starts programs");

test.runIf(process.platform === "linux").each([
  [
    "-v 1600000",
    /^torch: too little memory is allowed: libtorch needs [\d.]+ GiB of addresses to load, 0\.\d are left; raise ulimit -v, or take it away\n$/,
  ],
  [
    "-d 300000",
    /^torch: too little memory is allowed: libtorch needs [\d.]+ GiB of data to load, 0\.\d are left; raise ulimit -d, or take it away\n$/,
  ],
])("too little is refused by one line, and nothing hangs: ulimit %s", (limit, said) => {
  const door = JSON.stringify(join(import.meta.dirname, "../../dist/torch/native.js"));
  const program = `import(${door}).then(({ native }) => native()).catch((error) => console.log(error.message))`;
  const { status, stdout } = spawnSync("sh", ["-c", `ulimit ${limit}; exec node -e '${program}'`], {
    encoding: "utf8",
    timeout: 120_000,
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(said);
});

test.runIf(process.platform === "linux")(
  "a product is computed where a command has taken all addresses before",
  () => {
    const create = JSON.stringify(join(import.meta.dirname, "../../dist/torch/create.js"));
    const program = `import(${create}).then(({ zeros }) => {
      const taken = [];
      try {
        for (;;) taken.push(zeros([2 ** 22]));
      } catch {}
      taken.pop().dispose();
      const x = zeros([256, 256]);
      console.log(taken.length > 0, x.matmul(x).shape);
    })`;
    const { stdout } = spawnSync("sh", ["-c", `ulimit -v 2000000; exec node -e '${program}'`], {
      encoding: "utf8",
      timeout: 120_000,
      killSignal: "SIGKILL",
      env: { ...process.env, ARCLET_THREADS: "1", OMP_NUM_THREADS: "1" },
    });
    expect(stdout).toBe("true [ 256, 256 ]\n");
  },
);
