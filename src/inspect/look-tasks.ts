/** What the thread that looks closer (look-thread.ts) is started with, asked for, and answers. */
import type { ErrorData } from "../foundation/errors.ts";
import type { Orientation } from "./look-contract.ts";
import type { Heat } from "./look-keys.ts";
import type { ImagesSource } from "./shown-images.ts";

/** What a search is given to look closer with. */
export interface LookSources {
  /** A run, a model's file or a finder's name; null for none. */
  finder: string | null;
  /** FITS files or folders of them; none if empty. */
  frames: readonly string[];
  /** How frames are named, with {band}; null if their headers name their bands. */
  pattern: string | null;
}

export interface LookData extends LookSources {
  images: ImagesSource;
}

/** Of the finder, once it is loaded. */
export interface LoadedFinder {
  name: string;
  /** Of its model's file. */
  sha256: string;
}

/** The first message of the thread. */
export type LookReady = { finder: LoadedFinder | null; wider: { side: number } | null } | Failed;

/** Tasks are answered in their order. */
export type LookTask = { heat: number; by: Heat } | { features: readonly number[] } | { wider: number };

/** An image of the frames around an object. */
export interface WiderImage {
  /** (C, side, side), row 0 at the bottom. */
  pixels: Float32Array<ArrayBuffer>;
  orientation: Orientation | null;
}

export interface LookAnswers {
  /** (H, W), row-major: Grad-CAM, ≥ 0 in a unit of its own, or occlusion, in logits. */
  heat: Float32Array<ArrayBuffer>;
  /** (N, F) */
  features: Float32Array<ArrayBuffer>;
  wider: WiderImage;
}

export interface Failed {
  failed: ErrorData;
}
