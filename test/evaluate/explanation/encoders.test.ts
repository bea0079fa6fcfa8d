/** Heat maps of every encoder, and the symmetry they must have. */
import { expect, test } from "vitest";
import { Group, transform } from "../../../src/encoders/equivariant/group.ts";
import { buildNetwork } from "../../../src/encoders/network.ts";
import { encoders } from "../../../src/encoders/registry.ts";
import type { Explainer } from "../../../src/evaluate/explanation/explainer.ts";
import { heatMaps } from "../../../src/evaluate/explanation/heat.ts";
import { Generator } from "../../../src/torch/random.ts";
import { liveTensors, tidy } from "../../../src/torch/scope.ts";
import type { Tensor } from "../../../src/torch/tensor.ts";
import { slow } from "../../slow.ts";
import { asTheyAre } from "./plain-network.ts";

slow("whole encoders");

const METHODS = ["gradcam", "gradcam++", "occlusion"] as const;

function explainerOf(encoder: string, config: object, size: readonly [number, number]): Explainer {
  const network = buildNetwork({
    encoder,
    config: { ...config },
    head: { width: 8, dropout: 0.5 },
    channels: 3,
    size,
    classes: 2,
    generator: new Generator(5),
  });
  return { network, preprocessing: asTheyAre(3), classIndex: 1, output: "logit" };
}

/** Larger sizes of networks that are here in a smaller one. */
const LARGE = /^convnext_(nano|small|base)$/;

test.each(encoders.names.filter((name) => !LARGE.test(name)))(
  "%s: every method gives a map of the image's size",
  (name) => {
    const size = [32, 40] as const;
    const explainer = explainerOf(name, name.startsWith("vit") ? { patch: 8, depth: 2 } : {}, size);
    const images = new Generator(1).normal([2, 3, ...size]);
    const before = liveTensors();
    tidy(() => {
      const maps = heatMaps(explainer, images, METHODS, { window: 16, stride: 16 });
      for (const [k, map] of maps.entries()) {
        expect(map.shape).toEqual([2, ...size]);
        expect(map.isfinite().all().item()).toBe(1);
        if (METHODS[k] !== "occlusion") expect((map.min() as Tensor).item()).toBeGreaterThanOrEqual(0);
      }
      // A map without any difference between pixels would say nothing.
      expect(maps.some((map) => map.var().item() > 0)).toBe(true);
    });
    // Encoders remember folded weights and masks; nothing else may stay.
    const after = liveTensors();
    tidy(() => void heatMaps(explainer, images, METHODS, { window: 16, stride: 16 }));
    expect(liveTensors()).toBe(after);
    expect(after).toBeGreaterThanOrEqual(before);
    explainer.network.dispose();
    images.dispose();
  },
);

test.each([24, 25])("D4: the map of a turned or mirrored image is the map turned, %i pixels", (side) => {
  const explainer = explainerOf(
    "equivariant",
    { group: "D4", fields: [4, 6, 8], kernels: [5, 3, 3], poolAfter: [1, 2] },
    [side, side],
  );
  const images = new Generator(2).normal([2, 3, side, side]);
  tidy(() => {
    const maps = (x: Tensor) => heatMaps(explainer, x, ["gradcam", "gradcam++"], { window: 1, stride: 1 });
    const straight = maps(images);
    for (const element of new Group("D4").elements)
      for (const [k, turned] of maps(transform(images, element)).entries()) {
        const expected = transform(straight[k]!, element);
        const largest = (expected.max() as Tensor).item();
        expect(largest).toBeGreaterThan(0);
        expect((turned.sub(expected).abs().max() as Tensor).item()).toBeLessThan(2e-5 * largest);
      }
  });
  explainer.network.dispose();
  images.dispose();
});
