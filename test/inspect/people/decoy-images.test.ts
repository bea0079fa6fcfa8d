/** Decoys of a dataset of their own, such as painted lenses: nothing that a page is given says which objects they are. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCatalog } from "../../../src/catalog/read.ts";
import type { DatasetSpec } from "../../../src/dataset/writer.ts";
import { writeDataset } from "../../../src/dataset/writer.ts";
import type { FactsAnswer, PeopleAnswer } from "../../../src/inspect/contract.ts";
import { Estimates } from "../../../src/inspect/estimates.ts";
import { writeGrades } from "../../../src/inspect/grades-table.ts";
import { writeTrainingGrades } from "../../../src/inspect/learning/grades.ts";
import type { BesideAnswer } from "../../../src/inspect/look-contract.ts";
import { openTools } from "../../../src/inspect/look-tools.ts";
import { openObjects } from "../../../src/inspect/objects.ts";
import { People } from "../../../src/inspect/people/people.ts";
import { Search } from "../../../src/inspect/search.ts";
import { type RunningServer, startServer } from "../../../src/inspect/server.ts";
import { openImages } from "../../../src/inspect/shown-images.ts";
import { commandLine } from "../../cli/arclet.ts";
import { slow } from "../../slow.ts";
import { fluxImage, row, SPEC, scratch } from "../../tiny/dataset.ts";
import { Browser, newRequest } from "../asking.ts";

slow("runs commands");

const folder = scratch();
const at = (name: string) => join(folder, name);
const { done, refused } = commandLine(folder);
const COUNT = 40;
const PAINTED = ["not-lens", "lens"];
let search: Search;
let server: RunningServer;
let anna: Browser;
let rows: number[];
/** Of each row: the sample's id, and what a decoy is. */
let sampled: { id: string; decoy: string }[];

/** The survey has positions and a catalogue; what is painted has neither, and its bands are in another order. */
async function writeData(): Promise<void> {
  const spec: DatasetSpec = { ...SPEC, columns: { mag: "number" } };
  await writeDataset(at("data"), spec, async (writer) => {
    for (let i = 0; i < COUNT; i++)
      writer.append(fluxImage(i), [row(i, { id: `o${i}`, mag: 20, ra: 10 + i, dec: 1 })]);
  });
  const painted = { ...SPEC, bands: ["r", "g"], classes: PAINTED, columns: { host: "text" } as const };
  await writeDataset(at("painted"), painted, async (writer) => {
    for (let i = 0; i < 2 * COUNT; i++) {
      const [host, made] = [`o${i % COUNT}`, i < COUNT];
      const id = `${host}-${made ? "painted-0" : "unpainted"}`;
      const named = { id, group: host, label: made ? "lens" : "not-lens", host };
      writer.append(fluxImage(1000 + i), [{ ...row(i), ...named }]);
    }
  });
  const scores = Array.from({ length: COUNT }, (_, i) => `o${i},${1 - i / COUNT}\n`);
  writeFileSync(at("scores.csv"), `id,score\n${scores.join("")}`);
}

const open = () =>
  openObjects({
    ...{ dataset: at("data"), scores: [at("scores.csv")], sample: at("sample.csv") },
    ...{ decoyImages: at("painted"), columns: ["mag"] },
  });

beforeAll(async () => {
  await writeData();
  done(
    "select scores.csv --top 5 --random 8 --bins 1 --decoys painted --decoy-rate 0.5 --seed 2 --out sample.csv",
  );
  const { table } = await readCatalog(at("sample.csv"), { texts: ["decoy"] });
  const decoys = table.column("decoy");
  sampled = table.texts("id").map((id, k) => ({ id, decoy: String(decoys[k] ?? "") }));
  const objects = await open();
  rows = [...objects.rows];
  search = Search.open(at("search"), objects, false);
  const people = new People(search, { lensGrades: ["A", "B"], prior: 0.2 });
  const estimates = new Estimates(search, ["A", "B"]);
  const rules = { pages: new Map(), showScores: true, readOnly: false, host: "127.0.0.1", port: 0 };
  server = await startServer({ ...rules, search, people, estimates, graders: ["anna"] });
  anna = await Browser.open("anna", server.addresses[0]!.url);
});
afterAll(async () => {
  await server.close();
  search.close();
  search.objects.domain.close();
});
const facts = async () => (await anna.json<FactsAnswer>(`/api/facts?rows=${rows.join()}`)).objects;
const isDecoy = (k: number) => sampled[k]!.decoy !== "";
const text = async (path: string) => (await anna.get(path)).body.toString();

test("a sample draws decoys of both classes from a painted dataset, and no two versions of one object", () => {
  expect(sampled).toHaveLength(26);
  const decoys = sampled.filter((_, k) => isDecoy(k));
  expect(decoys).toHaveLength(13);
  expect(new Set(decoys.map(({ decoy }) => decoy))).toEqual(new Set(["lens", "not-lens"]));
  const objects = sampled.map(({ id }) => id.split("-")[0]!);
  expect(new Set(objects).size).toBe(26);
});

test("rows are the sample's, and pixels are those of whichever dataset has the object, bands by name", async () => {
  expect(rows).toEqual(rows.map((_, k) => k));
  const { body } = await anna.get(`/api/pixels?rows=${rows.join()}`);
  const pixels = new Float32Array(Uint8Array.from(body).buffer);
  for (const [k, { id }] of sampled.entries()) {
    const index = Number(/\d+/.exec(id)![0]);
    const image = id.endsWith("unpainted") ? 1000 + COUNT + index : isDecoy(k) ? 1000 + index : index;
    const stored = [...fluxImage(image)];
    const bands = isDecoy(k) ? [...stored.slice(9), ...stored.slice(0, 9)] : stored;
    expect([...pixels.subarray(18 * k, 18 * k + 18)]).toEqual(bands);
  }
  // The thread of heat maps and objects alike sees the same.
  const images = await openImages(structuredClone(search.objects.source));
  expect(images.images(rows).data()).toEqual(pixels);
  images.close();
});

test("before the round is closed all objects are alike, graded or not, with or without --show-scores", async () => {
  for (const graded of [false, true]) {
    if (graded) await anna.grade(rows, "A");
    const shown = (await facts()).map(({ row, id, ...others }) => ({
      number: id === `sample-${row + 1}`,
      others,
    }));
    expect(new Set(shown.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(shown[0]).toMatchObject({ number: true, others: { position: null, scores: null } });
    const beside = await Promise.all(rows.map((one) => anna.json<BesideAnswer>(`/api/beside?row=${one}`)));
    expect(beside).toEqual(rows.map((row) => ({ row, orientation: null, catalogue: null })));
  }
  for (const path of [
    "/api/session",
    "/api/export?format=csv",
    "/api/export?format=html",
    "/api/order?by=random&show=all",
  ])
    expect(await text(path)).not.toMatch(/\bo\d+\b|painted|host|score_/);
  const csv = (await text("/api/export?format=csv")).trim().split("\n");
  expect(csv).toHaveLength(27);
  expect(csv[0]).toMatch(/,ra,dec$/);
  expect(csv.slice(1).every((line) => line.endsWith(",,"))).toBe(true);
  expect(await text("/api/export?format=reg")).toMatch(
    /positions would say which objects are decoys; save regions when/,
  );
});

test("what comes last counts decoys as decoys: own skill, figures of the survey, and grades to learn from", async () => {
  const lenses = sampled.flatMap(({ decoy }, k) => (decoy === "lens" ? [k] : []));
  await anna.grade(rows, "X");
  await anna.grade([...lenses, sampled.findIndex(({ id }) => id === "o0")], "A");
  const { own } = await anna.json<PeopleAnswer>("/api/people");
  expect([own.sensitivity!.value, own.specificity!.value]).toEqual([1, 1]);
  // Before the command, which holds this process up until the server gives up its connection.
  const shown = JSON.parse(await text("/api/estimates"));
  await writeGrades(at("grades.csv"), search, ["anna"]);
  expect(readFileSync(at("grades.csv"), "utf8").match(/-painted-0|-unpainted/g)).toHaveLength(13);
  done(
    `estimate scores.csv sample.csv grades.csv --positives "grade IN ('A', 'B')" --grader-errors decoys --out figures`,
  );
  const { number } = JSON.parse(readFileSync(at("figures/estimates.json"), "utf8")) as { number: object };
  expect(shown.figures).toMatchObject({ number, corrected: true });
  expect(await writeTrainingGrades(folder, search, ["A", "B"])).toBe(13);
  expect(readFileSync(at("grades.csv"), "utf8")).not.toMatch(/painted/);
});

test("when the round is closed the survey's objects have ids, positions and a catalogue again", async () => {
  await anna.post("/api/close", { request: newRequest(), disagreements: false });
  const all = await facts();
  expect(all.map(({ id }) => id)).toEqual(sampled.map(({ id }) => id));
  expect(all.map(({ position }) => position === null)).toEqual(rows.map(isDecoy));
  const first = rows.find((k) => !isDecoy(k))!;
  expect((await anna.json<BesideAnswer>(`/api/beside?row=${first}`)).catalogue).toEqual([
    { name: "mag", value: "20" },
  ]);
  expect((await text("/api/export?format=reg")).match(/circle/g)).toHaveLength(13);
  // SWAP: her rates are those of the decoys, so her one lens is ahead of all that she called none.
  const order = new Int32Array(Uint8Array.from((await anna.get("/api/order?by=swap&show=all")).body).buffer);
  const survey = [...order].filter((k) => !isDecoy(k));
  expect(sampled[survey[0]!]!.id).toBe("o0");
});

test("a table of features without decoys would tell them, and is refused", async () => {
  const survey = sampled.filter((_, k) => !isDecoy(k));
  writeFileSync(at("features.csv"), `id,f0,f1\n${survey.map(({ id }, k) => `${id},1,${k}\n`).join("")}`);
  const sources = { finder: null, features: at("features.csv"), frames: [], pattern: null };
  await expect(openTools(search, sources, false)).rejects.toThrow(
    /features\.csv: has no features of 13 of 13 decoys, by which graders could tell them/,
  );
});

test("the same search again needs the same decoys", async () => {
  const objects = await open();
  const guest = Search.open(at("search"), objects, true);
  expect(guest.objects.decoys.size).toBe(13);
  guest.close();
  objects.domain.close();
});

test("refused: without a sample, of another kind, without the images, with none of the sample's", async () => {
  const inspect = "inspect data scores.csv --no-open --out s";
  refused(/--decoy-images shows decoys of a sample.*give --sample/, `${inspect} --decoy-images painted`);
  refused(
    /sample\.csv row \d+: id o\d+-\w+(-0)? is not one of data.*arclet paint wrote, by --decoy-images/,
    `${inspect} --sample sample.csv`,
  );
  const wrong = { scale: { pixelScale: 0.3 }, band: { bands: ["g", "i"] }, size: { shape: [2, 1, 9] } };
  for (const [name, difference] of Object.entries(wrong))
    await writeDataset(at(name), { ...SPEC, ...difference } as DatasetSpec, async (writer) =>
      writer.append(fluxImage(0), [row(0)]),
    );
  const other = `${inspect} --sample sample.csv --decoy-images`;
  refused(/scale: .*pixel scale 0\.3, not 0\.2; paint decoys on images of the dataset/, `${other} scale`);
  refused(/band: .*bands g, i, not g, r/, `${other} band`);
  refused(/size: .*size 1 × 9, not 3 × 3/, `${other} size`);
  done("select scores.csv --top 5 --random 8 --bins 1 --out plain.csv");
  refused(
    /painted: has no decoy of plain\.csv.*leave out/,
    `${inspect} --sample plain.csv --decoy-images painted`,
  );
});
