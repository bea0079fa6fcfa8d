/** Whether what a service sent is a cutout. */
import { gunzipSync } from "node:zlib";
import { reasonOf } from "../../foundation/errors/foreign.ts";
import { FitsFile } from "../../sky/fits.ts";
import type { Flaw } from "./polite.ts";

/** The most bytes of a cutout: an image of doubles, twice over, with headers. */
export const mostBytes = (size: number): number => 16 * (size + 8) ** 2 + 2 ** 20;

/** The file, unpacked if it came gzipped. */
export function unpacked(bytes: Buffer, most: number): Buffer | Flaw {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    return { reason: `can't be unpacked (${reasonOf(error)})`, retry: true };
  }
}

/**
 * What is wrong with a cutout: not a FITS file, truncated, of another size, or all pixels the same.
 *
 * @param size requested pixels per side
 * @param more further pixels per side that the service may add
 */
export function cutoutFlaw(bytes: Buffer, size: number, more: number): Flaw | undefined {
  if (bytes.length === 0) return { reason: "empty answer", retry: true };
  const start = bytes.toString("latin1", 0, 400);
  if (!start.startsWith("SIMPLE")) return { reason: `not a FITS file: ${summary(start)}`, retry: true };
  // A FITS file consists of blocks of this length; one that ends elsewhere has lost something, if only padding.
  if (bytes.length % 2880 !== 0) return { reason: `cut short after ${bytes.length} bytes`, retry: true };
  let file: FitsFile;
  try {
    file = new FitsFile(bytes, "answer");
  } catch (error) {
    return { reason: reasonOf(error), retry: true };
  }
  try {
    const hdu = file.find();
    const shape = file.hdus[hdu]!.shape;
    const sides = shape.slice(-2);
    const planes = shape.slice(0, -2).reduce((product, side) => product * side, 1);
    const fits =
      sides.length === 2 && planes === 1 && sides.every((side) => side >= size && side <= size + more);
    if (!fits) return { reason: `${shape.join(" × ")} pixels instead of ${size} × ${size}`, retry: false };
    const pixels = file.read(hdu);
    const first = pixels[0]!;
    if (pixels.every((value) => Number.isNaN(value)))
      return { reason: "no coverage: every pixel is NaN", retry: false, uncovered: true };
    if (pixels.every((value) => value === first))
      return { reason: `no coverage: every pixel is ${first}`, retry: false, uncovered: true };
    return undefined;
  } catch (error) {
    return { reason: reasonOf(error), retry: false };
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
