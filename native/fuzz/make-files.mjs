/** Writes the whole files that fits.cc breaks: make-files.mjs ROOT FOLDER, after a build. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const [root, folder] = process.argv.slice(2);
const { fitsBytes } = await import(join(root, "dist/sky/fits.js"));
const side = 21; // odd, so that trees have edges
const shape = [side, side];
const floats = Float32Array.from({ length: side * side }, (_, i) => Math.sin(i) * 100 + (i % 7));
const pixels = {
  floats,
  doubles: Float64Array.from(floats),
  ints: Int32Array.from(floats, (value) => value * 1000),
  shorts: Int16Array.from(floats),
  bytes: Uint8Array.from(floats, (value) => (value > 0 ? 1 : 0)),
};
for (const [kind, data] of Object.entries(pixels)) {
  writeFileSync(join(folder, `${kind}.fits`), fitsBytes([{ data, shape }]));
  for (const compression of ["rice", "gzip", "gzip2", "hcompress", "plio"]) {
    if (compression === "plio" && kind !== "bytes") continue;
    for (const quantize of kind === "floats" || kind === "doubles" ? [0, 4] : [undefined]) {
      try {
        const image = { data, shape, compression, ...(quantize === undefined ? {} : { quantize }) };
        writeFileSync(join(folder, `${kind}-${compression}-${quantize ?? 0}.fits`), fitsBytes([image, image]));
      } catch (error) {
        console.log(`${kind} ${compression} ${quantize}: ${error.message}`);
      }
    }
  }
}
