/**
 * Times `arclet import` of three-band FITS cutouts (64 × 64 float32) against astropy, which opens, stacks and saves them as
 * one .npy. Both ways of keeping them: three files an object, and one file of three extensions. Whole commands are timed for
 * Arclet (start, table, hashes, waiting for the disk), the loop and the saving alone for Python; turn and turn about.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Draws } from "../../src/foundation/random.ts";
import { fitsBytes } from "../../src/sky/fits.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20000" },
    rounds: { type: "string", default: "2" },
    folder: { type: "string", default: "/tmp/arclet-bench-import" },
  },
});
const [count, rounds] = [Number(values.count), Number(values.rounds)];
const python = process.env.PYTHON ?? "/usr/bin/python3";
const SIDE = 64;
const BANDS = ["g", "r", "i"] as const;
const KINDS = ["three", "one"] as const;

/** As cutouts of a survey have it: world coordinates, filter, zero point, exposure. */
const header = (k: number, band: string) => ({
  CTYPE1: "RA---TAN",
  CTYPE2: "DEC--TAN",
  CRVAL1: 30 + (k % 1000) / 100,
  CRVAL2: -5 + Math.floor(k / 1000) / 100,
  CRPIX1: 32.5,
  CRPIX2: 32.5,
  CD1_1: -5.166666789e-5,
  CD1_2: 0,
  CD2_1: 0,
  CD2_2: 5.166666789e-5,
  CUNIT1: "deg",
  CUNIT2: "deg",
  RADESYS: "ICRS",
  EQUINOX: 2000,
  FILTER: `${band}.MP9401`,
  MAGZERO: 30,
  BUNIT: "count",
  EXPTIME: 2500.5,
  GAIN: 66.6,
  OBJECT: `object ${k}`,
});

function make(folder: string): void {
  const draws = new Draws(1, 2);
  const noise = Float32Array.from({ length: 1 << 18 }, () => draws.normal());
  for (const kind of KINDS) mkdirSync(join(folder, kind), { recursive: true });
  for (let k = 0; k < count; k++) {
    const name = `object-${String(k).padStart(5, "0")}`;
    const images = BANDS.map((band, c) => {
      const from = (k * 7919 + c * 104_729) % (noise.length - SIDE * SIDE);
      const data = noise.slice(from, from + SIDE * SIDE);
      data[k % data.length]! += 100 + k; // no two are the same
      return { data, shape: [SIDE, SIDE], header: header(k, band) };
    });
    for (const [c, band] of BANDS.entries())
      writeFileSync(join(folder, "three", `${name}_${band}.fits`), fitsBytes([images[c]!]));
    const named = images.map((image, c) => ({ ...image, name: BANDS[c]!.toUpperCase() }));
    writeFileSync(join(folder, "one", `${name}.fits`), fitsBytes(named));
  }
}

const folder = values.folder;
const made = join(folder, `made-${count}`);
if (!existsSync(made)) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  console.log(`making ${count} objects in ${folder} …`);
  make(folder);
  writeFileSync(made, "");
}

function arclet(kind: string): number {
  const out = join(folder, "dataset");
  rmSync(out, { recursive: true, force: true });
  const start = performance.now();
  const program = join(import.meta.dirname, "../../bin/arclet.mjs");
  const args = [program, "import", join(folder, kind), "--bands", "g,r,i", "--out", out];
  execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  return (performance.now() - start) / 1000;
}

function astropy(kind: string): number {
  const script = join(import.meta.dirname, "peer.py");
  const args = [script, join(folder, kind), kind, String(count), join(folder, "peer.npy")];
  return Number(execFileSync(python, args, { encoding: "utf8" }));
}

for (const kind of KINDS) {
  const times: { arclet: number; astropy: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const one = { arclet: arclet(kind), astropy: astropy(kind) };
    times.push(one);
    console.log(
      `${kind} file${kind === "one" ? "" : "s"} an object, round ${round + 1}: arclet ${one.arclet.toFixed(1)} s, ` +
        `astropy ${one.astropy.toFixed(1)} s, ${(one.astropy / one.arclet).toFixed(1)} times as fast`,
    );
  }
  const ratios = times.map((one) => one.astropy / one.arclet).sort((a, b) => a - b);
  console.log(
    `${kind}: ${ratios[ratios.length >> 1]!.toFixed(1)} times as fast as astropy (median of ${rounds})`,
  );
}
