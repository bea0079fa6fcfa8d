/** The page's occlusion is that of `arclet explain`. */
import { expect, test } from "vitest";
import { occlusionMaps, skyLevel } from "../../../src/evaluate/explanation/occlusion.ts";
import { tensor } from "../../../src/torch/create.ts";
import { tidy } from "../../../src/torch/scope.ts";
import { occlusionHeat, patchStarts, skyLevels } from "../../../web/finder/src/heat.ts";
import { noTensorIsLeft } from "../../torch/leaks.ts";

noTensorIsLeft();

const size = { channels: 2, height: 15, width: 20 };
const count = size.channels * size.height * size.width;
const image = Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7) + (i % 7));

test("patches lie from edge to edge", () => {
  expect(patchStarts(10, 4, 2)).toEqual([0, 2, 4, 6]);
  expect(patchStarts(11, 4, 3)).toEqual([0, 2, 5, 7]);
  expect(patchStarts(4, 4, 2)).toEqual([0]);
});

test("the sky is the rim's lower median", () => {
  const expected = tidy(() => skyLevel(tensor(image, [1, 2, 15, 20])).numbers());
  skyLevels(image, size).forEach((value, c) => {
    expect(value).toBeCloseTo(expected[c]!, 6);
  });
});

test("the heat is the mean drop over all patches that hide a pixel", async () => {
  /** Bright pixels of the first band count most. */
  const logit = (pixels: Float32Array) =>
    pixels.reduce((sum, value, i) => sum + (i < count / 2 ? value ** 2 : value) * ((i % 5) + 1), 0);
  const heat = await occlusionHeat(image, size, async (images) => Float32Array.from(images, logit));
  const expected = tidy(() =>
    occlusionMaps(
      tensor(image, [1, 2, 15, 20]),
      (images) => {
        const values = images.data() as Float32Array;
        const rows = Array.from({ length: values.length / count }, (_, n) =>
          logit(values.subarray(n * count, (n + 1) * count)),
        );
        return tensor(rows);
      },
      { window: 3, stride: 1 },
    ).numbers(),
  );
  const top = Math.max(...expected.map(Math.abs));
  heat.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!) / top).toBeLessThan(1e-5);
  });
});
