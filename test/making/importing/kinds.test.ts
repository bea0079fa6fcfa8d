/** Kinds of input that come from other tools: half-precision floats, groups, surface brightness, names in Unicode. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import type { ImportOptions } from "../../../src/making/importing/config.ts";
import { importImages } from "../../../src/making/importing/import.ts";
import { bytesOf, scratch, writeNpy } from "../../tiny/dataset.ts";
import { image, SIDE, values, world, write } from "./files.ts";

const folder = scratch();
const at = (...names: string[]) => join(folder, ...names);
let serial = 0;

async function importing(images: string[], options: Partial<ImportOptions> = {}) {
  const out = at(`out-${++serial}`);
  const report = await importImages({ images, out, bands: ["g"], splitColumn: null, ...options });
  return { report, dataset: await openDataset(out) };
}

/** 1, -2, 0.5, the largest, and others (IEEE 754 binary16). */
const HALF = Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x7bff, 0x3c01, 0x0001, 0x4900, 0x8000, 0x3555);
const FULL = [1, -2, 0.5, 65504, 1 + 2 ** -10, 2 ** -24, 10, -0, 0.333251953125];

test("half-precision floats of .npy files, in both byte orders", async () => {
  writeNpy(at("half.npy"), "<f2", [1, 3, 3], bytesOf(HALF));
  writeNpy(at("swapped.npy"), ">f2", [1, 3, 3], Buffer.from(bytesOf(HALF)).swap16());
  for (const name of ["half.npy", "swapped.npy"]) {
    const { dataset } = await importing([at(name)], { pixelScale: 0.2 });
    expect(dataset.info.pixels).toBe("flux");
    expect([...dataset.images([0]).data()]).toEqual(FULL);
  }
});

async function hdf5(name: string, make: (file: import("h5wasm/node").File) => void): Promise<string> {
  const { default: h5 } = await import("h5wasm/node");
  await h5.ready;
  const file = new h5.File(at(name), "w");
  make(file);
  file.close();
  return at(name);
}
const pixels = (n: number) => Float32Array.from({ length: 48 }, (_, p) => 100 * n + p);

test("an HDF5 file with a group an object: ids are the groups' names, and a table finds them by id", async () => {
  const path = await hdf5("groups.h5", (file) => {
    for (const n of [0, 1, 2])
      file.create_group(`obj${n}`).create_dataset({ name: "image", data: pixels(n), shape: [3, 4, 4] });
  });
  const usual = { bands: ["g", "r", "i"], pixelScale: 0.2 };
  const { dataset } = await importing([path], usual);
  expect(dataset.ids).toEqual(["obj0", "obj1", "obj2"]);
  expect([...dataset.images([2]).data()]).toEqual([...pixels(2)]);
  writeFileSync(at("some.csv"), "id\nobj2\nobj0\nobj7\n");
  const some = await importing([path], { ...usual, table: at("some.csv") });
  expect(some.dataset.ids).toEqual(["obj2", "obj0"]);
  expect([...some.dataset.images([0]).data()]).toEqual([...pixels(2)]);
  expect(some.report.setAside).toEqual({ "no such image": 1 });
});

test("an HDF5 group with a dataset per band; two that may be meant; sizes that differ", async () => {
  const bands = ["g", "r", "i"];
  const usual = { bands, pixelScale: 0.2 };
  const path = await hdf5("bands.h5", (file) => {
    for (const n of [0, 1]) {
      const group = file.create_group(`a${n}`);
      for (const [c, name] of bands.entries())
        group.create_dataset({ name, data: pixels(n).subarray(16 * c, 16 * c + 16), shape: [4, 4] });
    }
  });
  const { dataset } = await importing([path], usual);
  expect([...dataset.images([1]).data()]).toEqual([...pixels(1)]);
  const two = await hdf5("two.h5", (file) => {
    const group = file.create_group("a");
    for (const name of ["image", "model"]) group.create_dataset({ name, data: pixels(0), shape: [3, 4, 4] });
  });
  await expect(importing([two], usual)).rejects.toThrow(
    /each group has 2 arrays that may be its image; choose one by --dataset: image, model/,
  );
  expect((await importing([two], { ...usual, dataset: "model" })).dataset.ids).toEqual(["a"]);
  const uneven = await hdf5("uneven.h5", (file) => {
    file.create_group("a").create_dataset({ name: "x", data: pixels(0), shape: [3, 4, 4] });
    file.create_group("b").create_dataset({ name: "x", data: new Float32Array(75), shape: [3, 5, 5] });
  });
  await expect(importing([uneven], usual)).rejects.toThrow(
    /b has an image of shape \(3, 5, 5\), a of \(3, 4, 4\)/,
  );
});

test.for<[string, Record<string, number>, number]>([
  // 1 MJy/sr in 7.6e-13 sr is 0.76 µJy: 23.9 mag is 1 µJy to 4 digits, and 2.5 log10(0.76) = -0.298
  ["MJy/sr", { PIXAR_SR: 7.6e-13 }, 2.5 * Math.log10(3631 / 7.6e-7)],
  ["MJy/sr", { PIXAR_A2: 0.0324 }, 2.5 * Math.log10(3631 / ((0.0324 / 206264.80625 ** 2) * 1e6))],
  ["MJy sr-1", {}, 2.5 * Math.log10(3631 / ((0.0324 / 206264.80625 ** 2) * 1e6))],
  ["MJy/sr", { PIXAR_SR: 2e-12 }, 2.5 * Math.log10(3631 / ((0.0324 / 206264.80625 ** 2) * 1e6))], // resampled since
  ["mJy/arcsec2", {}, 2.5 * Math.log10(3631 / 0.0324e-3)],
  ["uJy", {}, 2.5 * Math.log10(3631e6)],
])("BUNIT %s with %o is a zero point", async ([BUNIT, cards, want]) => {
  const name = `unit-${++serial}`;
  write(at(name), "a.fits", [image(1, 0, { ...world(0.18), BUNIT, ...cards })]);
  const { dataset } = await importing([at(name)], { toZeroPoint: 30 });
  const factor = 10 ** (0.4 * (30 - want));
  const data = dataset.images([0]).data();
  expect(Number(data[0]) / (values(1, 0)[0]! * factor)).toBeCloseTo(1, 5);
});

test("BUNIT of another kind of area is no zero point", async () => {
  write(at("beam"), "a.fits", [image(1, 0, { ...world(0.18), BUNIT: "Jy/beam" })]);
  await expect(importing([at("beam")], { toZeroPoint: 30 })).rejects.toThrow(/no zero point/);
});

test("file names and ids with accents meet, however they are written", async () => {
  const [nfc, nfd] = ["Méssier", "Méssier".normalize("NFD")];
  expect(nfc.length).not.toBe(nfd.length);
  mkdirSync(at("accents"));
  write(at("accents"), `${nfd}_g.fits`, [image(1, 0)]);
  writeFileSync(at("accents.csv"), `id,name\n${nfc},${nfc}_g.fits\n`);
  const byId = await importing([at("accents")], { table: at("accents.csv"), pattern: "{id}_{band}.fits" });
  expect(byId.dataset.ids).toEqual([nfc]);
  const byColumn = await importing([at("accents")], { table: at("accents.csv"), fileColumns: ["name"] });
  expect(byColumn.dataset.ids).toEqual([nfc]);
  expect((await importing([at("accents")], { pattern: "{id}_{band}.fits" })).dataset.ids).toEqual([nfc]);
});

test("images of one EXTNAME are told apart by EXTVER or number", async () => {
  const twice = [1, 2].map((EXTVER) => image(EXTVER, 0, { ...world(0.2), EXTVER }, { name: "SCI" }));
  write(at("twice"), "a.fits", twice);
  await expect(importing([at("twice")], { hdus: ["SCI"] })).rejects.toThrow(
    /has several HDUs SCI: numbers 0, 1; give numbers, or EXTVER as SCI:2/,
  );
  for (const hdu of ["SCI:2", "1"]) {
    const { dataset } = await importing([at("twice")], { hdus: [hdu] });
    expect([...dataset.images([0]).data()].slice(0, SIDE)).toEqual([...values(2, 0).slice(0, SIDE)]);
  }
});

test("a file's galactic coordinates become right ascension and declination", async () => {
  const galactic = { ...world(0.2, SIDE, 120.5, -33.25), CTYPE1: "GLON-TAN", CTYPE2: "GLAT-TAN" };
  write(at("galactic"), "a.fits", [image(1, 0, galactic)]);
  const { dataset } = await importing([at("galactic")]);
  expect(dataset.column("ra")[0]).toBeCloseTo(10.521008296836268, 8); // astropy
  expect(dataset.column("dec")[0]).toBeCloseTo(29.577574960352067, 8);
  expect(dataset.info.pixelScale).toBeCloseTo(0.2, 6);
});
