/** What graders have said, as a function of the journal's entries. */
import { expect, test } from "vitest";
import type { Entry, NewEntry } from "../../src/inspect/entry.ts";
import type { Grade, Kind } from "../../src/inspect/grades.ts";
import { Grading, passes } from "../../src/inspect/grading.ts";

const KNOWN = new Set(["a", "b", "c", "d"]);
const numbered = (entries: readonly NewEntry[]): Entry[] =>
  entries.map((one, k) => ({ n: k + 1, at: `2026-01-01T00:00:0${k}.000Z`, ...one }) as Entry);
let requests = 0;
const said = (grader: string, ids: string[], grade: Grade | null, kind: Kind | null = null): NewEntry => ({
  action: "grade",
  request: `r${requests++}`,
  ...{ grader, ids, grade, kind, seconds: 6 },
});
const noted = (grader: string, id: string, comment: string): NewEntry => ({
  action: "comment",
  request: `r${requests++}`,
  ...{ grader, ids: [id], comment },
});
const undone = (grader: string, of: number): NewEntry => ({
  action: "undo",
  request: `r${requests++}`,
  ...{ grader, of },
});
const closed = (...ids: string[]): NewEntry => ({
  action: "close",
  request: `r${requests++}`,
  ...{ grader: "anna", ids },
});
const tagged = (id: string, ...tags: string[]): NewEntry => ({
  action: "tags",
  request: `r${requests++}`,
  ...{ grader: "anna", ids: [id], tags },
});
const gradingOf = (...entries: NewEntry[]) => new Grading(numbered(entries), KNOWN);

test("the last grade counts, and graders know nothing of each other", () => {
  const grading = gradingOf(
    said("anna", ["a"], "A"),
    said("ben", ["a"], "X", "spiral"),
    said("anna", ["a"], "B"),
  );
  expect(grading.of("anna", "a")).toMatchObject({ grade: "B", kind: null, at: "2026-01-01T00:00:02.000Z" });
  expect(grading.of("ben", "a")).toMatchObject({ grade: "X", kind: "spiral" });
  expect(grading.of("carl", "a")).toEqual({
    ...{ grade: null, kind: null, comment: "", tags: [] },
    ...{ at: null, seconds: null },
  });
  expect(grading.graders).toEqual(["anna", "ben"]);
});

test("undo takes back one's own last act, again and again, down to nothing", () => {
  const grading = gradingOf(
    said("anna", ["a"], "A"),
    noted("anna", "a", "arc?"),
    said("ben", ["b"], "C"),
    said("anna", ["a"], "X"),
  );
  const steps: unknown[] = [];
  for (let n = 5; grading.undoable("anna") !== undefined; n++) {
    const { grade, comment } = grading.of("anna", "a");
    steps.push([grade, comment]);
    grading.add({
      n,
      at: "2026-01-01T00:01:00.000Z",
      ...undone("anna", grading.undoable("anna")!.n),
    } as Entry);
  }
  expect(steps).toEqual([
    ["X", "arc?"],
    ["A", "arc?"],
    ["A", ""],
  ]);
  expect(grading.of("anna", "a").grade).toBeNull();
  expect(grading.of("ben", "b").grade).toBe("C");
});

test("the objects of a page are one act: graded together, undone together, the time shared", () => {
  const grading = gradingOf(said("anna", ["a"], "A"), said("anna", ["a", "b", "c"], "X"));
  expect(grading.of("anna", "b")).toMatchObject({ grade: "X", seconds: 2 });
  grading.add({ n: 3, at: "2026-01-01T00:01:00.000Z", ...undone("anna", 2) } as Entry);
  expect(["a", "b", "c"].map((id) => grading.of("anna", id).grade)).toEqual(["A", null, null]);
});

test("progress counts each object once, whatever was said of it before, and none of others", () => {
  const grading = gradingOf(
    said("anna", ["a", "b", "elsewhere"], "X"),
    said("anna", ["a"], "A"),
    said("anna", ["c"], "candidate"),
    said("anna", ["d"], "B"),
    said("anna", ["d"], null),
    noted("anna", "d", "a note"),
    noted("anna", "b", "a note"),
    noted("anna", "b", ""),
    undone("anna", 4),
  );
  expect(grading.progress("anna")).toEqual({
    round: 1,
    objects: 4,
    graded: 2,
    by: { A: 1, B: 0, C: 0, X: 1, candidate: 1 },
    comments: 1,
    tags: [],
    undoable: true,
  });
  expect(grading.progress("ben")).toMatchObject({ graded: 0, undoable: false });
});

test("filters: a candidate is still to be graded", () => {
  const grading = gradingOf(
    said("anna", ["a"], "A"),
    said("anna", ["b"], "candidate"),
    noted("anna", "c", "note"),
  );
  const shown = (filter: Parameters<typeof passes>[1]) =>
    [...KNOWN].filter((id) => passes(grading.of("anna", id), filter)).join("");
  expect(shown("all")).toBe("abcd");
  expect(shown("ungraded")).toBe("bcd");
  expect(shown("graded")).toBe("a");
  expect(shown("candidates")).toBe("b");
  expect(shown("commented")).toBe("c");
  expect(shown("A")).toBe("a");
  expect(shown("X")).toBe("");
});

test("tags are counted and filter; the last list counts, and undo brings the one before it back", () => {
  const grading = gradingOf(tagged("a", "ring", "blue"), tagged("b", "ring"), tagged("a", "ring"));
  expect(grading.of("anna", "a").tags).toEqual(["ring"]);
  expect(grading.progress("anna").tags).toEqual([{ tag: "ring", objects: 2 }]);
  grading.add({ n: 4, at: "2026-01-01T00:01:00.000Z", ...undone("anna", 3) } as Entry);
  expect(grading.progress("anna").tags).toEqual([
    { tag: "blue", objects: 1 },
    { tag: "ring", objects: 2 },
  ]);
  const shown = [...KNOWN].filter((id) => passes(grading.of("anna", id), "all", "blue"));
  expect(shown).toEqual(["a"]);
});

test("in a second round objects are looked at again: as if ungraded, yet what was said stays said", () => {
  const grading = gradingOf(
    said("anna", ["a"], "A"),
    said("anna", ["b"], "X"),
    said("ben", ["a"], "X"),
    closed("a"),
  );
  expect(grading.round).toBe(2);
  expect(grading.of("anna", "a").grade).toBeNull();
  expect(grading.saidOf("anna", "a").grade).toBe("A");
  expect(grading.of("anna", "b").grade).toBe("X");
  expect(grading.progress("anna")).toMatchObject({
    round: 2,
    graded: 1,
    by: { A: 0, X: 1 },
    undoable: false,
  });
  grading.add({ n: 5, at: "2026-01-01T00:01:00.000Z", ...said("anna", ["a"], "C") } as Entry);
  expect(grading.of("anna", "a").grade).toBe("C");
  expect(grading.of("ben", "a").grade).toBeNull();
  expect(grading.looks("anna", "a")).toEqual([
    { round: 1, grade: "A", kind: null },
    { round: 2, grade: "C", kind: null },
  ]);
  expect(grading.progress("anna")).toMatchObject({ graded: 2, by: { A: 0, C: 1, X: 1 }, undoable: true });
});

test("a grade of a closed round can't be undone", () => {
  const grading = gradingOf(said("anna", ["a"], "A"), closed());
  expect(grading.undoable("anna")).toBeUndefined();
  expect(grading.of("anna", "a").grade).toBe("A");
});

test("objects that a search gains are counted with what was said of them before", () => {
  const grading = gradingOf(said("anna", ["a", "new"], "B"));
  expect(grading.progress("anna")).toMatchObject({ objects: 4, graded: 1 });
  grading.include(["a", "new"]);
  expect(grading.progress("anna")).toMatchObject({ objects: 5, graded: 2 });
});
