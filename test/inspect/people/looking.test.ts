/** Looking closer where decoys are among the objects: nothing says which they are before the round is closed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DatasetSpec, writeDataset } from "../../../src/dataset/writer.ts";
import { factsOf } from "../../../src/inspect/facts.ts";
import type { BesideAnswer } from "../../../src/inspect/look-contract.ts";
import { closeTools, type LookTools, openTools } from "../../../src/inspect/look-tools.ts";
import { openObjects } from "../../../src/inspect/objects.ts";
import { People } from "../../../src/inspect/people/people.ts";
import { Search } from "../../../src/inspect/search.ts";
import { type RunningServer, startServer } from "../../../src/inspect/server.ts";
import { defaults, skyOf, writeMade } from "../../sky/frames/made.ts";
import { slow } from "../../slow.ts";
import { fluxImage, row, SPEC, scratch } from "../../tiny/dataset.ts";
import { Browser, newRequest } from "../asking.ts";

slow("loads libtorch in a thread");

const folder = scratch();
const at = (name: string) => join(folder, name);
let search: Search;
let tools: LookTools;
let server: RunningServer;
let anna: Browser;
beforeAll(async () => {
  const columns: DatasetSpec["columns"] = {
    ...({ mag: "number", cut_frame: "text", cut_angle: "number", cut_mirrored: "yes/no" } as const),
  };
  // Row 0 is the survey's, row 1 a decoy that was painted at the same position, and has no column of the survey's.
  const [ra, dec] = skyOf(defaults, 100.5, 80.5);
  await writeDataset(at("data"), { ...SPEC, columns }, async (writer) => {
    const cut = { mag: 20, cut_frame: "g.fits", cut_angle: 0, cut_mirrored: false };
    writer.append(fluxImage(0), [row(0, { ra, dec, ...cut })]);
    writer.append(fluxImage(1), [row(1, { ra, dec })]);
  });
  writeFileSync(at("sample.csv"), "shown,id,stratum,probability,decoy\n1,toy-0,top,1,\n2,toy-1,,,lens\n");
  mkdirSync(at("frames"));
  for (const band of ["g", "r"])
    writeMade(at(`frames/${band}.fits`), { ...defaults, header: { FILTER: band, MAGZERO: 27 } });
  const objects = await openObjects({
    dataset: at("data"),
    scores: [],
    sample: at("sample.csv"),
    columns: ["mag"],
  });
  search = Search.open(at("search"), objects, false);
  tools = await openTools(
    search,
    { finder: null, features: null, frames: [at("frames")], pattern: null },
    false,
  );
  const people = new People(search, { lensGrades: ["A", "B"], prior: 0.2 });
  const rules = { pages: new Map(), showScores: false, readOnly: false, host: "127.0.0.1", port: 0 };
  server = await startServer({ ...rules, search, people, tools, graders: ["anna"] });
  anna = await Browser.open("anna", server.addresses[0]!.url);
});
afterAll(async () => {
  await server.close();
  await closeTools(tools);
  search.close();
  search.objects.domain.close();
});

const beside = (row: number) => anna.json<BesideAnswer>(`/api/beside?row=${row}`);
const wider = async (row: number) => (await anna.get(`/api/wider?row=${row}`)).status;

test("a decoy without a position hides those of all objects until the round is closed", async () => {
  // As the decoys of other programs: row 1 has none.
  await writeDataset(at("partly"), SPEC, async (writer) => {
    writer.append(fluxImage(0), [row(0, { ra: 10, dec: 2 })]);
    writer.append(fluxImage(1), [row(1)]);
  });
  const objects = await openObjects({ dataset: at("partly"), scores: [], sample: at("sample.csv") });
  const other = Search.open(at("partly-search"), objects, false);
  const positions = () => factsOf(other, "anna", [0, 1], false).map(({ position }) => position?.ra ?? null);
  const graded = { ids: ["toy-0", "toy-1"], grade: "A", kind: null, seconds: null } as const;
  expect(positions()).toEqual([null, null]);
  other.write({ action: "grade", grader: "anna", request: newRequest(), ...graded, ids: [...graded.ids] });
  expect(positions()).toEqual([null, null]);
  other.write({ action: "close", grader: "anna", request: newRequest(), ids: [] });
  expect(positions()).toEqual([10, null]);
  other.close();
  objects.domain.close();
});

test("before an object is graded, and after it, until the round is closed", async () => {
  for (const before of ["graded", "closed"]) {
    for (const row of [0, 1]) {
      expect(await beside(row)).toEqual({ row, orientation: null, catalogue: null });
      expect(await wider(row)).toBe(400);
    }
    const refused = (await anna.get("/api/wider?row=0")).body.toString();
    expect(refused).toMatch(/would say which objects are decoys; look again when the round is closed/);
    if (before === "graded") await anna.grade([0, 1], "A");
  }
  await anna.post("/api/close", { request: newRequest(), disagreements: false });
  expect(await beside(0)).toEqual({
    row: 0,
    orientation: { angle: 0, mirrored: false },
    catalogue: [{ name: "mag", value: "20" }],
  });
  expect(await wider(0)).toBe(200);
});
