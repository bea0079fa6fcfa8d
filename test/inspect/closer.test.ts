/** Heat maps, objects alike and wider cutouts: by the thread that computes them, against what a reader computes here. */
import { existsSync, mkdirSync, readdirSync as readdir, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { writeDataset } from "../../src/dataset/writer.ts";
import { heatMaps } from "../../src/evaluate/explanation/heat.ts";
import { nearestRows } from "../../src/evaluate/features/neighbours.ts";
import { positiveOf } from "../../src/evaluate/positive.ts";
import type { SessionAnswer } from "../../src/inspect/contract.ts";
import type { AlikeAnswer } from "../../src/inspect/look-contract.ts";
import { closeTools, openTools, type ToolSources } from "../../src/inspect/look-tools.ts";
import { openObjects } from "../../src/inspect/objects.ts";
import { Search } from "../../src/inspect/search.ts";
import { startServer } from "../../src/inspect/server.ts";
import { loadModel } from "../../src/train/model.ts";
import { featureRows } from "../../src/train/predict.ts";
import { defaults, type Made, skyOf, writeMade } from "../sky/frames/made.ts";
import { slow } from "../slow.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";
import { folderWith } from "../tiny/runs.ts";
import { Browser } from "./asking.ts";

slow("loads libtorch in a thread");

const folder = folderWith("flux", "of-flux");
const own = scratch();
const RUN = join(folder, "of-flux");
const NOTHING: ToolSources = { finder: null, features: null, frames: [], pattern: null };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A grader before a search with something to look closer with. */
async function grader(dataset: string, out: string, sources: Partial<ToolSources>, readOnly = false) {
  const objects = await openObjects({ dataset, scores: [] });
  closing.push(() => objects.domain.close());
  const search = Search.open(out, objects, readOnly);
  closing.push(() => search.close());
  const tools = await openTools(search, { ...NOTHING, ...sources }, readOnly);
  closing.push(() => closeTools(tools));
  const rules = { showScores: false, readOnly, host: "127.0.0.1", port: 0 };
  const server = await startServer({ ...rules, search, pages: new Map(), graders: ["anna"], tools });
  closing.push(() => server.close());
  return Browser.open("anna", server.addresses[0]!.url);
}
const floats = (body: Buffer) => new Float32Array(Uint8Array.from(body).buffer);
const error = (body: Buffer) => (JSON.parse(body.toString()) as { error: string }).error;

test("a heat map is Grad-CAM of the finder's positive class, the same when it is asked for again", async () => {
  const anna = await grader(join(folder, "flux"), join(own, "heat"), { finder: RUN });
  const dataset = await openDataset(join(folder, "flux"));
  const { network, info } = loadModel(RUN, "cpu");
  const classIndex = positiveOf(info.classes, null);
  const explainer = { network, preprocessing: info.preprocessing, classIndex, output: "logit" } as const;
  let hottest = 0;
  for (const row of [0, 7, 8, 9]) {
    const images = dataset.images([row]);
    const [heat] = heatMaps(explainer, images, ["gradcam"], { window: 8, stride: 4 });
    const expected = heat!.data() as Float32Array;
    const answered = floats((await anna.get(`/api/heat?row=${row}`)).body);
    expect(answered.length).toBe(24 * 24);
    for (const [i, value] of expected.entries()) expect(answered[i]).toBeCloseTo(value, 4);
    hottest = Math.max(hottest, ...expected);
    expect(floats((await anna.get(`/api/heat?row=${row}`)).body)).toEqual(answered);
    for (const tensor of [images, heat!]) tensor.dispose();
  }
  expect(hottest).toBeGreaterThan(0);
  network.dispose();
  dataset.close();
});

test("a heat map by occlusion is what the logit loses when a patch hides it", async () => {
  const anna = await grader(join(folder, "flux"), join(own, "occlusion"), { finder: RUN });
  const dataset = await openDataset(join(folder, "flux"));
  const { network, info } = loadModel(RUN, "cpu");
  const classIndex = positiveOf(info.classes, null);
  const explainer = { network, preprocessing: info.preprocessing, classIndex, output: "logit" } as const;
  const images = dataset.images([7]);
  // Patches of a sixth of 24 pixels.
  const [heat] = heatMaps(explainer, images, ["occlusion"], { window: 4, stride: 2 });
  const answered = floats((await anna.get("/api/heat?row=7&by=occlusion")).body);
  for (const [i, value] of (heat!.data() as Float32Array).entries())
    expect(answered[i]).toBeCloseTo(value, 4);
  expect(answered.some((value) => value !== 0)).toBe(true);
  expect(error((await anna.get("/api/heat?row=7&by=magic")).body)).toMatch(/by.*gradcam/);
  for (const tensor of [images, heat!]) tensor.dispose();
  network.dispose();
  dataset.close();
});

test("objects alike are the nearest in the finder's features, which are kept for the next time", async () => {
  const out = join(own, "alike");
  const anna = await grader(join(folder, "flux"), out, { finder: RUN });
  const all = async () => {
    const answer = await anna.json<AlikeAnswer>("/api/alike?row=3");
    return answer.done === answer.total ? answer : null;
  };
  await expect.poll(all, { timeout: 60_000 }).not.toBeNull();
  const dataset = await openDataset(join(folder, "flux"));
  const model = loadModel(RUN, "cpu");
  const { values, width } = await featureRows(model, dataset, dataset.rows());
  const expected = nearestRows(values, width, 3, 12);
  const { alike, total } = (await all())!;
  expect(total).toBe(40);
  expect(alike.map(({ distance }) => distance)).toEqual(
    expected.map(({ distance }) => expect.closeTo(distance, 4)),
  );
  expect(alike[0]!.row).toBe(expected[0]!.row);
  model.network.dispose();
  dataset.close();
  for (const close of closing.splice(0).reverse()) await close();

  const [file] = [...new Set(readdir(out))].filter((name) => name.startsWith("features-"));
  expect(file).toMatch(/^features-[0-9a-f]{16}-[0-9a-f]{8}\.npy$/);
  const kept = readFileSync(join(out, file!));
  expect(kept.length).toBe(128 + 40 * width * 4);

  // Killed within the eleventh object: those before are not computed again, which a changed number shows; the rest is.
  kept.writeFloatLE(123, 128);
  writeFileSync(join(out, `${file}.partial`), kept.subarray(0, 128 + 10 * width * 4 + 2));
  rmSync(join(out, file!));
  const again = await grader(join(folder, "flux"), out, { finder: RUN });
  await again.json<AlikeAnswer>("/api/alike?row=3");
  await expect.poll(() => existsSync(join(out, file!)), { timeout: 60_000 }).toBe(true);
  const resumed = readFileSync(join(out, file!));
  expect(resumed.subarray(0, 128 + 10 * width * 4)).toEqual(kept.subarray(0, 128 + 10 * width * 4));
  const [one, other] = [resumed, kept].map((bytes) => floats(bytes.subarray(128)));
  expect(one!.length).toBe(other!.length);
  for (const [i, value] of other!.entries()) expect(one![i]).toBeCloseTo(value, 4);
});

test("objects alike by a table of features: the nearest there, without what it lacks, and nothing is written", async () => {
  const dataset = await openDataset(join(folder, "flux"));
  const ids = [...dataset.ids];
  dataset.close();
  // Row n points to n² / 10 degrees from the first axis; row 5 has no features.
  const angle = (n: number) => (n * n * Math.PI) / 1800;
  const lines = ids.flatMap((id, n) =>
    n === 5 ? [] : [`${id},${Math.cos(angle(n))},${Math.sin(angle(n))}`],
  );
  const table = join(own, "features.csv");
  writeFileSync(table, `id,x,y\n${lines.join("\n")}\n`);
  const out = join(own, "by-table");
  const anna = await grader(join(folder, "flux"), out, { features: table });
  expect((await anna.json<SessionAnswer>("/api/session")).look).toMatchObject({ finder: null, alike: true });
  const { alike, done, total } = await anna.json<AlikeAnswer>("/api/alike?row=4");
  expect([done, total]).toEqual([39, 39]);
  expect(alike.slice(0, 4).map(({ row }) => row)).toEqual([3, 2, 1, 0]);
  expect(alike[0]!.distance).toBeCloseTo(1 - Math.cos(angle(4) - angle(3)), 5);
  const { status, body } = await anna.get("/api/alike?row=5");
  expect([status, error(body)]).toEqual([400, expect.stringContaining(`has no features of ${ids[5]}`)]);
  expect(readdir(out).filter((name) => name.startsWith("features-"))).toEqual([]);
  writeFileSync(table, "id,x,y\nother,1,2\n");
  await expect(grader(join(folder, "flux"), join(own, "no-table"), { features: table })).rejects.toThrow(
    /features\.csv: has features of none of the 40 objects/,
  );
});

test("a guest's server writes nothing", async () => {
  const out = join(own, "guest");
  (await openSearch(out)).close();
  const guest = await grader(join(folder, "flux"), out, { finder: RUN }, true);
  const done = async () => (await guest.json<AlikeAnswer>("/api/alike?row=0")).done;
  await expect.poll(done, { timeout: 60_000 }).toBe(40);
  expect(readdir(out).filter((name) => name.startsWith("features-"))).toEqual([]);
});

test("what was not given is said; a finder that doesn't fit, and frames that aren't there, are refused", async () => {
  await writeToy();
  const anna = await grader(join(own, "toy"), join(own, "none"), {});
  expect((await anna.json<SessionAnswer>("/api/session")).look).toMatchObject({
    ...{ finder: null, alike: false, wider: null },
  });
  for (const [what, flag] of [
    ["heat", "--finder"],
    ["alike", "--finder or --features"],
    ["wider", "--frames"],
  ]) {
    const { status, body } = await anna.get(`/api/${what}?row=0`);
    expect([status, error(body)]).toEqual([400, `inspect: was started without ${flag}`]);
  }
  await expect(grader(join(own, "toy"), join(own, "misfit"), { finder: RUN })).rejects.toThrow(/toy/);
  await expect(grader(join(own, "toy"), join(own, "gone"), { frames: [join(own, "no")] })).rejects.toThrow(
    /no.*no such file or folder/,
  );
  await expect(grader(join(folder, "flux"), join(own, "placeless"), { frames: [own] })).rejects.toThrow(
    /has no positions .*leave out --frames/,
  );
});

test("a wider cutout has the frame's own pixels, and says where north is; what has no frame says so", async () => {
  await writeToy();
  const frames = join(own, "frames");
  mkdirSync(frames);
  const [g, r] = [MADE, { ...MADE, seed: 4 }].map((made, k) =>
    writeMade(join(frames, `${"gr"[k]}.fits`), { ...made, header: { FILTER: "gr"[k]!, MAGZERO: 27 } }),
  );
  const anna = await grader(join(own, "toy"), join(own, "wide"), { frames: [frames] });
  expect((await anna.json<SessionAnswer>("/api/session")).look.wider).toBe(12);
  const { headers, body } = await anna.get("/api/wider?row=0");
  const pixels = floats(body);
  // Row 0 is at (100.5, 80.5): twelve pixels around it are those from 95 and 75 on.
  const window = (data: Float32Array) =>
    Array.from({ length: 144 }, (_, i) => data[(75 + Math.floor(i / 12)) * 200 + 95 + (i % 12)]!);
  expect([...pixels.subarray(0, 144)]).toEqual(window(g!.data));
  expect([...pixels.subarray(144)]).toEqual(window(r!.data));
  const { angle, mirrored } = JSON.parse(headers["x-arclet-orientation"] as string);
  expect([angle, mirrored]).toEqual([expect.closeTo(30, 1), false]);
  const outside = await anna.get("/api/wider?row=1");
  expect([outside.status, error(outside.body)]).toEqual([
    400,
    "frames: no frame: no g frame contains the position",
  ]);
  const placeless = await anna.get("/api/wider?row=2");
  expect(error(placeless.body)).toBe("frames: the object has no position");
});

const MADE: Made = { ...defaults, angle: 30 };

/** Three images of 2 × 3 × 3: on the frames, beside them, and without a position. */
async function writeToy(): Promise<void> {
  if (existsSync(join(own, "toy"))) return;
  await writeDataset(join(own, "toy"), SPEC, async (writer) => {
    const [ra, dec] = skyOf(MADE, 100.5, 80.5);
    writer.append(fluxImage(0), [row(0, { ra, dec })]);
    writer.append(fluxImage(1), [row(1, { ra: ra + 1, dec })]);
    writer.append(fluxImage(2), [row(2)]);
  });
}

async function openSearch(out: string): Promise<Search> {
  const objects = await openObjects({ dataset: join(folder, "flux"), scores: [] });
  closing.push(() => objects.domain.close());
  return Search.open(out, objects, false);
}
