/** `arclet cutouts` as a person runs it; on real frames where they are there. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { FrameImage } from "../../src/sky/frames/frame-image.ts";
import { killedAt, killingLibrary } from "../killing.ts";
import { field } from "../tiny/field.ts";
import { commandLine, program, words } from "./arclet.ts";
import { cutOff, filesOf } from "./cut-off.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-cutouts-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { path, sources, done, refused } = field(folder, "field");

beforeAll(() => {
  done("detect frames/g.fits frames/r.fits --out found.csv --least-snr 15");
});

test("sources of a catalogue are cut out, and those that can't be are listed", async () => {
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
});

test("killed while it cuts, the same command resumes, to the bytes of an uninterrupted run", async () => {
  // every source is cut in the first and padded in the last; a gap sets aside some in between
  const line =
    "cutouts --frames frames --catalog found.csv --bands g,r --size 96 --max-missing 0.6 --out large";
  const killed = await cutOff(path, line, "large", 65, "SIGKILL");
  expect(killed.by).toBe("SIGKILL");
  expect(killed.rows).toBeLessThan(sources);
  expect(existsSync(join(path, "large"))).toBe(false);
  refused(/large\.partial: was started with size 96, now 48/, line.replace("--size 96", "--size 48"));
  const again = await cutOff(path, line, "large", killed.rows + 70, "SIGKILL");
  expect(again.rows).toBeGreaterThan(killed.rows);
  done(line);
  const resumed = filesOf(join(path, "large"));
  rmSync(join(path, "large"), { recursive: true });
  done(line);
  expect(filesOf(join(path, "large"))).toEqual(resumed);
});

test("killed as its very last step, the same command says what an uninterrupted one does", () => {
  const line = "cutouts --frames frames --catalog found.csv --bands g,r --size 24 --out last";
  const whole = done(line).stdout;
  expect(whole).toMatch(/positions set aside/);
  rmSync(join(path, "last"), { recursive: true });
  const typed = { words: [program, ...words(line)], cwd: path };
  expect(killedAt(killingLibrary(), typed, { at: 1, under: "last/unfinished" })).toBe(true);
  expect(readdirSync(join(path, "last"))).toContain("unfinished.json");
  expect(done(line).stdout).toBe(whole);
  expect(readdirSync(join(path, "last"))).not.toContain("unfinished.json");
});

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
);
