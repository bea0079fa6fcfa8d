/** A command that runs others: by name, with values in place of words. */
import { expect, test } from "vitest";
import { z } from "zod";
import type { Entry, RunCommand } from "../../src/cli/command.ts";
import { command } from "../../src/cli/command.ts";
import { commandRunner } from "../../src/cli/run-command.ts";

const heard: unknown[] = [];

const add = command({
  schema: (chosen) =>
    z.strictObject({
      kind: z.enum(["plain", "scaled"]).default("plain"),
      a: z.number(),
      b: z.number().default(1),
      ...(chosen("kind") === "scaled" ? { scale: z.number().default(10) } : {}),
    }),
  example: "arclet add --a 1",
  run: (values, origin) => void heard.push({ values, origin }),
});

const twice = command({
  schema: z.strictObject({}),
  example: "arclet twice",
  async run(_values, _origin, runCommand) {
    await runCommand("add", { a: 1 });
    await runCommand("add", { a: 2 });
  },
});

const entry = (name: string, one: unknown): Entry => ({
  name,
  stage: "Start here",
  summary: name,
  load: async () => one as Awaited<ReturnType<Entry["load"]>>,
});
const run: RunCommand = commandRunner([entry("add", add), entry("twice", twice)]);

test("values are read as flags are, and the rest are defaults", async () => {
  heard.length = 0;
  await run("add", { a: 2.5, kind: "scaled" });
  expect(heard).toEqual([
    {
      values: { kind: "scaled", a: 2.5, b: 1, scale: 10 },
      origin: { kind: "flag", a: "flag", b: "default", scale: "default" },
    },
  ]);
});

test("a command gets the runner, and runs others in their order", async () => {
  heard.length = 0;
  await run("twice", {});
  expect(heard).toMatchObject([{ values: { a: 1, b: 1 } }, { values: { a: 2, b: 1 } }]);
});

test("what a command line would refuse is refused, by the command's name", async () => {
  await expect(run("add", { a: "two" })).rejects.toThrow('add: a must be a number, got "two"');
});
