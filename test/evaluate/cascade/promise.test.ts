/** A student's threshold: the promise holds, and what can't be promised is refused with what it would need. */
import { expect, test } from "vitest";
import { type Above, groupsNeeded, promisedThreshold } from "../../../src/evaluate/cascade/promise.ts";
import { Draws } from "../../../src/foundation/random.ts";

const above = (odds: readonly number[], prefix = ""): Above => ({
  odds,
  groups: odds.map((_, i) => `${prefix}${i}`),
});

// Uniform scores: the share of new objects below a threshold is the threshold itself.
test("the loss of a new object is kept on average over calibrations, and not by much more", () => {
  const draws = new Draws(7);
  const [loss, n, repeats] = [0.05, 60, 1000];
  let sum = 0;
  for (let repeat = 0; repeat < repeats; repeat++)
    sum += promisedThreshold([above(Array.from({ length: n }, () => draws.uniform()))], loss, 0.5).threshold;
  // Thresholds spread by about 0.028, so that their mean is known to 0.0009.
  expect(sum / repeats).toBeLessThan(loss + 0.003);
  expect(sum / repeats).toBeGreaterThan(loss - 1 / (n + 1) - 0.003);
});

test("objects of two kinds keep the loss each, where each kind has enough; lens-rich images don't hide the survey's", () => {
  const draws = new Draws(8);
  const [loss, repeats] = [0.05, 300];
  let [easy, hard, together] = [0, 0, 0];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const rich = Array.from({ length: 200 }, () => draws.uniform(0.6, 1.6));
    const own = Array.from({ length: 40 }, () => draws.uniform());
    const made = promisedThreshold([above(rich, "e"), above(own, "h")], loss, 0.5);
    easy += Math.max(0, made.threshold - 0.6) / repeats;
    hard += made.threshold / repeats;
    together += made.together.threshold / repeats;
  }
  expect(easy).toBeLessThan(loss);
  expect(hard).toBeLessThan(loss + 0.005);
  // All together would lose six times as many of the survey's own.
  expect(together).toBeGreaterThan(5 * loss);
  // Too few for a promise of their own count among all.
  const few = promisedThreshold(
    [above([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "a"), above([-5], "b")],
    0.1,
    0.5,
  );
  expect(few.threshold).toBe(few.together.threshold);
});

test("rows of one sky position count once, by the lowest", () => {
  const rows: Above = { odds: [5, 1, 4, 3], groups: ["a", "a", "b", "c"] };
  expect(promisedThreshold([rows], 0.25, 0.5).threshold).toBe(1);
  expect(promisedThreshold([rows], 0.5, 0.5).threshold).toBe(3);
});

test("no object above the finder's threshold, or too few for the loss, is refused with a way out", () => {
  expect(groupsNeeded(0.005)).toBe(199);
  expect(groupsNeeded(0.1)).toBe(9);
  const least = above(Array.from({ length: 199 }, (_, i) => i));
  expect(promisedThreshold([least], 0.005, 0.5).threshold).toBe(0);
  expect(() => promisedThreshold([above([])], 0.005, 0.5)).toThrow(
    /^cascade: no image to calibrate on has a finder's score of 0\.5 or more; give lens-rich images too \(.*\), or a lower --threshold$/,
  );
  expect(() => promisedThreshold([above([1, 2]), above(Array(17).fill(1), "b")], 0.005, 0.5)).toThrow(
    /^cascade: a loss of 0\.005 needs 199 objects to calibrate on .*, about 796 in all datasets together: there are 19; .*, or --loss 0\.05$/,
  );
  // The loss that it names is one that can be promised.
  expect(promisedThreshold([above([1, 2]), above(Array(17).fill(1), "b")], 0.05, 0.5).threshold).toBe(1);
});
