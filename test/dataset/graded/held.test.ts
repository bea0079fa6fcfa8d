/** Graded rows that are held: whole groups of each class, by the seed. */
import { expect, test } from "vitest";
import type { GradedRows } from "../../../src/dataset/graded/graded-rows.ts";
import { divided } from "../../../src/dataset/graded/held.ts";

/** Rows by their groups, each with how surely it is a lens. */
function graded(rows: readonly (readonly [group: string, lens: number])[]) {
  const record = { table: { path: "grades.csv" } } as GradedRows["record"];
  return {
    groups: rows.map(([group]) => group),
    lens: Float64Array.from(rows, ([, lens]) => lens),
    record,
  };
}

/** Ten groups with a lens and twenty without, of two rows each; the second row of a lens's group is none. */
const many = graded(
  Array.from({ length: 60 }, (_, i) => [`g${i >> 1}`, i < 20 && i % 2 === 0 ? 0.8 : 0.1] as const),
);
const groupsOf = ({ groups }: typeof many, part: Int32Array) => new Set(Array.from(part, (i) => groups[i]!));

test("a share of the groups of each class is held, whole", () => {
  const { trained, held } = divided(many, 0.2, 7);
  expect([...trained, ...held].sort((a, b) => a - b)).toEqual([...many.lens.keys()]);
  const [ofTrained, ofHeld] = [groupsOf(many, trained), groupsOf(many, held)];
  expect([...ofHeld].filter((group) => ofTrained.has(group))).toEqual([]);
  // 2 of 10 groups with a lens, 4 of 20 without.
  expect(ofHeld.size).toBe(6);
  expect(Array.from(held, (i) => many.lens[i]).filter((p) => p === 0.8)).toHaveLength(2);
  expect([...held]).toEqual([...held].sort((a, b) => a - b));
});

test("one seed gives one draw, another seed another, whatever the order of the rows", () => {
  const ofSeed = (seed: number, rows = many) => [...groupsOf(rows, divided(rows, 0.2, seed).held)].sort();
  expect(ofSeed(7)).toEqual(ofSeed(7));
  expect([1, 2, 3].map((seed) => ofSeed(seed)).some((draw) => String(draw) !== String(ofSeed(7)))).toBe(true);
  const turned = graded(many.groups.map((group, i) => [group, many.lens[i]!] as const).reverse());
  expect(ofSeed(7, turned)).toEqual(ofSeed(7));
});

test("of few groups one of each class is held, or all but one", () => {
  const few = graded([
    ["a", 1],
    ["b", 1],
    ["c", 0],
    ["d", 0],
    ["e", 0],
  ]);
  const lensesOf = (part: Int32Array) => Array.from(part, (i) => few.lens[i]).sort();
  expect(lensesOf(divided(few, 0.01, 1).held)).toEqual([0, 1]);
  expect(lensesOf(divided(few, 0.99, 1).trained)).toEqual([0, 1]);
});

test("a class of one group can't be held and trained on", () => {
  const lone = graded([
    ["a", 1],
    ["b", 0],
    ["c", 0],
  ]);
  expect(() => divided(lone, 0.2, 1)).toThrow(
    "grades.csv: its lenses are of 1 groups and its other rows of 2, too few to hold some of both classes (--graded-held) " +
      "and to train on both; grade rows of more groups, or leave --graded-held out",
  );
});
