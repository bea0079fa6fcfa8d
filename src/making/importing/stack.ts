/** An array of many images, in whatever file. */

import type { PixelKind } from "../../dataset/info.ts";
import { ArcletError } from "../../foundation/errors.ts";
import type { Layout } from "./layout.ts";

/** An open array whose first axis counts images. */
export interface Stack {
  path: string;
  name: string;
  shape: readonly number[];
  pixels: PixelKind;
  /** Where the channels are, if the file's structure says it. */
  layout?: Layout;
  /** Names of the images, if the file has them. */
  ids?: readonly string[];
  /** Image `index` as stored. */
  read(index: number): ArrayLike<number>;
  close(): void;
}

export interface StackOptions {
  channels: number;
  bands: readonly string[];
  layout: Layout;
  /** Which array of an `.npz` or HDF5 file; null: the only one that may hold the images. */
  dataset: string | null;
  /** Prefix of the names of temporary files; null if nothing may be unpacked. */
  scratch: string | null;
}

/** Whether an array's shape is that of images of this many channels. */
export const mayHold = (shape: readonly number[], channels: number): boolean =>
  shape.length === 4 ? shape[1] === channels || shape[3] === channels : shape.length === 3 && channels === 1;

export const notOne = (path: string, names: readonly string[], channels: number, fitting: number) =>
  new ArcletError({
    where: path,
    code: "missing",
    problem: `${fitting === 0 ? "no array" : `${fitting} arrays`} may hold images of ${channels} channels`,
    fix: `choose one by --dataset: ${names.join(", ") || "none"}`,
  });
