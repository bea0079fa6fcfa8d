/** Every encoder keeps the promises that a stranger's must keep. */
import { expect, test } from "vitest";
import type { EncoderEntry } from "../../src/encoders/encoder.ts";
import { encoders } from "../../src/encoders/registry.ts";
import { checkEncoder, encoderPromises } from "../../src/testing/encoder.ts";
import { holdTo } from "../../src/testing/promise.ts";

/** Thinner and shallower, of every kind of part: the whole ones take seconds a promise. */
const THIN: Record<string, Record<string, unknown>> = {
  resnet18: { blocks: [1, 2, 1, 1], width: 16 },
  resnet34d: { blocks: [1, 2, 1, 1], width: 16 },
  resnet50: { blocks: [1, 2, 1, 1], width: 16 },
  efficientnet_b0: { width: 0.5, depth: 0.6 },
  tf_efficientnet_b2_ns: { width: 0.5, depth: 0.6 },
  densenet121: { blocks: [2, 2, 2, 2], growth: 8 },
  vit_tiny_patch16_224: { depth: 2 },
  vit_small_patch14_dinov2: { depth: 2 },
  vit_small_patch14_reg4_dinov2: { depth: 2 },
  convnext_atto: { blocks: [1, 1, 2, 1] },
  convnext_pico: { blocks: [1, 1, 2, 1], width: 16 },
  convnext_nano: { blocks: [1, 1, 2, 1], width: 16 },
  convnext_tiny: { blocks: [1, 1, 2, 1], width: 16 },
  convnext_small: { blocks: [1, 1, 2, 1], width: 16 },
  convnext_base: { blocks: [1, 1, 2, 1], width: 16 },
};

const entries = encoders.list.map((entry) => [entry.name, entry] as const);

test.each(entries)("%s", (name, entry) => {
  const thin: EncoderEntry = { ...entry, fitting: (size) => ({ ...entry.fitting?.(size), ...THIN[name] }) };
  return checkEncoder(thin);
});

test.each(entries.filter(([name]) => name in THIN))(
  "%s as it is has its stated sizes, and a gradient everywhere",
  (_, entry) =>
    holdTo(
      "encoder",
      entry,
      encoderPromises.filter(({ name }) => name === "sizes" || name === "gradients"),
    ),
);

test("promises have names of their own", () => {
  const names = encoderPromises.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
