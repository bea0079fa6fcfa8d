import { describe, expect, test } from "vitest";
import { shortText } from "../../src/train/length.ts";

const phase = { batch: { source: 128, target: 0 }, epochs: 7, stepsPerEpoch: 16 };

describe("the length of a training", () => {
  test("a short one from nothing is called so, with the epochs that would do", () => {
    // 7 × 16 × 128 images; 300,000 / 2,048 = 146.5.
    const text = shortText({ phase, begun: false });
    expect(text).toContain("sees 14,336 images");
    expect(text).toContain("--epochs 147,");
  });
  test("nothing is said of a long one, of one that begins with trained weights, and of adaptation", () => {
    expect(shortText({ phase: { ...phase, epochs: 147 }, begun: false })).toBeNull();
    expect(shortText({ phase, begun: true })).toBeNull();
    expect(shortText({ phase: { ...phase, batch: { source: 64, target: 64 } }, begun: false })).toBeNull();
  });
});
