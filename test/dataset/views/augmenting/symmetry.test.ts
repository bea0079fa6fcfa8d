import { expect, test } from "vitest";
import { augment } from "../../../../src/dataset/views/augment.ts";
import { none } from "../../../../src/dataset/views/augmenting/policy.ts";
import { tensor } from "../../../../src/torch/create.ts";
import { Generator } from "../../../../src/torch/random.ts";
import { tidy } from "../../../../src/torch/scope.ts";
import { binomialDeviate } from "./chance.ts";

const N = 6000;
function outcomes(flips: boolean, rotations: boolean, flipChance: number): Map<string, number> {
  const seen = new Map<string, number>();
  const values = tidy(() => {
    const x = tensor([1, 2, 3, 4], [1, 1, 2, 2]).expand([N, 1, 2, 2]);
    return augment(x, { ...none, flips, rotations, flipChance }, new Generator(8)).numbers();
  });
  for (let i = 0; i < N; i++) {
    const key = values.slice(4 * i, 4 * i + 4).join("");
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  return seen;
}
const close = (count: number | undefined, p: number) =>
  expect(Math.abs(binomialDeviate(count ?? 0, N, p))).toBeLessThan(3.5);

test("flips of another chance are independent of each other", () => {
  const seen = outcomes(true, false, 0.25);
  expect(seen.size).toBe(4);
  close(seen.get("1234"), 9 / 16);
  close(seen.get("2143"), 3 / 16);
  close(seen.get("3412"), 3 / 16);
  close(seen.get("4321"), 1 / 16);
});

test("with fair turns they reach all eight: a mirror image with their odds", () => {
  const seen = outcomes(true, true, 0.25);
  expect(seen.size).toBe(8);
  const turns = ["1234", "2413", "4321", "3142"];
  const kept = turns.reduce((sum, key) => sum + seen.get(key)!, 0);
  close(kept, 9 / 16 + 1 / 16); // no flip, or both
  for (const key of turns) close(seen.get(key), 10 / 16 / 4);
});

test("a chance of 0 and of 1 are never and always", () => {
  expect([...outcomes(true, false, 0).keys()]).toEqual(["1234"]);
  expect([...outcomes(true, false, 1).keys()]).toEqual(["4321"]);
});
