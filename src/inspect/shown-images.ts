/**
 * The images of a search whose decoys are of a dataset of their own, such as `arclet paint` writes. Rows are numbered in the
 * order of the sample, so that no number says which dataset an image is from.
 */
import {
  type Dataset,
  type ImageDomain,
  type ImageInfo,
  openDataset,
  type Rows,
} from "../dataset/dataset.ts";
import type { DatasetInfo, Split } from "../dataset/info.ts";
import { MixedDataset } from "../dataset/mixed.ts";
import { openUnlabelled } from "../dataset/unlabelled.ts";
import { ArcletError } from "../foundation/errors.ts";
import type { Tensor } from "../torch/tensor.ts";

/** Where images are, as another thread can open them. */
export interface ImagesSource {
  /** The folder of the dataset that is searched. */
  dataset: string;
  /** Null if decoys, if any, are of the dataset. */
  decoys: {
    folder: string;
    /** For each row of the search: a row of the dataset, or one of the decoys' dataset after the dataset's last. */
    order: Int32Array;
  } | null;
}

/** The images that are looked at, and where each is in the table of the dataset that is searched. */
export interface Looked {
  readonly domain: ImageDomain;
  readonly source: ImagesSource;
  /** Null for a decoy of another dataset. */
  readonly tableRow: (row: number) => number | null;
  /** The other dataset that decoys are of; null if there is none. */
  readonly decoyImages: { readonly name: string; readonly contentHash: string } | null;
}

/** Rows of a dataset and of its decoys' one, in an order of their own, without labels. */
export class ShownImages implements ImageDomain {
  readonly #mixed: MixedDataset;
  readonly #order: Int32Array;
  readonly info: ImageInfo;
  readonly ids: readonly string[];
  readonly groups: readonly string[];
  readonly splits: readonly Split[];

  /** @param order rows of both, one after the other */
  constructor(dataset: Dataset, decoys: Dataset, order: Int32Array) {
    this.#mixed = new MixedDataset([dataset, decoys]);
    this.#order = order;
    const { classes: _, ...info } = dataset.info;
    this.info = { ...info, count: order.length };
    const chosen = <T>(values: readonly T[]): T[] => Array.from(order, (row) => values[row]!);
    this.ids = chosen(this.#mixed.ids);
    this.groups = chosen(this.#mixed.groups);
    this.splits = chosen(this.#mixed.splits);
  }

  get folder(): string {
    return this.#mixed.folder;
  }
  get count(): number {
    return this.#order.length;
  }
  rows(...splits: Split[]): Int32Array {
    const all = Int32Array.from(this.#order.keys());
    return splits.length === 0 ? all : all.filter((row) => splits.includes(this.splits[row]!));
  }
  images(rows: Rows): Tensor {
    return this.#mixed.images(Array.from(rows, (row) => this.#order[row]!));
  }
  imageHashes(): readonly string[] {
    const hashes = this.#mixed.imageHashes();
    return Array.from(this.#order, (row) => hashes[row]!);
  }
  positions() {
    const known = this.#mixed.positions();
    if (known === undefined) return undefined;
    const chosen = (values: readonly (number | null)[]) => Array.from(this.#order, (row) => values[row]!);
    return { ra: chosen(known.ra), dec: chosen(known.dec) };
  }
  close(): void {
    this.#mixed.close();
  }
}

/**
 * Opens the dataset that decoys are of, with the bands of the one that is searched, in their order.
 *
 * @throws ArcletError for images that differ in bands, pixels, size, pixel scale or zero point: graders would see it
 */
export async function openDecoyImages(folder: string, { info }: Dataset): Promise<Dataset> {
  const decoys = await openDataset(folder, (own) => {
    const differs = difference(info, own);
    if (differs === null) return info.bands;
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: `has other images than ${info.name}, by which graders could tell decoys: ${differs}`,
      fix: "paint decoys on images of the dataset that is searched (arclet paint), or import them with its settings",
    });
  });
  return decoys;
}

/** How the images of two datasets differ, in words; null if they don't. */
function difference(dataset: DatasetInfo, decoys: DatasetInfo): string | null {
  const absent = dataset.bands.filter((band) => !decoys.bands.includes(band));
  const [, height, width] = dataset.shape;
  const [, high, wide] = decoys.shape;
  const told = (what: string, got: unknown, must: unknown) => `${what} ${got}, not ${must}`;
  if (absent.length > 0) return told("bands", decoys.bands.join(", "), dataset.bands.join(", "));
  if (decoys.pixels !== dataset.pixels) return told("pixels", decoys.pixels, dataset.pixels);
  if (high !== height || wide !== width) return told("size", `${high} × ${wide}`, `${height} × ${width}`);
  if (Math.abs(decoys.pixelScale / dataset.pixelScale - 1) > SAME_SCALE)
    return told("pixel scale", decoys.pixelScale, dataset.pixelScale);
  const [zero, must] = [decoys.zeroPoint, dataset.zeroPoint];
  if (zero !== undefined && must !== undefined && zero !== must) return told("zero point", zero, must);
  return null;
}
/** Programs write pixel scales to a few digits. */
const SAME_SCALE = 1e-3;

/** Opens the images of a search without checking them again. */
export async function openImages({ dataset, decoys }: ImagesSource): Promise<ImageDomain> {
  if (decoys === null) return openUnlabelled(dataset);
  const own = await openDataset(dataset);
  return new ShownImages(own, await openDecoyImages(decoys.folder, own), decoys.order);
}
