/** Mixed images as the network sees them, against images mixed in plain numbers. */
import { expect, test } from "vitest";
import { mixedPairs } from "../../src/adapt/validators/mixval.ts";
import type { ImageDomain } from "../../src/dataset/dataset.ts";
import type { Preprocessing } from "../../src/dataset/views/preprocessing/registry.ts";
import { noGrad } from "../../src/torch/autograd.ts";
import { tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { mixedTensor, predictMixed } from "../../src/train/mixed-images.ts";
import { predictOutputs } from "../../src/train/predict.ts";
import { pixels, tinyNetwork } from "../tiny/network.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";

noTensorIsLeft();

const preprocessing: Preprocessing = {
  version: 1,
  kind: "standardise",
  bands: ["r"],
  pixelScale: 0.2,
  pixels: "flux",
  mean: [0.3],
  sd: [2],
};

/** Images of four pixels; a row is an index. */
const domainOf = (images: readonly number[][]) =>
  ({
    images: (rows: Iterable<number>) => {
      const taken = [...rows];
      return tensor(
        taken.flatMap((row) => images[row]!),
        [taken.length, 1, 2, 2],
      );
    },
  }) as unknown as ImageDomain;

test("each is 0.55 of the first and 0.45 of the second after preprocessing, in the rows' own order", async () => {
  const images = pixels(12, 3);
  const network = tinyNetwork(2);
  const domain = domainOf(images);
  const rows = Int32Array.from([1, 3, 4, 6, 8, 9, 11]);
  const { logits } = await predictOutputs(network, preprocessing, domain, rows, "");
  const mixed = await predictMixed(network, preprocessing, domain, rows, logits, "");
  const predicted = Array.from(rows, (_, i) => Number(logits[2 * i + 1]! > logits[2 * i]!));
  expect(new Set(predicted).size).toBe(2);
  expect(mixed.pairs).toEqual(mixedPairs(predicted));
  tidy(() => {
    const standard = (row: number) => images[row]!.map((value) => (value - 0.3) / 2);
    const together = mixedTensor(tensor(logits, [rows.length, 2]), mixed);
    expect(together.shape).toEqual([mixed.pairs.length, 3, 2]);
    const all = together.numbers();
    mixed.pairs.forEach(([i, j], p) => {
      const [first, second] = [standard(rows[i]!), standard(rows[j]!)];
      const x = first.map((value, k) => 0.55 * value + 0.45 * second[k]!);
      const own = noGrad(() => network.forward(tensor(x, [1, 1, 2, 2])).numbers());
      const expected = [logits[2 * i]!, logits[2 * i + 1]!, logits[2 * j]!, logits[2 * j + 1]!, ...own];
      expected.forEach((value, k) => {
        expect(all[6 * p + k]).toBeCloseTo(value, 5);
      });
    });
  });
  network.dispose();
});
