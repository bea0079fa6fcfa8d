/** FITS cutouts in every arrangement that surveys hand out, imported and read back. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import type { ImportOptions } from "../../../src/making/importing/config.ts";
import { importImages } from "../../../src/making/importing/import.ts";
import { fitsBytes } from "../../../src/sky/fits.ts";
import { scratch } from "../../tiny/dataset.ts";
import { image, SIDE, values, world, write } from "./files.ts";

const folder = scratch();
const at = (...names: string[]) => join(folder, ...names);
let serial = 0;

async function importing(images: string[], options: Partial<ImportOptions> = {}) {
  const out = at(`out-${++serial}`);
  const report = await importImages({ images, out, bands: ["g", "r"], ...options });
  const dataset = await openDataset(out);
  return {
    report,
    dataset,
    setAside: readFileSync(join(out, "set-aside.csv"), "utf8").trim().split("\n"),
  };
}

const both = (n: number) => [...values(n, 0), ...values(n, 1)];
const pixelsOf = (dataset: Awaited<ReturnType<typeof openDataset>>, id: string) => [
  ...(dataset.images([dataset.ids.indexOf(id)]).data() as Float32Array),
];

test("one file per band: by the ends of names, by a pattern, by columns", async () => {
  for (const n of [1, 2, 3])
    for (const [c, band] of ["g", "r"].entries()) write(at("bands"), `o${n}_${band}.fits`, [image(n, c)]);
  const guessed = await importing([at("bands")]);
  expect(guessed.report.notes[0]).toMatch(/taken as one file per band \(--pattern '\{id\}_\{band\}\.fits'\)/);
  const patterned = await importing([at("bands")], { pattern: "{id}_{band}.fits" });
  writeFileSync(at("bands.csv"), "id,blue,red\nx,o1_g.fits,o1_r.fits\ny,o3_g.fits,o3_r.fits\nz,,o2_r.fits\n");
  const named = await importing([at("bands")], { table: at("bands.csv"), fileColumns: ["blue", "red"] });
  for (const { dataset } of [guessed, patterned]) {
    expect(dataset.ids).toEqual(["o1", "o2", "o3"]);
    expect(dataset.info).toMatchObject({ pixels: "flux", shape: [2, SIDE, SIDE], pixelScale: 0.2 });
    expect(pixelsOf(dataset, "o2")).toEqual(both(2));
    expect(dataset.column("ra")[0]).toBeCloseTo(10, 9);
    expect(dataset.column("dec")[0]).toBeCloseTo(-5, 9);
  }
  expect(named.dataset.ids).toEqual(["x", "y"]);
  expect(pixelsOf(named.dataset, "y")).toEqual(both(3));
  expect(named.setAside[1]).toBe("bands.csv,3,z,no file,no file (column blue is empty)");
  // A band without its file is not made up.
  write(at("bands"), "o4_g.fits", [image(4, 0)]);
  const lacking = await importing([at("bands")]);
  expect(lacking.setAside[1]).toBe("o4_g.fits,4,o4,band missing,band missing (no file of r)");
});

test("one file per object: extensions by EXTNAME, by FILTER, by order, by --hdus; a cube", async () => {
  const mask = { data: new Uint8Array(64).fill(1), shape: [SIDE, SIDE], name: "MASK" };
  const flipped = (name: (c: number) => object) => [1, 0].map((c) => image(5, c, world(0.2), name(c)));
  const shapes = {
    extname: [...flipped((c) => ({ name: ["SCI_G", "SCI_R"][c] })), mask],
    filter: [1, 0].map((c) => image(5, c, { ...world(0.2), FILTER: ["HSC-G", "HSC-R"][c]! })),
    order: [image(5, 0), image(5, 1)],
    cube: [{ data: Float32Array.from(both(5)), shape: [2, SIDE, SIDE], header: world(0.2) }],
  };
  const rules = {
    extname: /^bands by EXTNAME: g = HDU 1 \(EXTNAME SCI_G\), r = HDU 0 \(EXTNAME SCI_R\)/,
    filter: /^bands by FILTER: g = HDU 1 \(FILTER HSC-G\)/,
    order: /^bands by the order of HDUs: g = HDU 0/,
    cube: /^bands by the planes of a cube/,
  };
  for (const [kind, images] of Object.entries(shapes)) {
    write(at(kind), "a.fits", images);
    const { dataset, report } = await importing([at(kind)]);
    expect(pixelsOf(dataset, "a"), kind).toEqual(both(5));
    expect(report.notes[0]).toMatch(rules[kind as keyof typeof rules]);
  }
  const asked = await importing([at("order")], { hdus: ["1", "0"] });
  expect(pixelsOf(asked.dataset, "a")).toEqual([...values(5, 1), ...values(5, 0)]);
  write(
    at("order"),
    "b.fits",
    [1, 0].map((c) => image(6, c, world(0.2), { name: ["g", "r"][c]! })),
  );
  write(at("order"), "c.fits", [image(7, 0), image(7, 1)]);
  const mixed = await importing([at("order")]);
  expect(mixed.dataset.ids).toEqual(["a", "c"]);
  expect(mixed.setAside[1]).toMatch(/^b\.fits,2,b,bands,"bands: b\.fits, are found by EXTNAME/);
});

test("compressed, gzipped and scaled whole numbers are read as their true values", async () => {
  const whole = Int16Array.from({ length: 64 }, (_, p) => p - 20);
  const shape = [SIDE, SIDE];
  const header = { ...world(0.2), BSCALE: 0.5, BZERO: 3 };
  for (const compression of ["rice", "gzip", "hcompress"] as const)
    write(at("packed"), `${compression}.fits.fz`, [
      { data: whole, shape, header: world(0.2 + 1e-5), compression },
    ]);
  write(at("packed"), "scaled.fits", [{ data: whole.map((v) => v + 1), shape, header }]);
  writeFileSync(
    at("packed", "zipped.fits.gz"),
    gzipSync(fitsBytes([{ data: whole.map((v) => v * 2), shape, header: world(0.2) }])),
  );
  const { dataset } = await importing([at("packed")], { bands: ["g"] });
  expect(dataset.ids).toEqual(["gzip", "hcompress", "rice", "scaled", "zipped"]);
  for (const id of ["gzip", "hcompress", "rice"]) expect(pixelsOf(dataset, id)).toEqual([...whole]);
  expect(pixelsOf(dataset, "scaled")).toEqual([...whole].map((v) => (v + 1) / 2 + 3));
  expect(pixelsOf(dataset, "zipped")).toEqual([...whole].map((v) => 2 * v));
});

test("zero points are read, kept and used", async () => {
  for (const [n, zero] of [27, 27, 24.5].entries())
    write(at("zero"), `o${n}.fits`, [image(n + 1, 0, { ...world(0.2), MAGZERO: zero })]);
  write(at("zero"), "o3.fits", [image(4, 0, { ...world(0.2), BUNIT: "nanomaggy" })]);
  write(at("zero"), "o4.fits", [image(5, 0)]);
  const bands = ["g"];
  const kept = await importing([at("zero")], { bands });
  expect(kept.dataset.column("zero_point")).toEqual([27, 27, 24.5, 22.5, null]);
  expect(kept.dataset.info.zeroPoint).toBeUndefined();
  expect(kept.report.notes.at(-1)).toMatch(/zero points differ between images, 22.5 to 27/);
  const scaled = await importing([at("zero")], { bands, toZeroPoint: 27 });
  expect(scaled.dataset.ids).toEqual(["o0", "o1", "o2", "o3"]);
  expect(scaled.dataset.info.zeroPoint).toBe(27);
  expect(scaled.setAside[1]).toMatch(/no zero point: o4\.fits, no card states one/);
  expect(pixelsOf(scaled.dataset, "o0")).toEqual([...values(1, 0)]);
  // 2.5 magnitudes are a factor of ten.
  const [first] = pixelsOf(scaled.dataset, "o2");
  expect(first).toBeCloseTo(10 * values(3, 0)[0]!, 2);
  const given = await importing([at("zero")], { bands, zeroPoint: [29.5], toZeroPoint: 27 });
  expect(given.dataset.ids).toHaveLength(5);
  expect(pixelsOf(given.dataset, "o4")[3]).toBeCloseTo(values(5, 0)[3]! / 10, 3);
});

test("another pixel scale is set aside, or resampled; small images are set aside, or padded", async () => {
  for (const n of [1, 2]) write(at("scale"), `o${n}.fits`, [image(n, 0, world(0.2))]);
  const slope = Float32Array.from({ length: 256 }, (_, p) => 3 + (p % 16) / 100);
  const fine = { data: slope, shape: [16, 16], header: world(0.1, 16) };
  write(at("scale"), "fine.fits", [fine]);
  write(at("scale"), "near.fits", [image(3, 0, world(0.2 * 1.005))]);
  const options = { bands: ["g"], pixelScale: 0.2, size: 6 };
  const apart = await importing([at("scale")], options);
  expect(apart.dataset.ids).toEqual(["near", "o1", "o2"]);
  expect(apart.setAside[1]).toMatch(/pixel scale: fine\.fits, 0\.1000 arcsec, the dataset's is 0\.2000/);
  const brought = await importing([at("scale")], { ...options, resample: true });
  // Four small pixels make one: of columns 2 and 3 the first, of 4 and 5 the second.
  for (const [p, value] of pixelsOf(brought.dataset, "fine").entries())
    expect(value).toBeCloseTo(12 + (2 * (5 + 4 * (p % 6))) / 100, 5);
  const large = await importing([at("scale")], { ...options, size: 10, pad: true, seed: 1 });
  const again = await importing([at("scale")], { ...options, size: 10, pad: true, seed: 1 });
  const padded = pixelsOf(large.dataset, "o1");
  expect(pixelsOf(again.dataset, "o1")).toEqual(padded);
  for (let y = 0; y < 8; y++)
    expect(padded.slice((y + 1) * 10 + 1, (y + 1) * 10 + 9)).toEqual([
      ...values(1, 0).slice(8 * y, 8 * y + 8),
    ]);
  const border = padded.filter((_, p) => p < 10 || p >= 90 || p % 10 === 0 || p % 10 === 9);
  expect(new Set(border).size).toBeGreaterThan(30);
  expect(Math.abs(border.reduce((a, b) => a + b, 0) / 36 - 1031.75)).toBeLessThan(20);
});

test("missing pixels are refused, or filled with the median of the nearest", async () => {
  const data = values(1, 0);
  data[27] = Number.NaN; // row 3, column 3
  data[0] = Number.NEGATIVE_INFINITY;
  write(at("nan"), "holes.fits", [{ data, shape: [SIDE, SIDE], header: world(0.2) }]);
  write(at("nan"), "whole.fits", [image(2, 0)]);
  write(at("nan"), "none.fits", [{ data: new Float32Array(64).fill(Number.NaN), shape: [SIDE, SIDE] }]);
  write(at("nan"), "flat.fits", [{ data: new Float32Array(64).fill(2), shape: [SIDE, SIDE] }]);
  const top = values(3, 0).map((v, p) => (p < 40 ? 5000 : v));
  write(at("nan"), "top.fits", [{ data: top, shape: [SIDE, SIDE] }]);
  const refused = await importing([at("nan")], { bands: ["g"] });
  expect(refused.setAside.slice(1).map((line) => line.replace(/"/g, ""))).toEqual([
    "flat.fits,1,flat,constant image,constant image: flat.fits, all pixels of each band are the same (2)",
    "holes.fits,2,holes,not finite,not finite: holes.fits, 2 of 64 pixels are NaN or infinite",
    "none.fits,3,none,not finite,not finite: none.fits, 64 of 64 pixels are NaN or infinite",
    "top.fits,4,top,saturated,saturated: top.fits, 40 of 64 pixels of band 1 are at 5000 or above",
  ]);
  const { dataset } = await importing([at("nan")], { bands: ["g"], maxNan: 0.05 });
  const filled = pixelsOf(dataset, "holes");
  // Of its eight neighbours, 18 to 20, 26, 28 and 34 to 36, the middle is 27; of the corner's three, 1, 8, 9, it is 8.
  expect(filled[27]).toBe(1027.25);
  expect(filled[0]).toBe(1008.25);
  expect(dataset.column("filled_pixels")).toEqual([2, 0]);
});

test("a large frame is cropped to its middle when it is read", async () => {
  const side = 3000;
  const data = Float32Array.from({ length: side * side }, (_, p) => p % 65_521);
  write(at("large"), "frame.fits", [{ data, shape: [side, side], header: world(0.2, side) }]);
  const { dataset } = await importing([at("large")], { bands: ["g"], size: 4 });
  const expected = [1498, 1499, 1500, 1501].flatMap((y) =>
    [1498, 1499, 1500, 1501].map((x) => (y * side + x) % 65_521),
  );
  expect(pixelsOf(dataset, "frame")).toEqual(expected);
  expect(dataset.column("ra")[0]).toBeCloseTo(10, 9);
});

/** World coordinates whose y axis has this position angle, and whose x axis then runs west, or east if mirrored. */
function turned(angle: number, mirrored: boolean) {
  const [sin, cos] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  const [side, east] = [0.2 / 3600, mirrored ? 1 : -1];
  const matrix = {
    CD1_1: east * side * cos,
    CD2_1: -east * side * sin,
    CD1_2: side * sin,
    CD2_2: side * cos,
  };
  return { ...world(0.2), ...matrix };
}

test("how each image lies on the sky is recorded, as its own world coordinates say", async () => {
  const plain = (c: number) => image(9, c, {});
  const north = { ...world(0.2), CTYPE1: "DEC--TAN", CTYPE2: "RA---TAN", CRVAL1: -5, CRVAL2: 10 };
  const files = {
    // By hand: x west and y north is 0; RA on the second axis turns y to the east, and x to the north.
    a: world(0.2),
    b: turned(30, false),
    c: turned(-120, true),
    d: { ...north, CD1_1: 0.2 / 3600, CD2_2: 0.2 / 3600 },
  };
  for (const [n, [name, header]] of Object.entries(files).entries())
    write(at("turned"), `${name}.fits`, [image(n, 0, header), image(n, 1, header)]);
  write(at("turned"), "e.fits", [plain(0), plain(1)]);
  write(at("turned"), "f.fits", [image(6, 0, turned(0, false)), image(6, 1, turned(90, false))]);
  write(at("turned"), "g.fits", [image(7, 0, {}), image(7, 1, turned(45, false))]);
  // Gzipped files are read on another path, and the middle of a larger image is where it was.
  writeFileSync(
    at("turned", "h.fits.gz"),
    gzipSync(fitsBytes([0, 1].map((c) => image(8, c, turned(10, true))))),
  );
  const { dataset } = await importing([at("turned")], { size: 6, pixelScale: 0.2 });
  const known = Object.fromEntries(
    dataset.ids.map((id, row) => [
      id,
      [dataset.column("cut_angle")[row], dataset.column("cut_mirrored")[row]],
    ]),
  );
  expect(known).toEqual({
    a: [0, false],
    b: [30, false],
    c: [-120, true],
    d: [90, false],
    e: [null, null],
    f: [null, null],
    g: [45, false],
    h: [10, true],
  });
});
