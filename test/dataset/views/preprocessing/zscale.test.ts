import { expect, test } from "vitest";
import { applyPreprocessing } from "../../../../src/dataset/views/preprocess.ts";
import { zscaleLimits } from "../../../../src/dataset/views/preprocessing/zscale.ts";
import { cat, stack, tensor } from "../../../../src/torch/create.ts";
import { liveTensors, tidy } from "../../../../src/torch/scope.ts";
import { image, made } from "../../../fixtures/views/images.ts";

const about = { version: 1 as const, bands: ["r"], pixelScale: 0.2, pixels: "flux" as const };

test.each(made.zscale)(
  "limits of image $seed, $height × $width with contrast $contrast, are astropy's",
  ({ seed, height, width, bright, contrast, low, high }) => {
    const limits = tidy(() =>
      zscaleLimits(tensor(image(seed, height, width, bright), [1, 1, height, width]), contrast).map((z) =>
        z.item(),
      ),
    );
    const close = (value: number) => expect.closeTo(value, value > 1e4 ? 1 : 3);
    expect(limits).toEqual([close(low), close(high)]);
  },
);

test("each band of each image of a batch has its own limits", () => {
  const one = (seed: number, bright: number) => tensor(image(seed, 16, 16, bright), [16, 16]);
  const apart = (x: number[]) => x.map((value) => expect.closeTo(value, 3));
  const [together, alone] = tidy(() => {
    const planes = [one(1, 3000), one(2, 0), one(3, 500), one(4, 90)];
    const batch = stack(planes).reshape([2, 2, 16, 16]);
    const each = planes.map((plane) => zscaleLimits(plane.reshape([1, 1, 16, 16]), 0.6));
    return [
      zscaleLimits(batch, 0.6).map((z) => z.numbers()),
      [0, 1].map((which) => each.flatMap((limits) => limits[which]!.numbers())),
    ];
  });
  expect(together).toEqual([apart(alone[0]!), apart(alone[1]!)]);
});

test("pixels go from 0 at z1 to 1 at z2 and are clipped; a constant band is zeros", () => {
  const { seed, height, width, bright, contrast, low, high } = made.zscale[0]!;
  const pixels = image(seed, height, width, bright);
  const before = liveTensors();
  const out = tidy(() => {
    const constant = tensor(new Float32Array(height * width).fill(7), [1, 1, height, width]);
    const x = cat([tensor(pixels, [1, 1, height, width]), constant]);
    return applyPreprocessing({ kind: "zscale", ...about, contrast }, x);
  });
  const values = out.data() as Float32Array;
  for (let i = 0; i < pixels.length; i += 37)
    expect(values[i]).toBeCloseTo(Math.min(1, Math.max(0, (pixels[i]! - low) / (high - low))), 4);
  expect(Math.min(...values.subarray(0, pixels.length))).toBe(0);
  expect(Math.max(...values.subarray(0, pixels.length))).toBe(1);
  expect(new Set(values.subarray(pixels.length))).toEqual(new Set([0]));
  out.dispose();
  expect(liveTensors()).toBe(before);
});
