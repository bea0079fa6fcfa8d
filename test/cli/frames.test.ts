/** `arclet detect` and `arclet cutouts` as a person runs them; on real frames where they are there. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { FrameImage } from "../../src/sky/frames/frame-image.ts";
import { defaults, type Made, skyOf, writeMade } from "../sky/frames/made.ts";
import { commandLine } from "./arclet.ts";
import { cutOff, filesOf } from "./cut-off.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-frames-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with a frame in g and r of a lattice of sources, and a gap of NaN in r. */
function field(name: string) {
  const path = join(folder, name);
  mkdirSync(path);
  const size = { width: 500, height: 500 };
  const sources: Made["sources"][number][] = [];
  for (let y = 10; y < 500; y += 20)
    for (let x = 10; x < 500; x += 20) {
      const [ra, dec] = skyOf({ ...defaults, ...size }, x + ((x * y) % 7) / 7, y);
      sources.push({ ra, dec, flux: 3000, sigma: 0.3 });
    }
  mkdirSync(join(path, "frames"));
  for (const [k, band] of ["g", "r"].entries())
    writeMade(
      join(path, "frames", `${band}.fits`),
      { ...size, sources, seed: k, header: { FILTER: band, MAGZERO: 27 } },
      (data) => {
        if (band === "r")
          for (let i = 0; i < data.length; i++) if (i % 500 > 200 && i % 500 < 230) data[i] = NaN;
      },
    );
  return { path, sources: sources.length, ...commandLine(path) };
}

test("sources are found, cut out, and what can't be cut is told", async () => {
  const { path, sources, done, refused } = field("once");
  const { stdout } = done("detect frames/g.fits frames/r.fits --out found.csv --least-snr 15");
  expect(stdout).toMatch(new RegExp(`^found.csv: ${sources} sources in g, r, found on the sum$`, "m"));
  expect(stdout).toMatch(/half-light radius of \d+ stars: 1\.7\d pixels/);
  const line = "cutouts --frames frames --catalog found.csv --bands g,r --size 24 --out cut";
  const cut = done(line);
  expect(cut.stdout).toMatch(/^cut: \d+ images 2 × 24 × 24, g, r$/m);
  expect(cut.stdout).toMatch(/positions set aside in cut\/set-aside\.csv: \d+ missing pixels/);
  expect(readdirSync(join(path, "cut")).sort()).toEqual([
    "dataset.json",
    "images-00000.npy",
    "set-aside.csv",
    "table.parquet",
  ]);
  const dataset = await openDataset(join(path, "cut"));
  const aside =
    readFileSync(join(path, "cut", "set-aside.csv"), "utf8")
      .trimEnd()
      .split("\n").length - 1;
  expect(dataset.count + aside).toBe(sources);
  expect(dataset.column("snr").every((snr) => (snr as number) >= 15)).toBe(true);
  dataset.close();
  refused(/folder must be a name that is not taken, got "cut"/, line);
  refused(/none of 2 files is a frame of band z/, line.replace("g,r", "g,z").replace("out cut", "out z"));
}, 120_000);

test("killed while it cuts, the same command resumes, to the bytes of an uninterrupted run", async () => {
  const { path, sources, done, refused } = field("killed");
  done("detect frames/g.fits frames/r.fits --out found.csv --least-snr 15");
  // every source is cut in the first and padded in the last; a gap sets aside some in between
  const line =
    "cutouts --frames frames --catalog found.csv --bands g,r --size 96 --max-missing 0.6 --out cut";
  const killed = await cutOff(path, line, "cut", 65, "SIGKILL");
  expect(killed.by).toBe("SIGKILL");
  expect(killed.rows).toBeLessThan(sources);
  expect(existsSync(join(path, "cut"))).toBe(false);
  refused(/cut\.partial: was started with size 96, now 48/, line.replace("--size 96", "--size 48"));
  const again = await cutOff(path, line, "cut", killed.rows + 70, "SIGKILL");
  expect(again.rows).toBeGreaterThan(killed.rows);
  done(line);
  const resumed = filesOf(join(path, "cut"));
  rmSync(join(path, "cut"), { recursive: true });
  done(line);
  expect(filesOf(join(path, "cut"))).toEqual(resumed);
}, 300_000);

const real = fileURLToPath(new URL("../../../shared/data/fits", import.meta.url));

test.skipIf(!existsSync(real))(
  "real frames: CFHTLS and KiDS are searched and cut, the lens among them",
  async () => {
    const path = join(folder, "real");
    mkdirSync(path);
    const { done, refused } = commandLine(path);
    const of = (name: string) =>
      ["g", "r", "i"].map((band) => join(real, name.replace("BAND", band))).join(" ");
    done(`detect ${of("CFHTLS_27_BAND_sci.fits")} --zero-point 30 --out lens.csv`);
    done(`detect ${of("KiDS-test_BAND.fits")} --out kids.parquet`);
    done(`cutouts --frames ${real} --catalog lens.csv --bands g,r,i --size 64 --out cut`);
    const dataset = await openDataset(join(path, "cut"));
    expect(dataset.count).toBeGreaterThan(40);
    // the deflector: the brightest, 24 pixels from the frame's middle, where its arc lies
    const mags = dataset.column("mag_i") as number[];
    const lens = mags.indexOf(Math.min(...mags.filter((mag) => mag !== null)));
    expect(mags[lens]).toBeCloseTo(16.3, 0);
    using image = new FrameImage(join(real, "CFHTLS_27_i_sci.fits"));
    const [x, y] = ["x", "y"].map((name) => dataset.column(name)[lens] as number) as [number, number];
    const images = dataset.images([lens]);
    const pixels = (images.data() as Float32Array).subarray(2 * 64 * 64);
    images.dispose();
    dataset.close();
    const window = { x: Math.round(x - 31.5), y: Math.round(y - 31.5), width: 64, height: 64 };
    expect(Array.from(pixels)).toEqual(Array.from(image.read(window)));
    refused(
      /no position can be cut; .*KiDS-test_g\.fits has 0\.2000 arcsec per pixel, not 0\.1860/,
      `cutouts --frames ${real} --catalog kids.parquet --bands g,r,i --size 32 --pixel-scale 0.186 --out kids`,
    );
    done(
      `cutouts --frames ${real} --catalog kids.parquet --bands g,r,i --size 32 --pixel-scale 0.186 --resample lanczos3 --max-missing 0.5 --out kids`,
    );
  },
  120_000,
);
