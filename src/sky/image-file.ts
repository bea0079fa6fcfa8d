/** One or several images from a file: FITS or `.npy`. */
import { refuse } from "../foundation/errors.ts";
import { FitsFile } from "./fits.ts";
import { type ImageStack, readNpyImages } from "./npy-image.ts";

/** @throws ArcletError naming the file when it is missing, broken or of another shape */
export const readImages = (path: string): ImageStack =>
  /\.npy$/i.test(path) ? readNpyImages(path) : readFitsImages(path);

function readFitsImages(path: string): ImageStack {
  const file = new FitsFile(path);
  try {
    const hdu = file.find();
    const shape = file.hdus[hdu]!.shape;
    if (shape.length !== 2 && shape.length !== 3)
      refuse(path, "shape", "(height, width) or (planes, height, width)", shape);
    const [height, width] = shape.slice(-2) as [number, number];
    return { shape: [shape.length === 3 ? shape[0]! : 1, height, width], data: file.readDouble(hdu) };
  } finally {
    file.close();
  }
}
