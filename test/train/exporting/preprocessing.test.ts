/** Every kind of preprocessing is part of an exported graph. */
import { expect, test } from "vitest";
import { type Preprocessing, preprocessings } from "../../../src/dataset/views/preprocessing/registry.ts";
import { expectSame, runtime } from "../../onnx/both.ts";
import { slow } from "../../slow.ts";
import { noTensorIsLeft } from "../../torch/leaks.ts";

slow("opens a session of ONNX Runtime for each kind");
noTensorIsLeft();

const about = { version: 1, bands: ["g", "r", "i"], pixelScale: 0.2, pixels: "flux" } as const;
const rgb = { show: ["i", "r", "g"], scales: [1, 1.2, 1.5] };

/** What a fit measures, by kind. */
const FITTED: Record<string, object> = {
  asinh: { scale: [0.5, 0.4, 0.3] },
  humvi: { ...rgb, Q: 3, alpha: 0.1 },
  log: { scale: [0.5, 0.4, 0.3] },
  lupton: { ...rgb, minimum: 0.1, stretch: 4, Q: 8 },
  minmax: {},
  "minmax-log": { scale: 0.1 },
  standardise: { mean: [1, 2, 3], sd: [2, 3, 4] },
  unit: {},
  zscale: { contrast: 0.25 },
};

test("every kind is tested", () => {
  expect(Object.keys(FITTED).sort()).toEqual([...preprocessings.names].sort());
});

test.skipIf(!runtime).each(Object.entries(FITTED))("%s", async (kind, own) => {
  const preprocessing = { kind, ...about, ...own } as unknown as Preprocessing;
  const { apply } = preprocessings.find(kind);
  await expectSame([3, 24, 20], (x) => ({ y: apply(preprocessing, x) }), { scale: 30 });
});

test.skipIf(!runtime)(
  "zscale of images with outliers, whose fit takes several rounds, of which each image needs its own number",
  async () => {
    const preprocessing = { kind: "zscale", ...about, contrast: 0.4 } as unknown as Preprocessing;
    const { apply } = preprocessings.find("zscale");
    await expectSame([3, 24, 20], (x) => ({ y: apply(preprocessing, x.mul(x.square().square())) }));
  },
);
