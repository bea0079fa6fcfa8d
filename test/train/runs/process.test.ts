import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { trainInProcess } from "../../../src/train/runs/process.ts";
import { SLOW, slow } from "../../slow.ts";

slow("starts programs");

const folder = mkdtempSync(join(tmpdir(), "arclet-process-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

/** In place of `arclet train`: reports that it has started, and ends when its parent asks. */
const CHILD = `
import { writeFileSync } from "node:fs";
process.on("disconnect", () => { console.log("arclet: saved"); process.exit(130); });
writeFileSync(${JSON.stringify(at("began"))}, "");
setTimeout(() => process.exit(1), ${SLOW});
`;
const PARENT = `
import { listenForInterrupts } from ${JSON.stringify(join(import.meta.dirname, "../../../src/foundation/interrupt.ts"))};
import { trainInProcess } from ${JSON.stringify(join(import.meta.dirname, "../../../src/train/runs/process.ts"))};
listenForInterrupts();
const why = await trainInProcess(1, ${JSON.stringify(at("child.mjs"))})("run.json", false, ${JSON.stringify(at("log"))});
console.log("ended: " + why);
`;

test("a command that is asked to stop asks its children, waits for them, and ends", async () => {
  writeFileSync(at("child.mjs"), CHILD);
  writeFileSync(at("parent.mts"), PARENT);
  const tsx = import.meta.resolve("tsx");
  const parent = spawn("node", ["--import", tsx, at("parent.mts")], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  parent.stdout.on("data", (text) => {
    said += text;
  });
  const ended = new Promise((resolve) => parent.on("exit", resolve));
  while (!existsSync(at("began"))) await new Promise((resolve) => setTimeout(resolve, 50));
  parent.kill("SIGINT");
  expect(await ended).toBe(0);
  expect(said).toBe("ended: interrupted\n");
  expect(readFileSync(at("log"), "utf8")).toBe("arclet: saved\n");
});

test("a child that fails reports why over its channel, whatever its output ends with", async () => {
  const error = import.meta.resolve("../../../src/foundation/child-error.ts");
  const errors = import.meta.resolve("../../../src/foundation/errors.ts");
  writeFileSync(
    at("child.mjs"),
    `import { sendError } from ${JSON.stringify(error)};
     import { ArcletError } from ${JSON.stringify(errors)};
     console.log("arclet: something else");
     await sendError(new ArcletError({ where: "train", code: "failed", problem: "the loss is NaN" }));
     process.exitCode = 2;`,
  );
  const train = trainInProcess(1, at("child.mjs"));
  const flags = process.execArgv.splice(0, process.execArgv.length, "--import", import.meta.resolve("tsx"));
  try {
    expect(await train("run.json", false, at("log"))).toBe("train: the loss is NaN");
    writeFileSync(at("child.mjs"), "process.exitCode = 3;");
    expect(await train("run.json", false, at("log"))).toBe("exit code 3");
    writeFileSync(at("child.mjs"), "process.exitCode = 0;");
    expect(await train("run.json", false, at("log"))).toBe("");
  } finally {
    process.execArgv.splice(0, process.execArgv.length, ...flags);
  }
});
