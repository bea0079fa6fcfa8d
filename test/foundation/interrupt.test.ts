import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { interrupted, safePoint } from "../../src/foundation/interrupt.ts";

test("a safe point lets pending events run", async () => {
  let ran = false;
  setImmediate(() => {
    ran = true;
  });
  await safePoint("nothing");
  expect(ran).toBe(true);
  expect(interrupted()).toBe(false);
});

/** A process that works in small steps until it is asked to stop. */
function worker(step: string) {
  const script = `
    const { listenForInterrupts, safePoint } = await import("./dist/foundation/interrupt.js");
    listenForInterrupts();
    console.log("ready");
    try {
      for (;;) { ${step} }
    } catch (error) {
      console.log(error.message);
      process.exitCode = error.exitCode;
    }`;
  return spawn("node", ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "pipe"] });
}

test.each(["SIGINT", "SIGTERM"] as const)("%s stops at the next safe point, which saves", async (signal) => {
  const child = worker('await safePoint("saved step 3, go on with --resume");');
  let out = "";
  child.stdout.on("data", (data) => {
    out += data;
  });
  await once(child.stdout, "data");
  child.kill(signal);
  const [code] = await once(child, "exit");
  expect(code).toBe(130);
  expect(out).toContain("interrupted: saved step 3, go on with --resume");
});

test("asking twice stops at once, though no safe point comes", async () => {
  const child = worker("await new Promise((r) => setTimeout(r, 10));");
  await once(child.stdout, "data");
  child.kill("SIGINT");
  await once(child.stderr, "data");
  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  expect(code).toBe(130);
});
