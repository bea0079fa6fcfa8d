import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { interrupted, safePoint } from "../../src/foundation/interrupt.ts";
import { slow } from "../slow.ts";

slow("starts programs");

test("a safe point lets pending events run", async () => {
  let ran = false;
  setImmediate(() => {
    ran = true;
  });
  await safePoint("nothing");
  expect(ran).toBe(true);
  expect(interrupted()).toBe(false);
});

/** A process that works in small steps until it is asked to stop, if wanted with a channel to this one. */
function worker(step: string, channel: "ipc" | null = null, before = "") {
  const script = `
    const { listenForInterrupts, safePoint } = await import("./dist/foundation/interrupt.js");
    ${before}
    listenForInterrupts();
    console.log("ready");
    try {
      for (;;) { ${step} }
    } catch (error) {
      console.log(error.message);
      process.exitCode = error.exitCode;
    }`;
  return spawn("node", ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "pipe", ...(channel === null ? [] : [channel])],
  }) as ChildProcessWithoutNullStreams;
}

test.each(["SIGINT", "SIGTERM"] as const)("%s stops at the next safe point, which saves", async (signal) => {
  const child = worker('await safePoint("saved step 3, resume with --resume");');
  let out = "";
  child.stdout.on("data", (data) => {
    out += data;
  });
  await once(child.stdout, "data");
  child.kill(signal);
  const [code] = await once(child, "exit");
  expect(code).toBe(130);
  expect(out).toContain("interrupted: saved step 3, resume with --resume");
});

test("asking twice stops at once, even without a safe point", async () => {
  const child = worker("await new Promise((r) => setTimeout(r, 10));");
  await once(child.stdout, "data");
  child.kill("SIGINT");
  await once(child.stderr, "data");
  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  expect(code).toBe(130);
});

test.each([
  ["while it works", "", 'await safePoint("saved");'],
  // Long enough for the channel to close before anything listens.
  ["before it listened", "await new Promise((r) => setTimeout(r, 300));", 'await safePoint("saved");'],
])("the channel to the parent closing asks it to stop, %s", async (_, before, step) => {
  const child = worker(step, "ipc", before);
  let out = "";
  child.stdout.on("data", (data) => {
    out += data;
  });
  if (before === "") await once(child.stdout, "data");
  child.disconnect();
  const [code] = await once(child, "exit");
  expect(code).toBe(130);
  expect(out).toContain("interrupted: saved");
});

test("what stopped a command does not stop the next one, which can be stopped as well", async () => {
  const again =
    'const stop = () => { process.emit("SIGINT"); return interrupted(); };' +
    "console.log(stop()); listenForInterrupts(); console.log(interrupted(), stop()); break;";
  const child = worker(
    again,
    null,
    'const { interrupted } = await import("./dist/foundation/interrupt.js");',
  );
  let out = "";
  child.stdout.on("data", (data) => {
    out += data;
  });
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  expect(out).toBe("ready\ntrue\nfalse true\n");
});

test("a channel does not keep a process alive that has finished its work", async () => {
  const child = worker("break;", "ipc");
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});
