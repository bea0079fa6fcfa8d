/** Files that were dropped, as images; what can't be read is said, one line each. */
import { readFits } from "./fits.ts";
import type { Image } from "./image.ts";
import { readNpy } from "./npy.ts";
import { readPng } from "./png.ts";

export interface ReadFiles {
  images: Image[];
  problems: string[];
}

/** @param bands the finder's */
export async function readFiles(files: readonly File[], bands: readonly string[]): Promise<ReadFiles> {
  const read: ReadFiles = { images: [], problems: [] };
  for (const file of files) {
    try {
      read.images.push(...imagesIn(file.name, new Uint8Array(await file.arrayBuffer()), bands));
    } catch (error) {
      read.problems.push(`${file.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return read;
}

/** By the file's first bytes: extensions are often wrong. */
function imagesIn(name: string, bytes: Uint8Array, bands: readonly string[]): Image[] {
  const start = String.fromCharCode(...bytes.subarray(0, 6));
  if (start.slice(1) === "NUMPY") return readNpy(name, bytes);
  if (start.slice(1, 4) === "PNG") return [readPng(name, bytes)];
  if (start === "SIMPLE") return [readFits(name, bytes, bands)];
  throw new Error("is neither FITS, PNG nor .npy");
}
