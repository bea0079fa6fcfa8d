/** Cutouts of synthetic frames: the frame's own pixels, edges, gaps, overlaps, other grids, and what can't be cut. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { type CutoutsConfig, cutoutsConfig } from "../../../src/making/cutting/config.ts";
import { cutouts } from "../../../src/making/cutting/cutouts.ts";
import { cellOf } from "../../../src/making/cutting/filling.ts";
import { defaults, type Made, pixelOf, skyOf, writeMade } from "../../sky/frames/made.ts";
import { scratch } from "../../tiny/dataset.ts";

const folder = scratch();
const at = (...parts: string[]) => join(folder, ...parts);
let serial = 0;

/** A folder of frames, one per band unless a name has its own. */
function sky(frames: Record<string, Partial<Made>>, spoil?: (data: Float32Array, name: string) => void) {
  const folder = at(`sky-${serial++}`);
  mkdirSync(folder);
  const all = Object.entries(frames).map(([name, given], k) => {
    const header = { FILTER: name.split("_")[0]!, MAGZERO: 27, ...given.header };
    const one = writeMade(join(folder, `${name}.fits`), { seed: k, ...given, header }, (data) =>
      spoil?.(data, name),
    );
    return [name, one] as const;
  });
  return { folder, frames: Object.fromEntries(all) };
}

/** Cuts positions (id → ra, dec). */
async function cut(
  folder: string,
  positions: Record<string, readonly [number, number] | null>,
  more: Partial<CutoutsConfig> = {},
) {
  const name = `out-${serial++}`;
  const lines = Object.entries(positions).map(([id, sky]) => [id, ...(sky ?? ["", ""])].join(","));
  writeFileSync(at(`${name}.csv`), `objid,RA,Dec\n${lines.join("\n")}\n`);
  const config = cutoutsConfig.parse({
    frames: [folder],
    catalog: at(`${name}.csv`),
    bands: ["g", "r"],
    size: 16,
    out: at(name),
    ...more,
  });
  const report = await cutouts(config, { arclet: "test" });
  const setAside = readFileSync(at(name, "set-aside.csv"), "utf8").trimEnd().split("\n").slice(1);
  const dataset = await openDataset(at(name));
  await dataset.verify();
  const images = new Map(
    dataset.ids.map((id, k) => {
      const image = dataset.images([k]);
      const pixels = image.data() as Float32Array;
      image.dispose();
      return [id, pixels] as const;
    }),
  );
  const column = (key: string) =>
    Object.fromEntries(dataset.ids.map((id, k) => [id, dataset.column(key)[k]!]));
  dataset.close();
  return { report, setAside, images, column, info: dataset.info, ids: dataset.ids };
}

const window = (data: Float32Array, across: number, x: number, y: number, size: number) =>
  Array.from({ length: size * size }, (_, i) => data[(y + Math.floor(i / size)) * across + x + (i % size)]!);

test("a cutout has exactly the frame's pixels around the nearest one, band by band", async () => {
  const { folder, frames } = sky({ g: { angle: 30 }, r: { angle: 30 } });
  const one = frames.g!.made;
  const { images, info, column, report } = await cut(folder, {
    a: skyOf(one, 100.7, 50.1), // begins at 100.7 − 7.5 = 93.2 and 50.1 − 7.5 = 42.6
    b: skyOf(one, 30, 120),
  });
  expect(info).toMatchObject({
    count: 2,
    shape: [2, 16, 16],
    bands: ["g", "r"],
    pixels: "flux",
    classes: [],
  });
  expect(info.pixelScale).toBeCloseTo(0.2, 5);
  const image = images.get("a")!;
  expect(Array.from(image.subarray(0, 256))).toEqual(window(frames.g!.data, one.width, 93, 43, 16));
  expect(Array.from(image.subarray(256))).toEqual(window(frames.r!.data, one.width, 93, 43, 16));
  expect(column("cut_x").a).toBeCloseTo(7.7, 3);
  expect(column("cut_y").a).toBeCloseTo(7.1, 3);
  expect(column("cut_frame")).toEqual({ a: "g.fits", b: "g.fits" });
  expect(column("cut_angle")).toEqual({ a: expect.closeTo(30, 2), b: expect.closeTo(30, 2) });
  expect(column("cut_mirrored")).toEqual({ a: false, b: false });
  expect(column("missing")).toEqual({ a: 0, b: 0 });
  expect(column("ra").a).toBeCloseTo(skyOf(one, 100.7, 50.1)[0], 10);
  expect(report).toMatchObject({ setAside: {}, frames: 2, unreadable: [], others: 0 });
  expect(report.notes.join()).toContain("ra is RA");
});

test("an odd size has the nearest pixel in its middle", async () => {
  const { folder, frames } = sky({ g: {}, r: {} });
  const { images } = await cut(folder, { a: skyOf(frames.g!.made, 60.4, 70.6) }, { size: 5 });
  expect(Array.from(images.get("a")!.subarray(0, 25))).toEqual(window(frames.g!.data, 200, 58, 69, 5));
});

test("across an edge: set aside with its reason, or padded with the median if that is allowed", async () => {
  const { folder, frames } = sky({ g: {}, r: {} });
  const one = frames.g!.made;
  const positions = { inside: skyOf(one, 100, 80), edge: skyOf(one, 3.4, 80), out: skyOf(one, -3, 80) };
  const strict = await cut(folder, { ...positions, nowhere: [10, -40], empty: null });
  expect(strict.ids).toEqual(["inside"]);
  expect(strict.setAside.map((line) => line.split(",").slice(1, 3).join())).toEqual([
    "2,edge",
    "3,out",
    "4,nowhere",
    "5,empty",
  ]);
  expect(strict.setAside[0]).toMatch(
    /missing pixels: 25\.0 % of the g cutout is beyond the edge of .*g\.fits/,
  );
  expect(strict.setAside[1]).toMatch(/no frame: no g frame contains the position/);
  expect(strict.setAside[3]).toMatch(/no position: ra or dec is empty/);
  expect(strict.report.setAside).toEqual({ "missing pixels": 1, "no frame": 2, "no position": 1 });
  // 3.4 − 7.5 = −4.1: four columns are beyond
  const padded = await cut(folder, positions, { maxMissing: 0.25 });
  expect(padded.column("missing")).toEqual({ inside: 0, edge: 0.25 });
  const g = padded.images.get("edge")!.subarray(0, 256);
  const own = Array.from(g).filter((_, i) => i % 16 >= 4);
  expect(own).toEqual(window(frames.g!.data, 200, -4, 73, 16).filter((_, i) => i % 16 >= 4));
  const median = Float32Array.from(own).sort()[own.length >> 1]!;
  expect(Array.from(g).filter((_, i) => i % 16 < 4)).toEqual(new Array(64).fill(median));
});

test("a gap of NaN in one band, and a constant image", async () => {
  const { folder, frames } = sky({ g: {}, r: {} }, (data, name) => {
    for (let i = 0; i < data.length; i++) {
      const [x, y] = [i % 200, Math.floor(i / 200)];
      if (name === "r" && x >= 60 && x < 80 && y < 60) data[i] = NaN;
      if (x >= 140 && y >= 100) data[i] = 5;
    }
  });
  const one = frames.g!.made;
  const { ids, setAside } = await cut(folder, {
    gap: skyOf(one, 68, 30),
    beside: skyOf(one, 88, 30),
    flat: skyOf(one, 180, 140),
  });
  expect(ids).toEqual(["beside"]);
  expect(setAside[0]).toMatch(/1,gap,missing pixels,missing pixels: 100\.0 % of the r cutout/);
  expect(setAside[1]).toMatch(/3,flat,constant image,"?constant image/);
});

test("of overlapping frames the one in which the position is farthest from an edge", async () => {
  // The second one's middle is 60 pixels to the left (east): its x is larger by 60.
  const ra = defaults.ra + (60 * 0.2) / 3600 / Math.cos((2.2 * Math.PI) / 180);
  const { folder, frames } = sky({ g_a: {}, r_a: {}, g_b: { ra }, r_b: { ra } });
  const one = frames.g_a!.made;
  const { column, images } = await cut(folder, { left: skyOf(one, 60, 80), right: skyOf(one, 80, 80) });
  // left: 60 from a's edge, 79 in b (x 120 of 200); right: 80 in a, 59 in b
  expect(column("cut_frame")).toEqual({ left: "g_b.fits", right: "g_a.fits" });
  const [x, y] = pixelOf(frames.g_b!.made, ...skyOf(one, 60, 80));
  const expected = window(frames.g_b!.data, 200, Math.round(x - 7.5), Math.round(y - 7.5), 16);
  expect(Array.from(images.get("left")!.subarray(0, 256))).toEqual(expected);
});

test("frames of another scale or orientation are set aside, or resampled with their light conserved", async () => {
  const [ra, dec] = [150.1, 2.2];
  const sources = [{ ra: 150.1 + 2 / 3600, dec: 2.2 + 3 / 3600, flux: 5000, sigma: 0.7 }];
  const { folder } = sky({ g: { angle: 37, scale: 0.3, sources }, r: { angle: -20, scale: 0.25, sources } });
  const middle = { a: [ra + 2 / 3600, dec + 3 / 3600] as const, b: [ra, dec] as const };
  const asked = { size: 31, pixelScale: 0.2, orientation: "north" as const, fractions: [1, 0, 0] as never };
  await expect(cut(folder, middle, asked)).rejects.toThrow(
    /no position can be cut; e\.g\. row 1: pixel scale: .*g\.fits has 0\.3000 arcsec per pixel, not 0\.2000/,
  );
  await expect(cut(folder, middle, { ...asked, pixelScale: 0.3, bands: ["g"] })).rejects.toThrow(
    /orientation: .*g\.fits has its y axis 37\.00° from north \(see --resample\)/,
  );
  const { images, info, column } = await cut(folder, middle, { ...asked, resample: "lanczos3" });
  expect(info.pixelScale).toBe(0.2);
  expect(column("cut_angle")).toEqual({ a: 0, b: 0 });
  const moments = (image: Float32Array, scale: number) => {
    let [sum, light, x, y] = [0, 0, 0, 0];
    for (const [i, value] of image.entries()) {
      const above = value - 10 * (0.2 / scale) ** 2; // the sky of a smaller pixel
      const bright = above > 8 ? above : 0;
      sum += above;
      [light, x, y] = [light + bright, x + bright * (i % 31), y + bright * Math.floor(i / 31)];
    }
    return { sum, x: x / light, y: y / light };
  };
  for (const [band, scale] of [0.3, 0.25].entries()) {
    const centred = moments(images.get("a")!.subarray(band * 961, (band + 1) * 961), scale);
    expect(Math.abs(centred.x - 15)).toBeLessThan(0.15);
    expect(Math.abs(centred.y - 15)).toBeLessThan(0.15);
    expect(Math.abs(centred.sum / 5000 - 1)).toBeLessThan(0.015);
    // 2 arcsec to the east is 10 pixels to the left, 3 to the north 15 up: north up, east left
    const beside = moments(images.get("b")!.subarray(band * 961, (band + 1) * 961), scale);
    expect(beside.x).toBeLessThan(7);
    expect(beside.y).toBeGreaterThan(26);
  }
});

test("bands whose pixels are not aligned are set aside, or resampled to the first band's", async () => {
  const shift = (0.4 * 0.2) / 3600;
  const sources = [{ ra: 150.1, dec: 2.2, flux: 5000, sigma: 0.5 }];
  const { folder, frames } = sky({ g: { sources }, r: { dec: 2.2 + shift, sources } });
  const positions = { a: [150.1, 2.2] as const };
  await expect(cut(folder, positions)).rejects.toThrow(/bands apart: r pixels are up to 0\.40 off/);
  const { images } = await cut(folder, positions, { resample: "lanczos3" });
  const [g, r] = [images.get("a")!.subarray(0, 256), images.get("a")!.subarray(256)];
  expect(Array.from(g)).toEqual(window(frames.g!.data, 200, 92, 72, 16));
  // the source's slope is up to 30 per pixel, so 0.4 of one would be seen; the noise of the two is 1.4
  g.forEach((value, i) => {
    expect(Math.abs(r[i]! - value)).toBeLessThan(6.5);
  });
});

test("zero points that differ are refused, or scaled to one", async () => {
  const { folder, frames } = sky({ g: {}, r: { header: { MAGZERO: 29.5 } } });
  const positions = { a: skyOf(frames.g!.made, 100.7, 80.7) };
  await expect(cut(folder, positions)).rejects.toThrow(
    /r\.fits: states the zero point 29\.5, .*g\.fits 27; give --zero-point/,
  );
  const { images } = await cut(folder, positions, { zeroPoint: 27 });
  const r = window(frames.r!.data, 200, 93, 73, 16);
  images
    .get("a")!
    .subarray(256)
    .forEach((value, i) => {
      expect(value).toBeCloseTo(r[i]! / 10, 5);
    });
});

test("files that can't be read are reported; positions on them are set aside", async () => {
  const { folder, frames } = sky({ g: {}, r: {}, g_far: { ra: 151 }, r_far: { ra: 151 } });
  const far = frames.g_far!.made;
  writeFileSync(join(folder, "r_far.fits"), readFileSync(join(folder, "r_far.fits")).subarray(0, 60_000));
  writeFileSync(join(folder, "junk.fits"), "junk");
  // whole by its header, broken in the pixels of one position, but not in those of another
  writeMade(join(folder, "g_packed.fits"), { ra: 152, header: { FILTER: "g" } }, () => {}, {
    compression: "gzip",
  });
  writeMade(join(folder, "r_packed.fits"), { ra: 152, header: { FILTER: "r" } });
  const packed = readFileSync(join(folder, "g_packed.fits"));
  packed.fill(7, Math.floor(0.45 * packed.length), Math.floor(0.55 * packed.length));
  writeFileSync(join(folder, "g_packed.fits"), packed);
  const { report, ids, setAside } = await cut(folder, {
    good: skyOf(frames.g!.made, 100, 80),
    far: skyOf(far, 100, 80),
    packed: skyOf({ ...far, ra: 152 }, 100, 80),
    beside: skyOf({ ...far, ra: 152 }, 100, 20),
  });
  expect(ids).toEqual(["good", "beside"]);
  expect(report.unreadable.map(({ path }) => path.split("/").at(-1))).toEqual(["junk.fits", "r_far.fits"]);
  expect(setAside[0]).toMatch(
    /2,far,no frame,"?no frame: no r frame contains the position; 2 files can't be used/,
  );
  expect(setAside[1]).toMatch(
    /3,packed,unreadable frame,"?unreadable frame: .*g_packed\.fits.*does not unpack/,
  );
});

test("further columns are kept, ids come from positions if there are none, and groups are sky cells", async () => {
  const { folder, frames } = sky({ g: {}, r: {} });
  const places = [skyOf(frames.g!.made, 100.6, 80.6), skyOf(frames.g!.made, 100.9, 80.9)];
  const table = at("plain.csv");
  const lines = places.map(([ra, dec], k) => `${ra},${dec},${k},x${k}`);
  writeFileSync(table, `ra,dec,mag,split\n${lines.join("\n")}\n`);
  const config = { frames: [folder], catalog: table, bands: ["g", "r"], size: 16, out: at("plain") };
  const fractions: [number, number, number] = [0.5, 0.25, 0.25];
  const report = await cutouts(cutoutsConfig.parse({ ...config, fractions, groupSize: 0.02 }), {});
  expect(report.notes[0]).toMatch(/has no column of ids, so objects are named by sky position/);
  const dataset = await openDataset(at("plain"));
  expect(dataset.ids[0]).toMatch(/^J1000\d\d\.\d\d\+0212\d\d\.\d$/);
  expect(dataset.column("mag")).toEqual([0, 1]);
  expect(dataset.column("csv_split")).toEqual(["x0", "x1"]);
  // both positions give the same pixels, so they are in one group and split
  expect(new Set(dataset.groups).size).toBe(1);
  expect(new Set(dataset.splits).size).toBe(1);
  dataset.close();
});

test("cells of the sky: as long as high, all around, at the poles one", () => {
  expect(cellOf(10, 0.001, 3600)).toBe("sky-3600-90-10");
  expect(cellOf(10.9, 0.9, 3600)).toBe("sky-3600-90-10");
  expect(cellOf(359.99, 60.5, 3600)).toBe(
    `sky-3600-150-${Math.round(360 * Math.cos((60.5 * Math.PI) / 180)) - 1}`,
  );
  expect(cellOf(200, 89.9, 36_000)).toBe("sky-36000-17-1");
  expect(cellOf(360, 0.5, 3600)).toBe("sky-3600-90-0");
});
