import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Draws } from "../../../src/foundation/random.ts";
import {
  type BandInput,
  type DetectSettings,
  detectFrame,
  SATURATED,
  type Source,
} from "../../../src/sky/frames/detect-frame.ts";
import { FrameImage } from "../../../src/sky/frames/frame-image.ts";
import { defaults, type Made, type MadeSource, pixelOf, skyOf, writeMade } from "./made.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-detect-frame-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SETTINGS: DetectSettings = {
  on: null,
  threshold: 1.5,
  pixels: 5,
  levels: 32,
  contrast: 0.005,
  clean: 1,
  box: 64,
  tile: 1536,
  margin: 256,
};

async function detected(
  names: readonly string[],
  settings: Partial<DetectSettings> = {},
  inputs: { saturation?: number; weights?: string[]; mask?: string } = {},
): Promise<Source[]> {
  const open = (name: string, blank: number | null = 0) => new FrameImage(join(folder, name), { blank });
  const bands = names.map((name, k): BandInput => {
    const weight = inputs.weights === undefined ? undefined : open(inputs.weights[k]!, null);
    return { name, image: open(name), weight, gain: 0, saturation: inputs.saturation ?? Infinity };
  });
  const mask = inputs.mask === undefined ? undefined : open(inputs.mask, null);
  try {
    return await detectFrame(bands, mask, { ...SETTINGS, ...settings });
  } finally {
    for (const { image, weight } of bands) for (const file of [image, weight]) file?.close();
    mask?.close();
  }
}

const nearest = (sources: readonly Source[], x: number, y: number) =>
  sources.reduce((a, b) => (Math.hypot(b.x - x, b.y - y) < Math.hypot(a.x - x, a.y - y) ? b : a));

/** Bright sources on a lattice with random shifts, none near an edge or another source. */
function lattice(made: Made, step: number, flux: number): MadeSource[] {
  const d = new Draws(5);
  const sources: MadeSource[] = [];
  for (let y = step / 2; y < made.height - step / 2; y += step)
    for (let x = step / 2; x < made.width - step / 2; x += step) {
      const [ra, dec] = skyOf(made, x + d.uniform(-3, 3), y + d.uniform(-3, 3));
      sources.push({ ra, dec, flux: flux * d.uniform(0.5, 2), sigma: d.uniform(0.35, 0.6) });
    }
  return sources;
}

test("sources at known sky positions: positions to 0.2 pixel, fluxes to 2 per cent", async () => {
  const sources = lattice(defaults, 40, 3000);
  const { made } = writeMade(join(folder, "plain.fits"), { angle: 25, sources });
  const list = await detected(["plain.fits"]);
  const inside = sources.filter(({ ra, dec }) => {
    const [x, y] = pixelOf(made, ra, dec);
    return x > 15 && y > 15 && x < made.width - 16 && y < made.height - 16;
  });
  expect(inside.length).toBeGreaterThan(8);
  using image = new FrameImage(join(folder, "plain.fits"));
  for (const { ra, dec, flux, sigma } of inside) {
    const [x, y] = pixelOf(made, ra, dec);
    const source = nearest(list, x, y);
    expect(Math.hypot(source.x - x, source.y - y)).toBeLessThan(0.2);
    const sky = image.wcs.toSky(Float64Array.from([source.x, source.y]));
    expect(Math.hypot((sky[0]! - ra) * Math.cos(dec / 57.3), sky[1]! - dec) * 3600).toBeLessThan(0.2 * 0.2);
    expect(Math.abs(source.flux[0]! / flux - 1)).toBeLessThan(0.02 + 3 * (source.error[0]! / flux));
    expect(Math.abs(source.halfLight / ((1.1774 * sigma) / made.scale) - 1)).toBeLessThan(0.06);
    expect(source.snr).toBeGreaterThan(20);
  }
  const mean = inside.reduce((sum, { ra, dec, flux }) => {
    const [x, y] = pixelOf(made, ra, dec);
    return sum + nearest(list, x, y).flux[0]! / flux / inside.length;
  }, 0);
  expect(Math.abs(mean - 1)).toBeLessThan(0.015);
});

test("two blended sources are split, unless the contrast is too high", async () => {
  const [a, b] = [skyOf(defaults, 90, 80), skyOf(defaults, 98, 80)];
  const sources = [a, b].map(([ra, dec]) => ({ ra, dec, flux: 4000, sigma: 0.44 }));
  writeMade(join(folder, "blend.fits"), { sources });
  const near = (list: Source[]) => list.filter(({ x, y }) => Math.hypot(x - 94, y - 80) < 12);
  const split = near(await detected(["blend.fits"]));
  expect(split).toHaveLength(2);
  expect(split.map(({ x }) => Math.round(x)).sort((p, q) => p - q)).toEqual([90, 98]);
  for (const { flags } of split) expect(flags & 1).toBe(1);
  expect(near(await detected(["blend.fits"], { contrast: 1 }))).toHaveLength(1);
});

test("in pieces, every source is found once and measured as in one piece", async () => {
  const size = { width: 330, height: 290 };
  const sources = lattice({ ...defaults, ...size }, 23, 1500);
  const { made } = writeMade(join(folder, "pieces.fits"), { ...size, sources, sky: 100 });
  const whole = await detected(["pieces.fits"], { box: 32 });
  const pieces: number[] = [];
  const settings = { box: 32, tile: 64, margin: 48 };
  const list = await detected(["pieces.fits"], settings);
  for (const { ra, dec } of sources) {
    const [x, y] = pixelOf(made, ra, dec);
    const close = (detections: Source[]) =>
      detections.filter((source) => Math.hypot(source.x - x, source.y - y) < 3);
    pieces.push(close(list).length);
    const [single, other] = [close(whole)[0]!, close(list)[0]!];
    expect(Math.hypot(single.x - other.x, single.y - other.y)).toBeLessThan(0.3);
    expect(Math.abs(other.flux[0]! / single.flux[0]! - 1)).toBeLessThan(0.1);
  }
  expect(pieces).toEqual(sources.map(() => 1));
  expect(sources.length).toBeGreaterThan(100);
});

test("a gap of NaN or zeros and a mask hold no source; a source beside it is flagged", async () => {
  const [ra, dec] = skyOf(defaults, 84, 80);
  const [far, away] = skyOf(defaults, 150, 40);
  const sources = [
    { ra, dec, flux: 4000, sigma: 0.44 },
    { ra: far, dec: away, flux: 4000, sigma: 0.44 },
  ];
  for (const value of [NaN, 0]) {
    writeMade(join(folder, "gap.fits"), { sources }, (data, { width }) => {
      for (let i = 0; i < data.length; i++) if (i % width < 82) data[i] = value;
    });
    const list = await detected(["gap.fits"]);
    expect(list.every(({ x }) => x >= 80)).toBe(true);
    expect(nearest(list, 84, 80).flags & (2 | 32)).not.toBe(0);
    expect(nearest(list, 150, 40).flags).toBe(0);
    expect(Math.abs(nearest(list, 150, 40).flux[0]! / 4000 - 1)).toBeLessThan(0.03);
  }
  writeMade(join(folder, "plain2.fits"), { sources });
  writeMade(join(folder, "mask.fits"), { sky: 0, noise: 0 }, (data, { width }) => {
    for (let i = 0; i < data.length; i++) data[i] = i % width < 120 ? 1 : 0;
  });
  const masked = await detected(["plain2.fits"], {}, { mask: "mask.fits" });
  expect(masked.every(({ x }) => x >= 119)).toBe(true);
  expect(nearest(masked, 150, 40).x).toBeCloseTo(150, 0);
  writeMade(join(folder, "nothing.fits"), {}, (data) => data.fill(NaN));
  expect(await detected(["nothing.fits"])).toEqual([]);
});

test("a source on the frame's edge is found and flagged as cut off", async () => {
  const [ra, dec] = skyOf(defaults, 199.5, 80);
  writeMade(join(folder, "edge.fits"), { sources: [{ ra, dec, flux: 4000, sigma: 0.44 }] });
  const source = nearest(await detected(["edge.fits"]), 199, 80);
  expect(source.flags & 2).toBe(2);
  expect(source.flags & 16).toBe(16);
  expect(source.flux[0]).toBeLessThan(3000);
});

test("bands are summed to find what is too faint in each, and share one aperture", async () => {
  const [ra, dec] = skyOf(defaults, 100, 80);
  const [u, v] = skyOf(defaults, 40, 40);
  const frame = (flux: number, faint: number, seed: number, noise: number): Partial<Made> => ({
    sources: [
      { ra, dec, flux, sigma: 0.44 },
      { ra: u, dec: v, flux: faint, sigma: 0.3 },
    ],
    seed,
    noise,
  });
  writeMade(join(folder, "g.fits"), frame(2000, 18, 1, 1));
  writeMade(join(folder, "r.fits"), frame(4000, 36, 2, 2));
  writeMade(join(folder, "i.fits"), frame(8000, 72, 3, 4));
  const list = await detected(["g.fits", "r.fits", "i.fits"]);
  const bright = nearest(list, 100, 80);
  for (const [k, flux] of [2000, 4000, 8000].entries())
    expect(Math.abs(bright.flux[k]! / flux - 1)).toBeLessThan(0.02);
  expect(bright.error[1]! / bright.error[0]!).toBeCloseTo(2, 1);
  const apart = (detections: Source[]) => {
    const source = nearest(detections, 40, 40);
    return Math.hypot(source.x - 40, source.y - 40);
  };
  expect(apart(list)).toBeLessThan(1);
  expect(apart(await detected(["g.fits", "r.fits", "i.fits"], { on: 0, threshold: 2 }))).toBeGreaterThan(3);
});

test("weights give the noise; saturated sources are flagged", async () => {
  const [ra, dec] = skyOf(defaults, 150, 80);
  const noisy = new Draws(77);
  writeMade(
    join(folder, "half.fits"),
    { sources: [{ ra, dec, flux: 4000, sigma: 0.44 }] },
    (data, { width }) => {
      for (let i = 0; i < data.length; i++) if (i % width < 100) data[i]! += noisy.normal(0, 6);
    },
  );
  // inverse variance up to a factor of 7
  writeMade(join(folder, "weight.fits"), { noise: 0, sky: 7 }, (data, { width }) => {
    for (let i = 0; i < data.length; i++) if (i % width < 100) data[i] = 7 / 37;
  });
  const list = await detected(["half.fits"], {}, { weights: ["weight.fits"], saturation: 100 });
  const source = nearest(list, 150, 80);
  expect(source.flags & SATURATED).toBe(SATURATED);
  expect(nearest(await detected(["half.fits"], {}, { saturation: 1e6 }), 150, 80).flags & SATURATED).toBe(0);
  const error = source.error[0]! / Math.sqrt(Math.PI * source.a * source.b) / 3.5;
  expect(error).toBeGreaterThan(0.85);
  expect(error).toBeLessThan(1.25);
  expect(list.filter(({ x }) => x < 95).length).toBeLessThan(4);
});

test("the sky is still measured where most of every mesh is masked", async () => {
  const [ra, dec] = skyOf(defaults, 100, 80);
  const sources = [{ ra, dec, flux: 4000, sigma: 0.44 }];
  // stripes of data half as wide as the gaps
  writeMade(join(folder, "stripes.fits"), { sources, sky: 300 }, (data, { width }) => {
    for (let i = 0; i < data.length; i++) if (i % width < 90 && i % 48 < 32) data[i] = NaN;
    for (let i = 0; i < data.length; i++) if (i % width >= 110) data[i] = NaN;
  });
  const list = await detected(["stripes.fits"]);
  expect(Math.abs(nearest(list, 100, 80).flux[0]! / 4000 - 1)).toBeLessThan(0.05);
  expect(list.length).toBeLessThan(12);
});

test("frames of different sizes, and one without noise, are refused", async () => {
  writeMade(join(folder, "small.fits"), { width: 100 });
  await expect(detected(["plain.fits", "small.fits"])).rejects.toThrow(
    /small\.fits: image must be 200 × 160 pixels as .*plain\.fits, got "100 × 160"/,
  );
  const [ra, dec] = skyOf(defaults, 90, 80);
  writeMade(join(folder, "still.fits"), { noise: 0, sources: [{ ra, dec, flux: 4000, sigma: 0.44 }] });
  await expect(detected(["still.fits"])).rejects.toThrow(/still\.fits: the sky has no noise at x 0, y 0/);
});
