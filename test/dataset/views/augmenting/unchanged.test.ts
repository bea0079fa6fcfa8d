import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { augment } from "../../../../src/dataset/views/augment.ts";
import { strong, weak } from "../../../../src/dataset/views/augmenting/policy.ts";
import { Generator } from "../../../../src/torch/random.ts";
import type { Tensor } from "../../../../src/torch/tensor.ts";

const stored = JSON.parse(
  readFileSync(new URL("../../../fixtures/views/unchanged.json", import.meta.url), "utf8"),
) as { weakSha256: string; strong: number[] };

const images = () => new Generator(11).uniform([6, 3, 12, 12]);
const values = (x: Tensor) => x.contiguous().data() as Float32Array;

test("weak views of a seed are the same as ever, to the last bit: pixels are only moved", () => {
  const { buffer } = values(augment(images(), weak, new Generator(12)));
  expect(createHash("sha256").update(Buffer.from(buffer)).digest("hex")).toBe(stored.weakSha256);
});

test("strong views of a seed are the same as ever, to a machine's rounding", () => {
  const got = values(augment(images(), strong, new Generator(12)));
  for (const [i, want] of stored.strong.entries()) expect(Math.abs(got[i]! - want)).toBeLessThan(2e-5);
});
