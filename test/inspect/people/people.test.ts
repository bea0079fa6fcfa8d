/** Several graders: blind within a round, and what follows from it when it is closed. Decoys among the objects. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeDataset } from "../../../src/dataset/writer.ts";
import type { FactsAnswer, PeopleAnswer, SessionAnswer } from "../../../src/inspect/contract.ts";
import { factsOf } from "../../../src/inspect/facts.ts";
import { writeGrades } from "../../../src/inspect/grades-table.ts";
import { openObjects } from "../../../src/inspect/objects.ts";
import { ordersOf } from "../../../src/inspect/orders.ts";
import { writeLooks } from "../../../src/inspect/people/looks-table.ts";
import { People } from "../../../src/inspect/people/people.ts";
import { secondLooks } from "../../../src/inspect/people/second-look.ts";
import { skillOf } from "../../../src/inspect/people/skill.ts";
import { Search } from "../../../src/inspect/search.ts";
import { type RunningServer, startServer } from "../../../src/inspect/server.ts";
import { fluxImage, row, SPEC, scratch } from "../../tiny/dataset.ts";
import { Browser, newRequest } from "../asking.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
/** 12 lenses and 12 others are decoys, rows 6 to 29. */
const COUNT = 30;
const isDecoy = (i: number) => i >= 6;
let search: Search;
let server: RunningServer;
let [anna, ben, carl]: Browser[] = [];
beforeAll(async () => {
  await writeDataset(at("data"), { ...SPEC, name: "toy" }, async (writer) => {
    for (let i = 0; i < COUNT; i++) writer.append(fluxImage(i), [row(i, { id: `o${i}` })]);
  });
  const lines = Array.from({ length: COUNT }, (_, i) =>
    isDecoy(i) ? `${i + 1},o${i},,,${i < 18 ? "lens" : "not-lens"}` : `${i + 1},o${i},top,1,`,
  );
  writeFileSync(at("sample.csv"), `shown,id,stratum,probability,decoy\n${lines.join("\n")}\n`);
  const objects = await openObjects({ dataset: at("data"), scores: [], sample: at("sample.csv") });
  search = Search.open(at("search"), objects, false);
  const people = new People(search, { lensGrades: ["A", "B"], prior: 0.2 });
  const rules = { pages: new Map(), showScores: false, readOnly: false, host: "127.0.0.1", port: 0 };
  server = await startServer({ ...rules, search, people, graders: ["anna", "ben", "carl"] });
  [anna, ben, carl] = await Promise.all(server.addresses.map(({ grader, url }) => Browser.open(grader, url)));
});
afterAll(async () => {
  await server.close();
  search.close();
  search.objects.domain.close();
});
const people = (who: Browser) => who.json<PeopleAnswer>("/api/people");
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k);

test("nothing that a page is given says which objects are decoys", async () => {
  const { objects } = await anna!.json<FactsAnswer>(`/api/facts?rows=${rows(0, COUNT).join()}`);
  const strange = objects.map(({ row, id, ...others }) => JSON.stringify(others));
  expect(new Set(strange).size).toBe(1);
  const session = JSON.stringify(await anna!.json<SessionAnswer>("/api/session"));
  expect(session).not.toMatch(/decoy/);
});

test("one sees how oneself does, by steps of ten decoys, and of others nothing", async () => {
  await anna!.grade(rows(6, 15), "A"); // nine lenses
  expect((await people(anna!)).own).toMatchObject({ graded: 9, decoys: true, sensitivity: null });
  await anna!.grade(rows(15, 18), "C"); // three more, overlooked
  await anna!.grade(rows(18, 29), "X");
  await anna!.grade([29], "B");
  // 20 of 24: the twelve lenses, and the first eight others.
  const { own, closed } = await people(anna!);
  expect(own.sensitivity).toMatchObject({ right: 9, of: 12, value: 0.75 });
  expect(own.specificity).toMatchObject({ right: 8, of: 8, value: 1, high: 1 });
  expect(closed).toBeNull();
  expect((await people(ben!)).own).toMatchObject({ grader: "ben", graded: 0, sensitivity: null });
});

test("when a round is closed everybody sees everybody, and objects on which they differ come again", async () => {
  await anna!.grade([0, 1], "A");
  await anna!.grade([2, 3], "X");
  await ben!.grade([0], "B");
  await ben!.grade([1, 2], "X");
  await ben!.grade([4], "A");
  await carl!.grade([3], "X");
  const before = await carl!.json<FactsAnswer>("/api/facts?rows=3");
  expect(before.objects[0]!.consensus).toBeNull();
  const request = newRequest();
  expect((await anna!.post("/api/close", { request, disagreements: true })).status).toBe(200);
  await anna!.post("/api/close", { request, disagreements: true });
  const { round, closed } = await people(carl!);
  expect(round).toBe(2);
  expect(closed!.shared).toBe(4);
  const [ofAnna, ofBen, ofCarl] = closed!.graders;
  // Alone she graded the decoys; of shared objects 0 (A, B), 1 (A, X), 2 and 3 (X, X): (1 + 3 + 0 + 0) / 4 above.
  expect(ofAnna).toMatchObject({ grader: "anna", graded: 28, above: 1, specificity: { right: 11, of: 12 } });
  expect(ofAnna!.sensitivity!.low).toBeCloseTo(0.4677, 3);
  expect(ofBen).toMatchObject({ above: -4 / 3, sensitivity: null, same: null });
  expect(ofCarl).toMatchObject({ graded: 1, above: 0 });
  // Pairs: (A, B), (A, X), (X, X), (X, X). Nominal: 2 of 4 differ, D_o = 0.5; counts A 2, B 1, X 5 of 8:
  // D_e = 1 − (2·1 + 1·0 + 5·4) / (8·7) = 34/56.
  expect(closed!.agreement[0]).toMatchObject({
    level: "nominal",
    alpha: expect.closeTo(1 - 0.5 / (34 / 56), 10),
  });

  const session = await anna!.json<SessionAnswer>("/api/session");
  expect(session.first).toBe("split");
  const order = await anna!.get("/api/order?by=split&show=ungraded");
  // Three grades apart, then one, then what nobody or she alone had: 4 and 5 in the sample's order.
  expect([...new Int32Array(Uint8Array.from(order.body).buffer)]).toEqual([1, 0, 4, 5]);
});

test("what others said stays hidden until one has looked again, and is the consensus of closed rounds then", async () => {
  const fact = async (who: Browser, row: number) =>
    (await who.json<FactsAnswer>(`/api/facts?rows=${row}`)).objects[0]!;
  expect(await fact(anna!, 1)).toMatchObject({ grade: null, consensus: null });
  await ben!.grade([1], "A");
  await anna!.grade([1], "B");
  const { consensus } = await fact(anna!, 1);
  // A is 3, X is 0; Ben's second look belongs to the open round.
  expect(consensus).toMatchObject({ mean: 1.5, graders: 2 });
  expect(consensus!.lens).toBeGreaterThan(0);
});

test("scores that decoys lack don't tell who they are: they are shown when the round is closed", async () => {
  writeFileSync(
    at("scores.csv"),
    `id,score\n${rows(0, 6)
      .map((i) => `o${i},${i}\n`)
      .join("")}`,
  );
  const objects = await openObjects({
    dataset: at("data"),
    scores: [at("scores.csv")],
    sample: at("sample.csv"),
  });
  const other = Search.open(at("other"), objects, false);
  const write = (ids: string[]) =>
    other.write({
      action: "grade",
      grader: "anna",
      ...{ request: newRequest(), ids, grade: "A", kind: null, seconds: null },
    });
  write(["o0", "o7"]);
  expect(ordersOf(objects)).toEqual(["sample", "random"]);
  const scores = () => factsOf(other, "anna", [0, 7], false).map((one) => one.scores);
  expect(scores()).toEqual([null, null]);
  await writeGrades(at("own.csv"), other, ["anna"], { withScores: !objects.scoresTell });
  expect(readFileSync(at("own.csv"), "utf8")).not.toMatch(/score/);
  other.write({ action: "close", grader: "anna", request: newRequest(), ids: [] });
  expect(scores()).toEqual([[{ score: 0, rank: 6, calibrated: null }], [null]]);
  other.close();
  objects.domain.close();
});

test("SWAP: the verdicts of those who know lenses decide the order", async () => {
  const order = await carl!.get("/api/order?by=swap&show=all");
  const ranked = [...new Int32Array(Uint8Array.from(order.body).buffer)];
  // Ben's and Carl's rates are one half, so Anna decides: her lenses 0 and 1 before what she calls none, 2 and 3.
  const places = [0, 1, 4, 5, 2, 3].map((row) => ranked.indexOf(row));
  expect(places).toEqual([...places].sort((a, b) => a - b));
});

test("a gallery has decoys only as long as their absence would tell which they are", async () => {
  const ids = async () =>
    [...(await anna!.get("/api/export?format=html")).body.toString().matchAll(/class="id">(o\d+)</g)].map(
      ([, id]) => id,
    );
  // Ben's and hers of round 1 are closed: her lenses o0 (to look at again) and o1, and none of the decoys.
  expect(await ids()).toEqual(["o0", "o1"]);
  await anna!.grade([7], "A");
  expect(await ids()).toEqual(["o0", "o7", "o1"]);
  await anna!.post("/api/undo", { request: newRequest() });
});

test("who looked again is compared with themselves", async () => {
  await anna!.grade([0], "A");
  await anna!.post("/api/close", { request: newRequest(), disagreements: false });
  const { closed } = await people(anna!);
  expect(closed!.graders[0]!.same).toMatchObject({ right: 1, of: 2, value: 0.5 });
  await writeLooks(at("looks.csv"), search);
  const looks = readFileSync(at("looks.csv"), "utf8")
    .split("\n")
    .filter((line) => /^o[01],/.test(line));
  expect(looks.sort()).toEqual([
    ...["o0,anna,1,A,", "o0,anna,2,A,", "o0,ben,1,B,"],
    ...["o1,anna,1,A,", "o1,anna,2,B,", "o1,ben,1,X,", "o1,ben,2,A,"],
  ]);
});

test("a stated share comes again by chance, whether people differ or not", () => {
  expect(secondLooks(search, false, 0)).toEqual([]);
  expect(secondLooks(search, false, 1)).toHaveLength(29);
  expect(secondLooks(search, true, 0)).toEqual(["o0", "o1"]);
  const some = secondLooks(search, false, 0.4).length;
  expect(some).toBeGreaterThan(3);
  expect(some).toBeLessThan(21);
  expect(secondLooks(search, false, 0.4)).toHaveLength(some);
});

test("skill without a decoy of a class is not known", () => {
  const decoys = new Map([[1, "lens" as const]]);
  expect(skillOf(new Map([[1, "X"]]), decoys, (grade) => grade === "A")).toMatchObject({
    sensitivity: { right: 0, of: 1, low: 0 },
    specificity: null,
  });
});
