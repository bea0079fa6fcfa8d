/**
 * The smooth selection function: the probability that a lens is found, by a ridge-regularised logistic regression on the
 * terms of `terms.ts`. Its covariance is the sandwich of independent groups (Liang & Zeger 1986, Biometrika 73, 13), so that
 * arcs on one host count as what they are.
 */
import { linearSolve } from "../../foundation/linear-solve.ts";
import { logOdds, sigmoid } from "../combination/log-odds.ts";
import { fitLogistic } from "../combination/logistic.ts";
import { Z95 } from "../distributions.ts";
import type { ClusteredRows } from "./clustered.ts";
import type { PropertyColumn } from "./properties.ts";
import { type ScaledProperty, scaledProperty, type Term, termsAt, termsOf } from "./terms.ts";

/** A fitted model: p = 1 / (1 + exp(−Σ coefficient · term)). */
export interface SmoothSelection {
  readonly properties: readonly ScaledProperty[];
  readonly terms: readonly Term[];
  /** One a term (K). */
  readonly coefficients: readonly number[];
  /** (K, K) */
  readonly covariance: readonly (readonly number[])[];
}

/** The penalty on each squared coefficient but the constant, over 2: it decides only where the rows say nothing. */
export const RIDGE = 1;

/** Rows of the rarer outcome that a term needs (Peduzzi et al. 1996, J. Clin. Epidemiol. 49, 1373). */
const ROWS_PER_TERM = 10;

/**
 * The numbers of knots for which each term has ten rows of the rarer outcome: some of 4, 3, and 0, which is a model that is
 * linear.
 */
export function possibleKnots(properties: number, rows: ClusteredRows, which: readonly number[]): number[] {
  const found = which.reduce((sum, row) => sum + rows.found[row]!, 0);
  const rarer = Math.min(found, which.length - found);
  const terms = (knots: number) => properties * Math.max(1, knots - 1) + (properties * (properties - 1)) / 2;
  return [4, 3, 0].filter((knots) => rarer >= ROWS_PER_TERM * terms(knots));
}

/**
 * @param columns the properties, finite and, if their logarithm is taken, positive in all of the rows
 * @param which the rows that it is fitted on
 * @param knots one of `possibleKnots`
 */
export function fitSmooth(
  columns: readonly PropertyColumn[],
  rows: ClusteredRows,
  which: readonly number[],
  knots: number,
): SmoothSelection {
  const scaled = columns.map((column) => ({ column, property: scaledProperty(column, which, knots) }));
  const kept = scaled.filter(({ property }) => property !== null);
  const properties = kept.map(({ property }) => property!);
  const terms = termsOf(properties);
  const values = kept.map(({ column }) => column.values);
  const features = which.map((row) =>
    termsAt(
      properties,
      terms,
      values.map((ofAll) => ofAll[row]!),
    ),
  );
  // Weights that sum to the number of rows, so that the ridge means the same with any.
  const all = which.reduce((sum, row) => sum + rows.weights[row]!, 0);
  const times = Float64Array.from(which, (row) => (rows.weights[row]! * which.length) / all);
  const found = Float64Array.from(which, (row) => rows.found[row]!);
  const columnsOfTerms = terms.slice(1).map((_, k) => features.map((row) => row[k + 1]!));
  const penalty = terms.slice(1).map((_, i) => terms.slice(1).map((__, j) => (i === j ? RIDGE : 0)));
  const { weights, intercept } = fitLogistic(columnsOfTerms, found, penalty, times);
  const coefficients = [intercept, ...weights];
  const groups = which.map((row) => rows.groups.index[row]!);
  return {
    properties,
    terms,
    coefficients,
    covariance: sandwich(features, found, times, groups, coefficients, RIDGE),
  };
}

/**
 * The covariance of a logistic regression's coefficients, whose first is the constant: H⁻¹ (Σ_g s_g s_gᵀ) H⁻¹ · G / (G − 1), H
 * being the penalised curvature and s_g the sum of a group's scores.
 */
export function sandwich(
  features: readonly (readonly number[])[],
  found: Float64Array,
  times: Float64Array,
  groups: readonly number[],
  coefficients: readonly number[],
  ridge: number,
): number[][] {
  const K = coefficients.length;
  const square = () => Array.from({ length: K }, () => Array<number>(K).fill(0));
  const curvature = square();
  for (let k = 1; k < K; k++) curvature[k]![k] = ridge;
  const scores = new Map<number, number[]>();
  for (const [n, row] of features.entries()) {
    const p = sigmoid(dot(row, coefficients));
    const score = scores.get(groups[n]!) ?? Array<number>(K).fill(0);
    scores.set(groups[n]!, score);
    for (let i = 0; i < K; i++) {
      score[i]! += times[n]! * (found[n]! - p) * row[i]!;
      for (let j = 0; j < K; j++) curvature[i]![j]! += times[n]! * p * (1 - p) * row[i]! * row[j]!;
    }
  }
  const G = scores.size;
  const meat = square();
  for (const score of scores.values())
    for (let i = 0; i < K; i++)
      for (let j = 0; j < K; j++) meat[i]![j]! += (score[i]! * score[j]! * G) / Math.max(1, G - 1);
  // The rows of H⁻¹ M, then of its transpose: both symmetric in the end.
  const solved = (matrix: readonly (readonly number[])[]) =>
    matrix[0]!.map(
      (_, j) =>
        linearSolve(
          curvature,
          matrix.map((line) => line[j]!),
          0,
        )!,
    );
  return solved(solved(meat));
}

export interface SmoothValue {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The probability that a lens is found, with the 95 % interval of the fit.
 *
 * @param values of the model's properties, in its order and their own units
 */
export function smoothAt(model: SmoothSelection, values: readonly number[]): SmoothValue {
  const { properties, terms, coefficients, covariance } = model;
  const at = termsAt(properties, terms, values);
  const logit = dot(at, coefficients);
  const variance = at.reduce((sum, a, i) => sum + a * dot(covariance[i]!, at), 0);
  const margin = Z95 * Math.sqrt(Math.max(0, variance));
  return { value: sigmoid(logit), low: sigmoid(logit - margin), high: sigmoid(logit + margin) };
}

/**
 * The mean probability over lenses, with the 95 % interval of the fit, by the delta method on its log odds.
 *
 * @param rows one a lens, each with the values of the model's properties, in its order
 */
export function meanSmooth(model: SmoothSelection, rows: readonly (readonly number[])[]): SmoothValue | null {
  if (rows.length === 0) return null;
  const { properties, terms, coefficients, covariance } = model;
  const slope = coefficients.map(() => 0);
  let mean = 0;
  for (const values of rows) {
    const at = termsAt(properties, terms, values);
    const p = sigmoid(dot(at, coefficients));
    mean += p / rows.length;
    for (const [k, term] of at.entries()) slope[k]! += (p * (1 - p) * term) / rows.length;
  }
  const variance = slope.reduce((sum, a, i) => sum + a * dot(covariance[i]!, slope), 0);
  const margin = (Z95 * Math.sqrt(Math.max(0, variance))) / (mean * (1 - mean));
  const logit = logOdds(mean);
  return { value: mean, low: sigmoid(logit - margin), high: sigmoid(logit + margin) };
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, k) => sum + value * b[k]!, 0);
