/** What a cell of the experiment on graded rows measured. */
import type { Cell } from "./plan.ts";

/** On the sealed test. */
export interface Judged {
  readonly auroc: number;
  /** Completeness at a false-positive rate of 1 %. */
  readonly recall: number;
}

export interface Result extends Cell {
  /** Lenses among the graded rows. */
  readonly lenses: number;
  /** The grades were refused, being of one class, or too few to hold some. */
  readonly refused: boolean;
  readonly seconds: number;
  readonly epochs: readonly {
    readonly validators: Readonly<Record<string, number>>;
    readonly truth: Judged;
  }[];
  /** The epoch that the run chose, from 1, and the validator that did; null of a refused one. */
  readonly chosen: { readonly epoch: number; readonly by: string } | null;
}

/** The test's figures of the chosen epoch; null of a refused one. */
export const chosenTruth = ({ chosen, epochs }: Result): Judged | null =>
  chosen === null ? null : epochs[chosen.epoch - 1]!.truth;
