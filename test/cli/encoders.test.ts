import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { commandLine } from "./arclet.ts";

const { done, refused } = commandLine(tmpdir());

test("encoders: sizes and costs of all, by name", () => {
  const lines = done("encoders").stdout.trim().split("\n");
  expect(lines[0]).toMatch(/^name +parameters +multiply-adds +features +invariant +paper$/);
  const resnet = lines.find((line) => line.startsWith("resnet34d"));
  expect(resnet).toMatch(/21\.30 M +318 M +512 +no +arXiv 1512\.03385/);
  expect(lines.find((line) => line.startsWith("equivariant"))).toMatch(/ yes +arXiv 1602\.07576/);
});

test("encoders: one is timed; an unknown one is refused with the nearest", () => {
  const { stdout } = done("encoders cnn --measure --size 32 --batch 4");
  expect(stdout).toMatch(/^cnn .* \d+( b)? +\d+( b)? +LeCun/m);
  refused(/encoders: <name> must be one of .*did you mean resnet34d\?/, "encoders resnet34");
});
