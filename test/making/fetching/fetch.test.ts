import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { fetchConfig } from "../../../src/making/fetching/config.ts";
import { cutoutFlaw } from "../../../src/making/fetching/cutout-check.ts";
import { fetchCutouts } from "../../../src/making/fetching/fetch.ts";
import { retryAfter } from "../../../src/making/fetching/polite.ts";
import { filesByBand } from "../../../src/sky/archives/panstarrs.ts";
import { fitsBytes } from "../../../src/sky/fits.ts";
import { scratch } from "../../tiny/dataset.ts";
import { Service } from "./service.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);

test("settings that a service does not offer are refused before any request or file", async () => {
  writeFileSync(at("one.csv"), "name,ra,dec\na,1,2\n");
  const refused = (more: object) => {
    const given = {
      survey: "legacy",
      catalog: at("one.csv"),
      bands: ["g"],
      size: 64,
      out: at("no"),
      ...more,
    };
    return expect(fetchCutouts(fetchConfig.parse(given), { agent: "test" })).rejects;
  };
  await refused({ bands: ["g", "y"] }).toThrow(/^fetch: bands must be among legacy's g, r, i, z, got "y"/);
  await refused({ bands: ["g", "g"] }).toThrow(/^fetch: bands must be each given once, got \["g","g"\]/);
  await refused({ size: 4000 }).toThrow(/^fetch: size must be at most legacy's 3000, got 4000/);
  await refused({ survey: "panstarrs", pixelScale: 0.3 }).toThrow(
    /^fetch: pixelScale must be panstarrs's 0.25/,
  );
  await refused({ idColumn: "x" }).toThrow(/one\.csv: id must be one of name, ra, dec, got "x"/);
  await refused({ catalog: at("none.csv") }).toThrow(/none\.csv: no such file/);
  expect(existsSync(at("no"))).toBe(false);
  expect(
    fetchConfig.safeParse({
      survey: "legacy",
      catalog: "x",
      bands: ["g"],
      size: 64,
      out: "x",
      baseUrl: "ftp://x",
    }).success,
  ).toBe(false);
});

test("Retry-After is a number of seconds or a date", () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  expect(retryAfter("120", now)).toBe(120);
  expect(retryAfter("Thu, 01 Jan 2026 12:00:30 GMT", now)).toBe(30);
  expect(retryAfter("Thu, 01 Jan 2026 11:00:00 GMT", now)).toBe(0);
  expect(retryAfter("soon", now)).toBeNull();
  expect(retryAfter(null, now)).toBeNull();
});

test("Pan-STARRS's list: the first file of each band, and answers that are not a list", () => {
  const header = "projcell subcell ra dec filter mjd type filename shortname badflag";
  const line = (band: string, file: string) => `1 2 10.0 20.0 ${band} 0 stack ${file} short 0`;
  expect(
    filesByBand(
      [header, line("g", "/a/g1.fits"), line("i", "/a/i.fits"), line("g", "/b/g2.fits")].join("\n"),
    ),
  ).toEqual(
    new Map([
      ["g", "/a/g1.fits"],
      ["i", "/a/i.fits"],
    ]),
  );
  expect(filesByBand(header)).toEqual(new Map());
  for (const answer of [
    "",
    "<html>busy</html>",
    `${header}\n1 2 3`,
    [header, line("g", "/a?x=&y")].join("\n"),
  ])
    expect(filesByBand(answer)).toBeNull();
});

test("an answer is a whole FITS image of the requested size, or a flaw that another attempt may or may not fix", () => {
  const pixels = (n: number) => Float32Array.from({ length: n }, (_, k) => k);
  const file = fitsBytes([{ data: pixels(256), shape: [1, 16, 16] }]);
  const flaw = (bytes: Uint8Array, size = 16, more = 0) => cutoutFlaw(Buffer.from(bytes), size, more);
  expect(flaw(file)).toBeUndefined();
  expect(flaw(file, 15, 2)).toBeUndefined();
  expect(flaw(file, 15, 0)).toEqual({ reason: "1 × 16 × 16 pixels instead of 15 × 15", retry: false });
  expect(flaw(fitsBytes([{ data: pixels(512), shape: [2, 16, 16] }]))).toMatchObject({ retry: false });
  expect(flaw(file.subarray(0, 4000))).toEqual({ reason: "cut short after 4000 bytes", retry: true });
  expect(flaw(file.subarray(0, 2880))).toMatchObject({
    retry: true,
    reason: expect.stringMatching(/1024 bytes of data/),
  });
  expect(flaw(new Uint8Array())).toEqual({ reason: "empty answer", retry: true });
  expect(flaw(Buffer.from("<html><style>a {}</style>\n<h1>Busy</h1></html>"))).toEqual({
    reason: "not a FITS file: Busy",
    retry: true,
  });
  const blank = fitsBytes([{ data: new Float32Array(256).fill(Number.NaN), shape: [16, 16] }]);
  expect(flaw(blank)).toEqual({ reason: "no coverage: every pixel is NaN", retry: false, uncovered: true });
});

test("an id is a file's name in the folder that was named, whatever it says", async () => {
  const ids = ["../../up", "/etc/passwd", "a/../../b", "..", "a\u0001b", "x".repeat(400)];
  const service = new Service();
  const base = await service.start();
  const rows = ids.map((id) => `"${id}",1.25,2`);
  writeFileSync(at("hostile.csv"), `name,ra,dec\n${rows.join("\n")}\n`);
  const before = readdirSync(folder);
  const config = { survey: "legacy", catalog: at("hostile.csv"), bands: ["g"], size: 16, pause: 0 };
  await fetchCutouts(fetchConfig.parse({ ...config, baseUrl: base, out: at("hostile") }), { agent: "test" });
  await service.stop();
  expect(readdirSync(folder)).toEqual([...before, "hostile"].sort());
  const files = readdirSync(at("hostile")).filter((name) => name.endsWith("_g.fits"));
  expect(files).toHaveLength(ids.length);
  expect(files).toContain("%2E.%2F..%2Fup_g.fits");
});

test("a clock of the day that goes back stops nothing", async () => {
  const service = new Service();
  const base = await service.start();
  writeFileSync(at("back.csv"), "name,ra,dec\na,1,2\nb,1.1,2\n");
  const config = { survey: "legacy", catalog: at("back.csv"), bands: ["g"], size: 16, pause: 0.01 };
  let now = Date.now();
  const clock = vi.spyOn(Date, "now").mockImplementation(() => {
    now -= 10_000;
    return now;
  });
  try {
    await fetchCutouts(fetchConfig.parse({ ...config, baseUrl: base, out: at("back") }), { agent: "test" });
  } finally {
    clock.mockRestore();
  }
  await service.stop();
  expect(readdirSync(at("back")).filter((name) => name.endsWith("_g.fits"))).toHaveLength(2);
});
