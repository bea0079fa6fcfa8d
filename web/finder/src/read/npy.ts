/** NumPy's array files (NEP 1): one image (C, H, W) or (H, W), or many (N, C, H, W). */
import type { Image } from "./image.ts";

/** By dtype: how many bytes, and how one is read. */
const READERS: Record<
  string,
  [bytes: number, read: (view: DataView, at: number, little: boolean) => number]
> = {
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
};

/** @throws Error that says what is wrong with the file */
export function readNpy(name: string, bytes: Uint8Array): Image[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes.length < 12 || text(1, 6) !== "NUMPY") throw new Error("is not a NumPy .npy file");
  const start = bytes[6] === 1 ? 10 : 12;
  const end = start + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = text(start, Math.min(end, bytes.length));
  const dtype = /'descr':\s*'([<>|=])(\w\d)'/.exec(header);
  const dims = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  const reader = READERS[dtype?.[2] ?? ""];
  if (reader === undefined || dims === undefined) throw new Error("has a dtype or shape that is not read");
  if (/'fortran_order':\s*True/.test(header)) throw new Error("is in Fortran order");
  const shape = dims
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape.slice(-3);
  if (channels === undefined || height === undefined || width === undefined || shape.length > 4)
    throw new Error(`has shape (${shape.join(", ")}), images are (N, C, H, W) or (C, H, W)`);
  const count = shape.length === 4 ? shape[0]! : 1;
  const [size, read] = reader;
  const each = channels * height * width;
  if (bytes.length - end < count * each * size) throw new Error("is shorter than its header promises");
  const little = dtype![1] !== ">";
  return Array.from({ length: count }, (_, n) => ({
    name: count === 1 ? name : `${name} ${n + 1}`,
    ...{ channels, height, width },
    pixels: Float32Array.from({ length: each }, (_, i) => read(view, end + (n * each + i) * size, little)),
    display: dtype![2] === "u1",
  }));
}
