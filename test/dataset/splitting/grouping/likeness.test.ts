import { beforeAll, describe, expect, test } from "vitest";
import {
  Fingerprinter,
  Fingerprints,
  TURNS,
} from "../../../../src/dataset/splitting/grouping/fingerprint.ts";
import { nearPairs } from "../../../../src/dataset/splitting/grouping/near.ts";
import { ALIKE } from "../../../../src/dataset/splitting/leaks/find.ts";
import { keyOf, uniformAt } from "../../../../src/foundation/random.ts";
import { slow } from "../../../slow.ts";
import { laid, picture, type Taken } from "../../../tiny/pictures.ts";

slow("compares hundreds of images with each other");

const SKIES = 40;
const printer = new Fingerprinter([2, 48, 48], 48);
const prints = (images: Float32Array[]): Fingerprints => {
  const made = new Fingerprints(images.length);
  for (const [i, image] of images.entries()) made.set(i, printer.take(image));
  return made;
};
const skies = Array.from({ length: SKIES }, (_, k) => k);
let first: Float32Array[];
beforeAll(() => {
  first = skies.map((sky) => picture(sky));
});

/** Likeness of each sky with the same one taken again, in any orientation. */
function again(taken: (sky: number) => Float32Array): number[] {
  const both = prints([...first, ...skies.map(taken)]);
  return skies.map((sky) =>
    Math.max(...Array.from({ length: TURNS }, (_, way) => both.likeness(sky, way, SKIES + sky))),
  );
}
const recall = (likeness: number[]) => likeness.filter((one) => one >= ALIKE).length / SKIES;

describe("the same sky is found again", () => {
  test("turned and mirrored: to the last stored digit", () => {
    expect(Math.min(...again((sky) => laid(first[sky]!, 48, sky % 8)))).toBeGreaterThan(0.999);
  });

  const shares: [string, Taken, number][] = [
    ["with other noise", { noise: 1 }, 0.95],
    ["a pixel aside", { dx: 1, dy: -1 }, 0.85],
    ["resampled by a per cent", { scale: 1.01 }, 0.95],
    ["in another stretch", { stretch: (flux) => Math.asinh(flux / 2) }, 0.95],
    ["with other noise, a pixel aside", { noise: 1, dx: 1, dy: 1 }, 0.85],
  ];
  test.each(shares)("%s", (_, taken, share) => {
    expect(recall(again((sky) => picture(sky, taken)))).toBeGreaterThanOrEqual(share);
  });

  test("in pixels of another size, compared on the same piece of sky", () => {
    const coarse = new Fingerprinter([2, 32, 32], 32);
    const both = new Fingerprints(2);
    both.set(0, printer.take(picture(3)));
    both.set(1, coarse.take(picture(3, { size: 32, scale: 1.5 })));
    expect(both.likeness(0, 0, 1)).toBeGreaterThan(ALIKE);
  });
});

test("different skies are not alike in any of the eight orientations", async () => {
  const pairs: [number, number, number][] = [];
  const many = prints(Array.from({ length: 200 }, (_, k) => picture(1000 + k)));
  await nearPairs(many, { least: ALIKE, relevant: () => true, report: (...pair) => pairs.push(pair) });
  expect(pairs).toEqual([]);
});

test("images with nothing to recognise them by have no fingerprint", () => {
  expect(printer.take(new Float32Array(2 * 48 * 48))).toBeNull();
  expect(printer.take(new Float32Array(2 * 48 * 48).fill(Number.NaN))).toBeNull();
  const half = Float32Array.from({ length: 2 * 48 * 48 }, (_, at) => {
    const [y, x] = [(Math.floor(at / 48) % 48) - 23.5, (at % 48) - 23.5];
    return at < 48 * 48 && x * x + y * y < 9 && x > 0 ? 1 : 0;
  });
  // Half a disc on nothing does: most of it is flat, but not all.
  expect(printer.take(half)).not.toBeNull();
});

/** Random vectors, of which each of the last `twins` is a turned, disturbed copy of one of the first. */
function randomPrints(count: number, twins: number): Fingerprints {
  const made = new Fingerprints(count);
  const length = made.vectors.length / count;
  const vectors: Float64Array[] = [];
  for (let i = 0; i < count - twins; i++) {
    const key = keyOf(8, i);
    const raw = Float64Array.from({ length }, (_, k) => uniformAt(key, k) + uniformAt(key, k + 500) - 1);
    const norm = Math.hypot(...raw);
    vectors.push(raw.map((x) => x / norm));
    made.set(i, vectors[i]!);
  }
  for (let t = 0; t < twins; t++) {
    const key = keyOf(9, t);
    const raw = vectors[t]!.map((x, k) => x + 0.03 * (uniformAt(key, k) + uniformAt(key, k + 500) - 1));
    const norm = Math.hypot(...raw);
    made.set(
      count - twins + t,
      raw.map((x) => x / norm),
    );
  }
  return made;
}

test("lookup by parts of the hash finds what comparing all pairs finds", async () => {
  const [count, twins] = [1200, 200];
  const many = randomPrints(count, twins);
  const pairs = async (allPairs: number) => {
    const found = new Set<number>();
    await nearPairs(many, {
      least: ALIKE,
      relevant: () => true,
      report: (a, b) => found.add(Math.min(a, b) * count + Math.max(a, b)),
      allPairs,
    });
    return found;
  };
  const all = await pairs(count);
  expect(all.size).toBe(twins);
  const byParts = await pairs(0);
  for (const pair of byParts) expect(all).toContain(pair);
  expect(byParts.size).toBeGreaterThanOrEqual(0.95 * twins);
});
