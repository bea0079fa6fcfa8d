/** A thousand files broken on purpose, through the importer: none crashes it, hangs it, or fills its memory. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode as encodePng } from "fast-png";
import jpeg from "jpeg-js";
import { expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { importImages } from "../../../src/making/importing/import.ts";
import { type FitsOutput, fitsBytes } from "../../../src/sky/fits.ts";
import { slow } from "../../slow.ts";
import { scratch } from "../../tiny/dataset.ts";
import { world } from "./files.ts";

slow("imports a thousand broken files");

const folder = scratch();
const at = (...names: string[]) => join(folder, ...names);
const SIDE = 32;
const shape = [SIDE, SIDE];
const header = { ...world(0.2, SIDE), MAGZERO: 27 };
const draws = new Draws(5);
const floats = Float32Array.from({ length: SIDE * SIDE }, () => draws.normal(0, 50));
const whole = Int16Array.from(floats);

const bases: FitsOutput[][] = [
  [{ data: floats, shape, header }],
  [{ data: whole, shape, header: { ...header, BSCALE: 0.5, BZERO: 10, BLANK: -7 } }],
  ...(["rice", "gzip", "hcompress"] as const).map((compression) => [
    { data: whole, shape, header, compression },
  ]),
  [{ data: floats, shape, header, compression: "rice", quantize: 8 }],
];
const good = bases.map((images) => Buffer.from(fitsBytes(images)));
const LIES = ["-1", "0", "3", "65536", "2147483648", "1152921504606846976", "99999999999999999999"].concat([
  "1E18",
  "T",
  "'text'",
  "-64",
  "8",
  "",
]);

function broken(d: Draws): Buffer {
  const bytes = Buffer.from(good[d.integer(0, good.length - 1)]!);
  const offset = () => d.integer(0, bytes.length - 1);
  const kind = d.integer(0, 6);
  if (kind === 0) return bytes.subarray(0, offset());
  if (kind === 1) for (let k = d.integer(1, 30); k > 0; k--) bytes[offset()]! ^= 1 << d.integer(0, 7);
  else if (kind === 2 || kind === 3) {
    const cards: number[] = [];
    for (let i = 0; i + 80 <= bytes.length; i += 80)
      if (bytes.toString("latin1", i + 8, i + 10) === "= ") cards.push(i);
    for (let k = d.integer(1, 2); k > 0; k--)
      bytes.write(
        LIES[d.integer(0, LIES.length - 1)]!.padStart(20).padEnd(70),
        cards[d.integer(0, cards.length - 1)]! + 10,
        "latin1",
      );
  } else if (kind === 4) for (let i = offset(); i < bytes.length; i++) bytes[i] = d.integer(0, 255);
  else if (kind === 5) return Buffer.alloc(d.integer(0, 1) * d.integer(0, 10_000), "not FITS at all ");
  else
    return Buffer.from(encodePng({ width: 4, height: 4, channels: 1, depth: 8, data: new Uint8Array(16) }));
  return bytes;
}

test("1000 broken FITS files among 50 good ones", async () => {
  mkdirSync(at("fits"));
  for (let k = 0; k < 1000; k++) writeFileSync(at("fits", `bad-${k}.fits`), broken(new Draws(30, k)));
  for (let k = 0; k < 50; k++) {
    const data = floats.map((x, p) => x + k * ((p % 3) - 1));
    writeFileSync(at("fits", `good-${k}.fits`), fitsBytes([{ data, shape, header }]));
  }
  mkdirSync(at("fits", "bad-folder.fits"));
  symlinkSync(at("nowhere"), at("fits", "bad-link.fits"));
  symlinkSync("/dev/zero", at("fits", "bad-device.fits"));
  const before = process.memoryUsage().rss;
  const out = at("out");
  const options = { images: [at("fits")], bands: ["r"], pixelScale: 0.2, size: SIDE };
  const { setAside, info, splits } = await importImages({ ...options, out });
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
  const dataset = await openDataset(out);
  expect(dataset.ids.filter((id) => id.startsWith("good-"))).toHaveLength(50);
  const bad = Object.values(setAside).reduce((a, b) => a + b, 0);
  expect(bad + info.count).toBe(1052);
  expect(bad).toBeGreaterThan(500);
  for (const kind of ["truncated", "unreadable", "wrong shape", "not finite", "no such file"])
    expect(Object.keys(setAside)).toContain(kind);
  const lines = readFileSync(join(out, "set-aside.csv"), "utf8").trim().split("\n");
  expect(lines).toHaveLength(1 + bad);
  for (const line of lines.slice(1)) expect(line).toMatch(/^bad-[^,]+\.fits,\d+,bad-[^,]+,.+/);
  expect(splits.train).toBeGreaterThan(0);
  await expect(importImages({ ...options, out: at("strict"), maxBad: "1%" })).rejects.toThrow(
    /^import: \d+ of 1052 rows can't be used, more than --max-bad 1% \(.*\); e\.g\. row \d+: [^\n]+$/,
  );
  await expect(importImages({ ...options, out: at("strict"), maxBad: 10 })).rejects.toThrow(/--max-bad 10 /);
  const loose = await importImages({ ...options, out: at("loose"), maxBad: "99%" });
  expect(loose.info.contentHash).toBe(info.contentHash);
});

test("400 broken pictures and arrays among good ones", async () => {
  mkdirSync(at("pictures"));
  const rgb = (k: number) => Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * (k + 7)) % 256);
  const rgba = (k: number) => Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => (i * (k + 7)) % 256);
  const png = (k: number) => encodePng({ width: 16, height: 16, channels: 3, depth: 8, data: rgb(k) });
  for (let k = 0; k < 400; k++) {
    const d = new Draws(40, k);
    const jpg = k % 2 === 1;
    const made = jpg ? jpeg.encode({ width: 16, height: 16, data: rgba(k) }, 90).data : png(k);
    let bytes = Buffer.from(made);
    const kind = d.integer(0, 2);
    if (kind === 0) bytes = bytes.subarray(0, d.integer(0, bytes.length - 1));
    else if (kind === 1)
      for (let n = d.integer(1, 10); n > 0; n--)
        bytes[d.integer(0, bytes.length - 1)]! ^= 1 << d.integer(0, 7);
    else if (jpg)
      bytes.fill(
        0xff,
        bytes.indexOf(Buffer.from([0xff, 0xc0])) + 5,
        bytes.indexOf(Buffer.from([0xff, 0xc0])) + 9,
      );
    else bytes.writeUInt32BE(2 ** d.integer(5, 31), 16 + 4 * d.integer(0, 1));
    writeFileSync(at("pictures", `bad-${k}.${jpg ? "jpg" : "png"}`), bytes);
  }
  for (let k = 0; k < 20; k++) writeFileSync(at("pictures", `good-${k}.png`), png(1000 + k));
  const before = process.memoryUsage().rss;
  const out = at("out-pictures");
  const { setAside, info } = await importImages({
    images: [at("pictures")],
    bands: ["i", "r", "g"],
    pixelScale: 0.2,
    size: 16,
    out,
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
  const bad = Object.values(setAside).reduce((a, b) => a + b, 0);
  expect(bad + info.count).toBe(420);
  expect(bad).toBeGreaterThan(150);
});
