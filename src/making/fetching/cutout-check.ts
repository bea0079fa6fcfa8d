/** Whether what a service sent is a cutout. */
import { gunzipSync } from "node:zlib";
import { reasonOf } from "../../foundation/errors/foreign.ts";
import { FitsFile } from "../../sky/fits.ts";
import type { Flaw } from "./polite.ts";

/** Bytes that a cutout may take at most: an image of doubles, twice over, with headers. */
export const mostBytes = (size: number): number => 16 * (size + 8) ** 2 + 2 ** 20;

/** The file, unpacked where it came gzipped. */
export function unpacked(bytes: Buffer, most: number): Buffer | Flaw {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    return { reason: `does not unpack (${reasonOf(error)})`, again: true };
  }
}

/**
 * What is wrong with a cutout: no FITS file, cut short, of another size, or without a pixel that tells anything.
 *
 * @param size pixels a side that were asked for, `more` those that there may be beyond
 */
export function cutoutFlaw(bytes: Buffer, size: number, more: number): Flaw | undefined {
  if (bytes.length === 0) return { reason: "empty answer", again: true };
  const start = bytes.toString("latin1", 0, 400);
  if (!start.startsWith("SIMPLE")) return { reason: `not a FITS file: ${summary(start)}`, again: true };
  // All of a FITS file is blocks of this length; what ends elsewhere has lost something, were it filling.
  if (bytes.length % 2880 !== 0) return { reason: `cut short after ${bytes.length} bytes`, again: true };
  let file: FitsFile;
  try {
    file = new FitsFile(bytes, "answer");
  } catch (error) {
    return { reason: reasonOf(error), again: true };
  }
  try {
    const hdu = file.find();
    const shape = file.hdus[hdu]!.shape;
    const sides = shape.slice(-2);
    const planes = shape.slice(0, -2).reduce((product, side) => product * side, 1);
    const fits =
      sides.length === 2 && planes === 1 && sides.every((side) => side >= size && side <= size + more);
    if (!fits)
      return { reason: `${shape.join(" × ")} pixels, ${size} × ${size} were asked for`, again: false };
    const pixels = file.read(hdu);
    const first = pixels[0]!;
    if (pixels.every((value) => Number.isNaN(value)))
      return { reason: "no coverage: every pixel is NaN", again: false, uncovered: true };
    if (pixels.every((value) => value === first))
      return { reason: `no coverage: every pixel is ${first}`, again: false, uncovered: true };
    return undefined;
  } catch (error) {
    return { reason: reasonOf(error), again: false };
  } finally {
    file.close();
  }
}

/** The first words of a page or a message, in one line. */
function summary(text: string): string {
  const plain = text
    .replace(/<(style|script)[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>?/g, " ")
    .replace(/[^ -~]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return plain === "" ? "nothing that can be read" : plain.slice(0, 80);
}
