import { expect, test } from "vitest";
import { buildNetwork } from "../../../src/encoders/network.ts";
import { randomised, sanityOf } from "../../../src/evaluate/explanation/sanity.ts";
import { concentration } from "../../../src/evaluate/explanation/share.ts";
import { meanInterval } from "../../../src/evaluate/mean-interval.ts";
import { rankCorrelation } from "../../../src/evaluate/rank-correlation.ts";
import { Generator } from "../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import type { ModelInfo } from "../../../src/train/model.ts";

test("Spearman's rank correlation, ties sharing their rank", () => {
  expect(rankCorrelation([1, 2, 3], [10, 20, 90])).toBe(1);
  expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBe(-1);
  // Ranks 0, 1½, 1½, 3 and 0, 2, 1, 3: 4.5 / √(4.5 · 5)
  expect(rankCorrelation([1, 2, 2, 4], [1, 3, 2, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
  expect(rankCorrelation([1, 2], [5, 5])).toBeNull();
});

test("concentration: the share of heat over the share of area; negative heat is none", () => {
  expect(concentration([1, 0, 3, 0], [0, 0, 1, 0])).toBe(3);
  expect(concentration([1, 1, 1, 1], [1, 0, 1, 0])).toBe(1);
  expect(concentration([2, -8, 0, 0], [0, 1, 1, 0])).toBe(0);
  expect(concentration([0, -1], [1, 0])).toBeNull();
  expect(concentration([1, 1], [0, 0])).toBeNull();
});

test("a mean's interval: the normal one for many values, the value itself for one", () => {
  const values = Array.from({ length: 400 }, (_, i) => i % 2);
  const { value, low, high, count } = meanInterval(values, 1);
  expect([value, count]).toEqual([0.5, 400]);
  expect(low).toBeCloseTo(0.5 - 1.96 * 0.025, 2);
  expect(high).toBeCloseTo(0.5 + 1.96 * 0.025, 2);
  expect(meanInterval(values, 1)).toEqual(meanInterval(values, 1));
  expect(meanInterval([3], 0)).toEqual({ value: 3, low: 3, high: 3, count: 1 });
  expect(() => meanInterval([], 0)).toThrow(/one or more/);
});

test("maps that are the arcs are as concentrated as can be; reversed ones of fresh weights count against", () => {
  const arcs = [Uint8Array.of(1, 0, 0, 0), Uint8Array.of(0, 0, 1, 0)];
  const trained = [Float32Array.of(3, 1, 0, 0), Float32Array.of(0, 0, 2, 0)];
  const opposite = [Float32Array.of(0, 1, 2, 2), Float32Array.of(1, 1, 0, 1)];
  const all = [opposite, trained];
  const sanity = sanityOf("gradcam", { trained, randomised: { classifier: [trained], all } }, arcs, 0);
  expect(sanity.ofLenses).toEqual([3, 4]);
  expect(sanity.onArc).toMatchObject({ value: 3.5, count: 2 });
  expect(sanity.onOtherArcs?.value).toBe(0);
  expect(sanity.beyondChance?.value).toBe(3.5);
  expect(sanity.randomOnArc?.value).toBe((1.5 + 2) / 2); // 0 and 3 of the first lens, 0 and 4 of the second
  expect(sanity.correlation.classifier?.value).toBeCloseTo(1, 12);
  expect(sanity.ofNetworks.all[1]).toBeCloseTo(1, 12);
  expect(sanity.ofNetworks.all[0]).toBeLessThan(-0.9);
  expect(sanity.flat).toBe(0);
});

test("a map without heat is left out, and counted", () => {
  const arcs = [Uint8Array.of(1, 0), Uint8Array.of(0, 1)];
  const trained = [new Float32Array(2), Float32Array.of(0, 1)];
  const random = { classifier: [[Float32Array.of(1, 0), Float32Array.of(1, 0)]], all: [trained] };
  const sanity = sanityOf("gradcam", { trained, randomised: random }, arcs, 0);
  expect(sanity.flat).toBe(1);
  expect(sanity.ofLenses).toEqual([null, 2]);
  expect(sanity.onArc?.count).toBe(1);
  expect(sanity.correlation.classifier).toMatchObject({ value: -1, count: 1 });
});

test("fresh weights: of the layers after the encoder, or of all", () => {
  const head = { width: 4, dropout: 0.5 };
  const network = buildNetwork({
    encoder: "cnn",
    config: { widths: [3] },
    head,
    channels: 1,
    classes: 2,
    generator: new Generator(1),
  });
  const info = {
    encoder: { name: "cnn", config: { widths: [3] } },
    head,
    classes: ["a", "b"],
    shape: [1, 8, 8],
    preprocessing: { kind: "unit", version: 1, bands: ["r"], pixelScale: 0.2, pixels: "display" },
  } as unknown as ModelInfo;
  const before = liveTensors();
  for (const what of ["classifier", "all"] as const) {
    const fresh = randomised(network, info, what, 7);
    const again = randomised(network, info, what, 7);
    for (const [name, value] of network.state()) {
      const same = (other: typeof network) =>
        tidy(() => other.state().get(name)!.eq(value).all().item() === 1);
      if (!name.endsWith("weight") || name.includes("norm") || name === "head.2.weight") continue; // begin at 0 and 1
      expect(same(fresh), `${what} ${name}`).toBe(what === "classifier" && name.startsWith("encoder."));
      expect(tidy(() => again.state().get(name)!.eq(fresh.state().get(name)!).all().item())).toBe(1);
    }
    fresh.dispose();
    again.dispose();
  }
  expect(liveTensors()).toBe(before);
  network.dispose();
});
