/** What the server says of an object to a grader who looks closer. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DatasetSpec, writeDataset } from "../../src/dataset/writer.ts";
import type { FactsAnswer, SessionAnswer } from "../../src/inspect/contract.ts";
import type { BesideAnswer } from "../../src/inspect/look-contract.ts";
import { openObjects } from "../../src/inspect/objects.ts";
import { Search } from "../../src/inspect/search.ts";
import { startServer } from "../../src/inspect/server.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";
import { Browser } from "./asking.ts";

const folder = scratch();
const closing: (() => unknown)[] = [];
let made = 0;

beforeAll(async () => {
  const columns: DatasetSpec["columns"] = {
    ...({ mag: "number", survey_id: "whole", note: "text", scene: "text" } as const),
    ...({ cut_frame: "text", cut_angle: "number", cut_mirrored: "yes/no" } as const),
  };
  const spec = { ...SPEC, columns };
  await writeDataset(join(folder, "cut"), spec, async (writer) => {
    const cut = { cut_frame: "g.fits", cut_angle: 30, cut_mirrored: false, ra: 150.11632, dec: 2.20583 };
    const values = { mag: 21.123456789, survey_id: 9007199254740991, note: "<b>", scene: "{}" };
    writer.append(fluxImage(0), [row(0, { ...cut, ...values })]);
    writer.append(fluxImage(1), [
      row(1, { ...cut, cut_angle: null, cut_mirrored: null, note: "x".repeat(500) }),
    ]);
  });
  await writeDataset(join(folder, "plain"), SPEC, async (writer) => writer.append(fluxImage(0), [row(0)]));
});
afterAll(async () => {
  for (const close of closing) await close();
});

/** A grader before a search of a dataset. */
async function grader(name: string, columns: string[] | null = null): Promise<Browser> {
  const objects = await openObjects({ dataset: join(folder, name), scores: [], columns });
  const search = Search.open(join(folder, `search-${made++}`), objects, false);
  const rules = { showScores: false, readOnly: false, host: "127.0.0.1", port: 0 };
  const server = await startServer({ ...rules, search, pages: new Map(), graders: ["anna"] });
  closing.push(
    () => server.close(),
    () => search.close(),
    () => objects.domain.close(),
  );
  return Browser.open("anna", server.addresses[0]!.url);
}

test("cutouts know how they lie on the sky, row by row; other images don't", async () => {
  const anna = await grader("cut");
  expect((await anna.json<SessionAnswer>("/api/session")).look.bottomFirst).toBe(true);
  const [first, second] = await Promise.all(
    [0, 1].map((row) => anna.json<BesideAnswer>(`/api/beside?row=${row}`)),
  );
  expect(first!.orientation).toEqual({ angle: 30, mirrored: false });
  expect(second!.orientation).toBeNull();
  const other = await grader("plain");
  expect((await other.json<SessionAnswer>("/api/session")).look.bottomFirst).toBe(false);
  expect((await other.json<BesideAnswer>("/api/beside?row=0")).orientation).toBeNull();
});

test("catalogue values are hidden until the object is graded; class and scene always", async () => {
  const anna = await grader("cut");
  expect((await anna.json<BesideAnswer>("/api/beside?row=0")).catalogue).toBeNull();
  await anna.grade([0], "candidate");
  expect((await anna.json<BesideAnswer>("/api/beside?row=0")).catalogue).toBeNull();
  await anna.grade([0], "X");
  expect((await anna.json<BesideAnswer>("/api/beside?row=0")).catalogue).toEqual([
    { name: "mag", value: "21.1235" },
    { name: "survey_id", value: "9007199254740991" },
    { name: "note", value: "<b>" },
  ]);
  await anna.grade([1], "X");
  // What is empty is left out, what is long is cut.
  const { catalogue } = await anna.json<BesideAnswer>("/api/beside?row=1");
  expect(catalogue).toEqual([{ name: "note", value: `${"x".repeat(120)}…` }]);
});

test("columns that were named are shown before, and no others after", async () => {
  const anna = await grader("cut", ["mag"]);
  const shown = [{ name: "mag", value: "21.1235" }];
  expect((await anna.json<BesideAnswer>("/api/beside?row=0")).catalogue).toEqual(shown);
  await anna.grade([0], "X");
  expect((await anna.json<BesideAnswer>("/api/beside?row=0")).catalogue).toEqual(shown);
});

test.each([
  ["magg", /cut.*column.*magg.*mag/],
  ["label", /--columns must be columns that don't say what an object is, got "label"/],
])("refused as a column: %s", async (name, message) => {
  await expect(openObjects({ dataset: join(folder, "cut"), scores: [], columns: [name] })).rejects.toThrow(
    message,
  );
});

test("a position is text in degrees, and in hours, to copy", async () => {
  const anna = await grader("cut");
  const { objects } = await anna.json<FactsAnswer>("/api/facts?rows=0");
  expect(objects[0]!.position).toMatchObject({
    text: "150.11632, +2.20583",
    sexagesimal: "10:00:27.917 +02:12:20.99",
  });
});

test.each(["", "?row=7", "?row=-1", "?row=../x", "?row=0&more=1"])(
  "refused: /api/beside%s",
  async (query) => {
    const anna = await grader("cut");
    expect((await anna.get(`/api/beside${query}`)).status).toBe(400);
  },
);
