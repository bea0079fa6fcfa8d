/** Too few file descriptors: one line and an exit code, however few. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { slow } from "../slow.ts";
import { program } from "./arclet.ts";

slow("starts sixty programs");

const limited = (limit: number, ...command: string[]) => {
  const line = `ulimit -n ${limit}; exec ${command.map((word) => `'${word}'`).join(" ")}`;
  return spawnSync("sh", ["-c", line], { encoding: "utf8" });
};

test.each(Array.from({ length: 38 }, (_, k) => k + 3))("arclet with %i", (limit) => {
  const { status, stdout, stderr } = limited(limit, program, "surveys");
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^[^\n]+\n$/);
  // With three the shell has no room for its own library.
  expect(status).toBe(limit === 3 ? 127 : 2);
  // Up to twelve it is the shell that says it: it has no room for its script.
  if (limit >= 13)
    expect(stderr).toBe(`arclet: too few file descriptors: ulimit -n is ${limit} (1024 is usual)\n`);
});

test.each([24, 30, 40, 60, 64, 80])("node bin/arclet.mjs with %i", (limit) => {
  const { status, stderr } = limited(limit, "node", program, "surveys");
  // Nodes that load one file at a time need fewer.
  expect([
    [2, "arclet: too many open files (see ulimit -n)\n"],
    [0, ""],
  ]).toContainEqual([status, stderr]);
});

test("arclet with enough", () => {
  const { status, stdout, stderr } = limited(256, program, "surveys");
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("cfhtls");
});
