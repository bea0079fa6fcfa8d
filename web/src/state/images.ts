/** Images that were fetched: those seen last, in limited memory. */
import type { SessionAnswer } from "../../../src/inspect/contract.ts";
import { type Prepared, prepare, turnedOver } from "../draw/levels.ts";
import { pixels } from "./api.ts";

/** Bytes of the images that are kept. */
const KEPT = 128 * 2 ** 20;
/** Bytes in one answer. */
const AT_ONCE = 16 * 2 ** 20;

export class Images {
  readonly #dataset: SessionAnswer["dataset"];
  readonly #bottomFirst: boolean;
  /** In the order in which they were used last. */
  readonly #kept = new Map<number, Prepared>();
  readonly #coming = new Map<number, Promise<void>>();

  /** @param bottomFirst whether row 0 of an image is its bottom */
  constructor(dataset: SessionAnswer["dataset"], bottomFirst: boolean) {
    this.#dataset = dataset;
    this.#bottomFirst = bottomFirst;
  }

  of(row: number): Prepared | undefined {
    const image = this.#kept.get(row);
    if (image !== undefined) {
      this.#kept.delete(row);
      this.#kept.set(row, image);
    }
    return image;
  }

  /** Fetches what is not there yet. Resolves when all of them are. */
  async load(rows: readonly number[]): Promise<void> {
    const missing = rows.filter((row) => !this.#kept.has(row) && !this.#coming.has(row));
    const most = Math.max(1, Math.min(400, Math.floor(AT_ONCE / this.bytes())));
    for (let k = 0; k < missing.length; k += most) this.fetch(missing.slice(k, k + most));
    await Promise.all(rows.map((row) => this.#coming.get(row)));
  }

  private fetch(rows: readonly number[]): void {
    const coming = pixels(rows)
      .then((buffer) => this.keep(rows, buffer))
      .finally(() => {
        for (const row of rows) this.#coming.delete(row);
      });
    for (const row of rows) this.#coming.set(row, coming);
  }

  private keep(rows: readonly number[], buffer: ArrayBuffer): void {
    const { shape, pixels: kind, composite } = this.#dataset;
    const data = kind === "flux" ? new Float32Array(buffer) : new Uint8Array(buffer);
    if (this.#bottomFirst) turnedOver(data, shape[2], shape[1]);
    const size = shape[0] * shape[1] * shape[2];
    for (const [k, row] of rows.entries())
      this.#kept.set(row, prepare(data.subarray(k * size, (k + 1) * size), shape, kind, composite));
    const most = Math.max(800, Math.floor(KEPT / this.bytes()));
    for (const row of this.#kept.keys()) {
      if (this.#kept.size <= most) break;
      this.#kept.delete(row);
    }
  }

  /** Of one image here, where all are of floats. */
  private bytes(): number {
    const [count, height, width] = this.#dataset.shape;
    return 4 * count * height * width;
  }
}
