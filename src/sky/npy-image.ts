/** Images from a NumPy file: little-endian floats in C order, of two or three dimensions. */
import { readFileSync } from "node:fs";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { fromFloat16 } from "../foundation/float16.ts";

export interface ImageStack {
  /** (planes, height, width) */
  shape: [number, number, number];
  data: Float64Array;
}

/** @throws ArcletError naming the file when it holds another kind of array or is cut short */
export function readNpyImages(path: string): ImageStack {
  const bytes = guarded(path, () => readFileSync(path));
  if (bytes.length < 12 || bytes.toString("latin1", 0, 6) !== "\x93NUMPY")
    throw new ArcletError({ where: path, code: "broken", problem: "not an .npy file" });
  const wide = bytes[6]! > 1;
  const start = wide ? 12 : 10;
  const end = start + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const header = bytes.toString("latin1", start, Math.min(end, bytes.length));
  const type = /'descr': *'([^']*)'/.exec(header)?.[1];
  if (type !== "<f2" && type !== "<f4" && type !== "<f8")
    refuse(path, "type", "float16, float32 or float64", type, "unsupported");
  if (!/'fortran_order': *False/.test(header))
    refuse(path, "order", "C order", "Fortran order", "unsupported");
  const sides = (/'shape': *\(([^)]*)\)/.exec(header)?.[1] ?? "")
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  const [height, width] = sides.slice(-2) as [number, number];
  if (
    (sides.length !== 2 && sides.length !== 3) ||
    !sides.every((side) => Number.isInteger(side) && side > 0)
  )
    refuse(path, "shape", "(height, width) or (planes, height, width)", sides, "unsupported");
  const planes = sides.length === 3 ? sides[0]! : 1;
  const size = type === "<f2" ? 2 : type === "<f4" ? 4 : 8;
  const count = planes * height * width;
  if (end + count * size > bytes.length)
    throw new ArcletError({ where: path, code: "truncated", problem: "is cut short" });
  const view = new DataView(bytes.buffer, bytes.byteOffset + end);
  const at = (i: number) => (size === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true));
  const half = (i: number) => view.getUint16(2 * i, true);
  const data =
    size === 2
      ? Float64Array.from(fromFloat16(Array.from({ length: count }, (_, i) => half(i))))
      : Float64Array.from({ length: count }, (_, i) => at(i));
  return { shape: [planes, height, width], data };
}
