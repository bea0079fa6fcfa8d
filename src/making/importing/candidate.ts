/** Rows whose images are imported: their numbers alone are held, and what the table says of one is read when it is asked for. */
import type { Split } from "../../dataset/info.ts";
import type { ImageLocation } from "./cutout.ts";

/** A row of the table whose image can be looked for. */
export interface Candidate {
  /** Row of the table, from 0. */
  readonly row: number;
  readonly id: string;
  readonly location: ImageLocation;
  readonly group: string;
  /** By the split column; undefined when rows are split by fractions. */
  readonly split: Split | undefined;
  readonly label: string | null;
}

/** What the table says of a row that can be used. */
export type Reading = {
  readonly [Field in Exclude<keyof Candidate, "row">]: (row: number) => Candidate[Field];
};

/** A table's rows that can be used, in its order; four bytes each. */
export class Candidates implements Iterable<Candidate> {
  readonly #rows: Int32Array;
  readonly #reading: Reading;

  /** @param rows rows of the table @param reading what it says of each */
  constructor(rows: Int32Array, reading: Reading) {
    this.#rows = rows;
    this.#reading = reading;
  }

  /** How many there are. */
  get length(): number {
    return this.#rows.length;
  }

  /** The `index`-th, from 0. */
  at(index: number): Candidate {
    return new ReadRow(this.#rows[index]!, this.#reading);
  }

  /** Those from `from` on, before `to`. */
  slice(from: number, to: number): Candidates {
    return new Candidates(this.#rows.subarray(from, to), this.#reading);
  }

  /** Some, by their indices. */
  chosen(indices: Int32Array): Candidates {
    return new Candidates(
      indices.map((index) => this.#rows[index]!),
      this.#reading,
    );
  }

  *[Symbol.iterator](): Generator<Candidate, void> {
    for (const row of this.#rows) yield new ReadRow(row, this.#reading);
  }
}

class ReadRow implements Candidate {
  readonly row: number;
  readonly #reading: Reading;

  constructor(row: number, reading: Reading) {
    this.row = row;
    this.#reading = reading;
  }

  get id() {
    return this.#reading.id(this.row);
  }
  get location() {
    return this.#reading.location(this.row);
  }
  get group() {
    return this.#reading.group(this.row);
  }
  get split() {
    return this.#reading.split(this.row);
  }
  get label() {
    return this.#reading.label(this.row);
  }
}
