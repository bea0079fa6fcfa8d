/** A made field for the tests of `arclet detect` and `arclet cutouts`. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../cli/arclet.ts";
import { defaults, type Made, skyOf, writeMade } from "../sky/frames/made.ts";

/** A folder with a frame in g and r of a lattice of sources, and a gap of NaN in r. */
export function field(folder: string, name: string) {
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
