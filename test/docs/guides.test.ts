/**
 * Every command that a guide shows is run, on small data, or says before it why not. Running them takes minutes: `npm run
 * docs` does, by ARCLET_GUIDES=1. That every block is one of the two is always checked.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandLine } from "../cli/arclet.ts";
import { type Block, blocksOf, commandsOf, NOT_RUN, outputOf, smaller } from "./guide.ts";
import { makeWorld } from "./world.ts";

/** Run by tests of their own: library.test.ts, python.test.ts. */
const ELSEWHERE = ["library.md", "method.md", "python.md"];
const guides = readdirSync("docs").filter((name) => name.endsWith(".md") && !ELSEWHERE.includes(name));
const shown = guides.map((name) => ({ name, blocks: blocksOf(join("docs", name)) }));
const chosen = process.env.ARCLET_GUIDES?.split(",") ?? [];
const textOf = (name: string) => readFileSync(join("docs", name), "utf8");
const isRun = (block: Block) =>
  ["sh", "bash"].includes(block.language) && block.notRun === null && commandsOf(block).length > 0;
const wanted = (name: string) => chosen.includes("1") || chosen.includes(name);

test("what isn't run says why", () => {
  const reasons = shown.flatMap(({ blocks }) => blocks.flatMap(({ notRun }) => notRun ?? []));
  expect(reasons.filter((reason) => reason.length < 10)).toEqual([]);
  // A mark that no block follows would hide nothing, and promise something.
  const marks = guides.flatMap((name) => [...textOf(name).matchAll(/<!-- not run: /g)]);
  expect(marks).toHaveLength(reasons.length);
});

const toRun = shown.filter(({ blocks }) => blocks.some(isRun));
const running = toRun.some(({ name }) => wanted(name));
const world = mkdtempSync(join(tmpdir(), "arclet-world-"));
afterAll(() => rmSync(world, { recursive: true, force: true }));
beforeAll(async () => {
  if (running) await makeWorld(world, commandLine(world).done);
}, 600_000);

describe.each(toRun)("the commands of $name", ({ name, blocks }) => {
  describe.skipIf(!wanted(name))("run, one after the other", () => {
    const folder = mkdtempSync(join(tmpdir(), "arclet-guide-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const { done } = commandLine(folder);
    beforeAll(() => cpSync(world, folder, { recursive: true }));
    const lines = blocks.filter(isRun).flatMap(commandsOf);
    test.each(lines.filter((line) => NOT_RUN[line.split(" ")[0]!] === undefined))(
      "arclet %s",
      (line) => {
        const out = outputOf(line);
        if (out !== null && line.split(" ").filter((word) => word === out).length === 1)
          for (const one of [out, out.replace(/\.onnx$/, "-test")])
            rmSync(join(folder, one), { recursive: true, force: true });
        done(smaller(line));
      },
      600_000,
    );
  });
});
