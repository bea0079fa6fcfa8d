/**
 * Objects like another, by a finder's features, or a table's. A finder's are computed once, in the background, and kept in the search's folder
 * under the hashes of the finder and of the list of objects: a search that is opened again continues with what is left.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { HEADER_BYTES, NpyWriter } from "../dataset/npy-writer.ts";
import { ArcletError } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";

/** Objects whose features are computed together: a heat map waits for no more. */
const CHUNK = 32;
/** Objects compared without letting others in. */
const COMPARED = 8192;
/** Bytes of all features, which are in memory. */
const MOST_BYTES = 2 ** 30;

export interface Neighbour {
  row: number;
  /** 1 − cosine of the angle between the features. */
  distance: number;
}

/** What gives the features of rows: a finder, or a table. */
export interface FeatureSource {
  /** Of the finder's model, or the table's file. */
  readonly sha256: string;
  /** (N, F). @param waits for all that people ask for */
  features(rows: readonly number[], waits: boolean): Promise<Float32Array<ArrayBuffer>>;
}

interface Store {
  /** Unit vectors (N, F), those of the first `done` rows known. */
  units: Float32Array;
  width: number;
  /** Null if nothing is written. */
  writer: NpyWriter | null;
}

export class Alike {
  readonly total: number;
  #done = 0;
  readonly #source: FeatureSource;
  readonly #rows: Int32Array;
  readonly #indexOf: ReadonlyMap<number, number>;
  /** Null where nothing may be written. */
  readonly #path: string | null;
  #store: Store | null = null;
  #failed: unknown = null;
  #closed = false;

  /**
   * @param rows of the dataset, in the search's order
   * @param readOnly writes nothing
   */
  constructor(source: FeatureSource, folder: string, rows: Int32Array, readOnly: boolean) {
    this.#source = source;
    this.#rows = rows;
    this.total = rows.length;
    this.#indexOf = new Map(Array.from(rows, (row, index) => [row, index]));
    // Another list of objects, after a finder was added, has other features.
    const listed = createHash("sha256").update(Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength));
    const name = `features-${source.sha256.slice(0, 16)}-${listed.digest("hex").slice(0, 8)}.npy`;
    const path = join(folder, name);
    this.#path = readOnly && !existsSync(path) ? null : path;
    this.computed(readOnly).catch((error) => {
      this.#failed = error;
    });
  }

  /** Objects whose features are known. */
  get done(): number {
    return this.#done;
  }

  /** The nearest of those known so far, without the row itself. @throws ArcletError if features can't be computed */
  async nearest(row: number, count: number): Promise<Neighbour[]> {
    if (this.#failed !== null) throw this.#failed;
    const own = unit(await this.featuresOf(row));
    const found: { index: number; likeness: number }[] = [];
    for (let index = 0; index < this.#done; index++) {
      if (index % COMPARED === COMPARED - 1) await new Promise((resolve) => setImmediate(resolve));
      if (this.#rows[index] === row) continue;
      const likeness = this.likeness(own, index);
      if (found.length === count && likeness <= found[count - 1]!.likeness) continue;
      const place = found.findLastIndex((other) => other.likeness >= likeness) + 1;
      found.splice(place, 0, { index, likeness });
      if (found.length > count) found.pop();
    }
    return found.map(({ index, likeness }) => ({
      row: this.#rows[index]!,
      distance: Math.max(0, 1 - likeness),
    }));
  }

  /** Stops computing; what is there is kept. */
  close(): void {
    this.#closed = true;
    this.#store?.writer?.abandon();
    if (this.#store !== null) this.#store.writer = null;
  }

  private async featuresOf(row: number): Promise<Float32Array> {
    const index = this.#indexOf.get(row);
    if (this.#store === null || index === undefined || index >= this.#done)
      return this.#source.features([row], false);
    const { units, width } = this.#store;
    return units.subarray(index * width, (index + 1) * width);
  }

  private likeness(own: Float32Array, index: number): number {
    const { units, width } = this.#store!;
    let sum = 0;
    for (let k = 0, at = index * width; k < width; k++, at++) sum += own[k]! * units[at]!;
    return sum;
  }

  private async computed(readOnly: boolean): Promise<void> {
    const first = await this.#source.features([this.#rows[0]!], true);
    const store = this.begun(first.length, readOnly);
    while (this.#done < this.total && !this.#closed) {
      const rows = this.#rows.subarray(this.#done, this.#done + CHUNK);
      const values = await this.#source.features([...rows], true);
      if (this.#closed) return;
      store.writer?.append(values, rows.length);
      this.add(values);
    }
    if (store.writer === null || this.#closed) return;
    store.writer.close();
    store.writer = null;
    guarded(this.#path!, () => renameSync(partialOf(this.#path!), this.#path!));
  }

  /** Takes what is on the disk. @param width of the features */
  private begun(width: number, readOnly: boolean): Store {
    const bytes = 4 * width * this.total;
    if (bytes > MOST_BYTES)
      throw new ArcletError({
        where: "inspect",
        code: "too-large",
        problem: `features of ${this.total} objects need ${Math.ceil(bytes / 2 ** 20)} MiB, more than ${MOST_BYTES / 2 ** 20}`,
        fix: "look at a sample (arclet select)",
      });
    const store: Store = { units: new Float32Array(width * this.total), width, writer: null };
    this.#store = store;
    const path = this.#path;
    if (path === null) return store;
    const whole = existsSync(path);
    const file = whole ? path : partialOf(path);
    const kept = this.takeFrom(file, width);
    if (!whole && !readOnly) store.writer = new NpyWriter(file, "f4", [width], kept);
    return store;
  }

  /** @returns how many objects' features a file has */
  private takeFrom(file: string, width: number): number {
    if (!existsSync(file)) return 0;
    const size = guarded(file, () => statSync(file)).size - HEADER_BYTES;
    const kept = Math.min(this.total, Math.max(0, Math.floor(size / (4 * width))));
    const bytes = guarded(file, () => readFileSync(file)).subarray(
      HEADER_BYTES,
      HEADER_BYTES + 4 * width * kept,
    );
    this.add(new Float32Array(Uint8Array.from(bytes).buffer));
    return kept;
  }

  private add(values: Float32Array): void {
    const { units, width } = this.#store!;
    for (let at = 0; at < values.length; at += width)
      units.set(unit(values.subarray(at, at + width)), this.#done++ * width);
  }
}

const partialOf = (path: string): string => `${path}.partial`;

/** Of length 1; features that are all 0 are at right angles to all others. */
function unit(features: Float32Array): Float32Array {
  const length = Math.sqrt(features.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? features : features.map((value) => value / length);
}
