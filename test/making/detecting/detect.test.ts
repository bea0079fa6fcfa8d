import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCatalog } from "../../../src/catalog/read.ts";
import { detectConfig } from "../../../src/making/detecting/config.ts";
import { detectSources } from "../../../src/making/detecting/detect.ts";
import { distinct, skyName } from "../../../src/making/detecting/names.ts";
import { defaults, type Made, skyOf, writeMade } from "../../sky/frames/made.ts";
import { scratch } from "../../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const detected = (frames: string[], more: Record<string, unknown> = {}) =>
  detectSources(detectConfig.parse({ frames: frames.map(at), out: at("catalog.csv"), ...more }));

/** Sources at pixels of the default frame. */
const sourcesAt = (...positions: [number, number, number, number?][]) =>
  positions.map(([x, y, flux, sigma = 0.4]) => {
    const [ra, dec] = skyOf(defaults, x, y);
    return { ra, dec, flux, sigma };
  });
const write = (name: string, given: Partial<Made>) => writeMade(at(name), given);

test("names by sky position are truncated, not rounded", () => {
  // 15 h 23 m 45.678 s, −5° 6' 7.89"
  expect(skyName((15 + 23 / 60 + 45.678 / 3600) * 15, -(5 + 6 / 60 + 7.89 / 3600))).toBe(
    "J152345.67-050607.8",
  );
  expect(skyName(359.99999, 0)).toBe("J235959.99+000000.0");
  expect(skyName(15 * (1 + 30 / 3600), 45)).toBe("J010030.00+450000.0");
  expect(distinct(["a", "b", "a", "a"])).toEqual(["a", "b", "ab", "ac"]);
});

test("a catalogue: positions, magnitudes by the header's zero point, colours, sizes relative to stars", async () => {
  // four stars of one size and a galaxy twice as large; g fainter than r by 0.75 mag
  const positions: [number, number, number, number?][] = [
    [30, 30, 8000],
    [100, 40, 6000],
    [160, 120, 9000],
    [40, 120, 7000],
    [100, 100, 20000, 0.8],
  ];
  const fainter = positions.map(
    ([x, y, flux, sigma]) => [x, y, flux / 2, sigma] as [number, number, number, number?],
  );
  write("r.fits", { sources: sourcesAt(...positions), header: { FILTER: "r.MP9601", MZP_AB: 30, GAIN: 50 } });
  write("g.fits", { sources: sourcesAt(...fainter), seed: 9, header: { FILTER: "g.MP9401", MZP_AB: 30 } });
  const report = await detected(["g.fits", "r.fits"]);
  expect(report).toMatchObject({ bands: ["g", "r"], withoutZeroPoint: [] });
  expect(report.stars!.count).toBe(4);
  expect(report.stars!.halfLight).toBeCloseTo((1.1774 * 0.4) / 0.2, 1);
  const { table } = await readCatalog(at("catalog.csv"));
  const column = (name: string) => table.column(name) as number[];
  const [ra, dec] = skyOf(defaults, 100, 100);
  const apart = column("ra").map((value, k) => Math.hypot(value - ra, column("dec")[k]! - dec) * 3600);
  const galaxy = apart.indexOf(Math.min(...apart));
  expect(apart[galaxy]).toBeLessThan(0.04);
  expect(column("mag_r")[galaxy]).toBeCloseTo(30 - 2.5 * Math.log10(20000), 1);
  expect(column("g_r")[galaxy]).toBeCloseTo(2.5 * Math.log10(2), 1);
  expect(column("size_over_psf")[galaxy]).toBeCloseTo(2, 0);
  const magError = (1.0857 * column("flux_err_r")[galaxy]!) / column("flux_r")[galaxy]!;
  expect(column("mag_err_r")[galaxy]).toBeCloseTo(magError, 4);
  // the light's own photons, which only r's header has a gain for
  expect(column("flux_err_r")[galaxy]! ** 2 - column("flux_err_g")[galaxy]! ** 2).toBeCloseTo(20000 / 50, -2);
  expect(table.column("id")[galaxy]).toMatch(/^J1000/);
});

test("one frame has plain column names; without a zero point magnitudes are empty, and that is reported", async () => {
  write("one.fits", { sources: sourcesAt([100, 80, 5000]), header: {} });
  const report = await detected(["one.fits"], { leastSnr: 20 });
  expect(report).toMatchObject({ sources: 1, stars: null });
  expect(report.withoutZeroPoint).toEqual([at("one.fits")]);
  const { table } = await readCatalog(at("catalog.csv"));
  expect(table.names.slice(0, 9).join()).toBe("id,ra,dec,x,y,flux,flux_err,mag,mag_err");
  expect(table.column("mag")).toEqual([null]);
  await detected(["one.fits"], { leastSnr: 20, zeroPoint: [25] });
  const { table: given } = await readCatalog(at("catalog.csv"));
  expect(given.column("mag")[0]).toBeCloseTo(25 - 2.5 * Math.log10(5000), 1);
});

test("frames that are not aligned, and lists of the wrong length, are refused", async () => {
  write("g2.fits", { header: { FILTER: "g" } });
  write("r2.fits", { header: { FILTER: "r" }, dec: 2.2 + 0.1 / 3600 });
  await expect(detected(["g2.fits", "r2.fits"])).rejects.toThrow(
    /r2\.fits: pixels must be aligned with those of .*g2\.fits, to 0\.1 pixels .*got "0\.50 pixels apart"/,
  );
  await expect(detected(["g2.fits", "g2.fits"])).rejects.toThrow(
    /bands must be all different, got \["g","g"\]/,
  );
  await expect(detected(["g2.fits"], { bands: ["g", "r"] })).rejects.toThrow(
    /detect: bands must be one per frame/,
  );
  await expect(detected(["g2.fits"], { gain: [1, 2] })).rejects.toThrow(
    /detect: gain must be one, or one per frame/,
  );
  write("r3.fits", { header: { FILTER: "r" } });
  await expect(detected(["g2.fits", "r3.fits"], { detectOn: "i" })).rejects.toThrow(
    /detect: detectOn must be one of sum, g, r, got "i"/,
  );
  write("bare.fits", { header: {} });
  await expect(detected(["g2.fits", "bare.fits"])).rejects.toThrow(/bare\.fits: FILTER must be a known band/);
  writeFileSync(at("text.fits"), "text");
  await expect(detected(["text.fits"])).rejects.toThrow(/text\.fits: not a FITS file/);
});
