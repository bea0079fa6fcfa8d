/** An array of many images, whatever file it lies in. */

import type { PixelKind } from "../../dataset/info.ts";
import { ArcletError } from "../../foundation/errors.ts";
import type { Layout } from "./layout.ts";

/** An open array whose first axis counts images. */
export interface Stack {
  path: string;
  name: string;
  shape: readonly number[];
  pixels: PixelKind;
  /** Image `index` as it lies. */
  read(index: number): ArrayLike<number>;
  close(): void;
}

export interface StackOptions {
  channels: number;
  layout: Layout;
  /** Which array of an `.npz` or HDF5 file; null: the only one that may hold the images. */
  dataset: string | null;
  /** Beginning of the names of files that are made on the way. */
  scratch: string;
}

/** Whether an array's shape is that of images of so many channels. */
export const mayHold = (shape: readonly number[], channels: number): boolean =>
  shape.length === 4 ? shape[1] === channels || shape[3] === channels : shape.length === 3 && channels === 1;

export const notOne = (path: string, names: readonly string[], channels: number, found: number) =>
  new ArcletError({
    where: path,
    code: "missing",
    problem: `${found === 0 ? "no array" : `${found} arrays`} may hold images of ${channels} channels`,
    fix: `say which by --dataset, of ${names.join(", ") || "none"}`,
  });
