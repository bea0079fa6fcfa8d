/**
 * Graders err: what they call a lens corrected for their sensitivity and specificity.
 *
 * Source: Rogan & Gladen 1978 (Am. J. Epidemiol. 107, 71): of rows of which a share q is called lenses, a share
 * (q + Sp − 1) / (Se + Sp − 1) are lenses.
 */
import { refuse } from "../../foundation/errors.ts";
import type { Draws } from "../../foundation/random.ts";
import { beta, binomial } from "./variates.ts";

/** A share as it was given, or as it was counted. */
export interface Rate {
  readonly right: number;
  /** Rows behind it; null for a share that was given, and is taken as exact. */
  readonly of: number | null;
}

/** The share of lenses that graders call lenses, and of other rows that they don't. */
export interface GraderErrors {
  readonly sensitivity: Rate;
  readonly specificity: Rate;
}

export interface Rates {
  readonly sensitivity: number;
  readonly specificity: number;
}

/** What `parseGraderErrors` reads. */
export const GRADER_ERRORS_FORMS = "decoys, or a sensitivity and a specificity (0.9,0.99 or 45/50,990/1000)";

/**
 * Reads `decoys`, or a sensitivity and a specificity: shares, or what was right of how many.
 *
 * @throws ArcletError for any other text, and for graders who are no better than chance
 */
export function parseGraderErrors(where: string, text: string): GraderErrors | "decoys" {
  if (text === "decoys") return text;
  const rates = text.split(",").map(rateOf);
  const [sensitivity, specificity] = rates;
  if (rates.length !== 2 || !sensitivity || !specificity)
    return refuse(where, "--grader-errors", GRADER_ERRORS_FORMS, text);
  return checkedErrors(where, { sensitivity, specificity });
}

function rateOf(text: string): Rate | null {
  const [right, of, ...more] = text
    .split("/")
    .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (right === undefined || more.length > 0) return null;
  if (of === undefined) return right >= 0 && right <= 1 ? { right, of: null } : null;
  const counted =
    Number.isSafeInteger(right) && Number.isSafeInteger(of) && right >= 0 && right <= of && of > 0;
  return counted ? { right, of } : null;
}

/** @throws ArcletError where sensitivity and specificity have a sum of 1 or less: such grades say nothing */
function checkedErrors(where: string, errors: GraderErrors): GraderErrors {
  const { sensitivity, specificity } = statedRates(errors);
  if (!(sensitivity + specificity > 1))
    refuse(where, "sensitivity and specificity of the graders", "above 1 in sum", sensitivity + specificity);
  return errors;
}

/** @throws ArcletError when no decoy of a class was graded, or as `checkedErrors` */
export function errorsOnDecoys(
  where: string,
  { sensitivity, specificity }: { sensitivity: Rate | null; specificity: Rate | null },
): GraderErrors {
  if (sensitivity === null || specificity === null) {
    const absent = sensitivity === null ? "lens" : "not-lens";
    return refuse(where, "decoys", "graded ones of both classes, lens and not-lens", `none of ${absent}`);
  }
  return checkedErrors(where, { sensitivity, specificity });
}

/** The rates as they were given or counted. */
export const statedRates = ({ sensitivity, specificity }: GraderErrors): Rates => ({
  sensitivity: shareOf(sensitivity),
  specificity: shareOf(specificity),
});

const shareOf = ({ right, of }: Rate): number => (of === null ? right : right / of);

/** Rates as they may be: counted ones are drawn from Jeffreys's posterior, and again where grades would say nothing. */
export function drawnRates(draws: Draws, errors: GraderErrors): Rates {
  const drawn = ({ right, of }: Rate) => (of === null ? right : beta(draws, right + 0.5, of - right + 0.5));
  for (let k = 0; k < MOST_DRAWS; k++) {
    const rates = { sensitivity: drawn(errors.sensitivity), specificity: drawn(errors.specificity) };
    if (rates.sensitivity + rates.specificity > 1) return rates;
  }
  return statedRates(errors);
}
const MOST_DRAWS = 100;

/**
 * The share of lenses among rows of which a share `called` is called lenses; at most 1, and below 0 where fewer are than the
 * graders' errors make on average. Without rates it is that share itself.
 */
export const lensShare = (called: number, rates: Rates | null): number =>
  rates === null
    ? called
    : Math.min(1, (called + rates.specificity - 1) / (rates.sensitivity + rates.specificity - 1));

/** Lenses among graded rows, drawn: among those that were called lenses, and among the others. @param share of lenses among them */
export function lensesAmongGraded(
  draws: Draws,
  { graded, positives }: { graded: number; positives: number },
  share: number,
  { sensitivity, specificity }: Rates,
): number {
  const among = (count: number, lenses: number, others: number) =>
    count === 0 || lenses === 0 ? 0 : binomial(draws, count, lenses / (lenses + others));
  const called = among(positives, share * sensitivity, (1 - share) * (1 - specificity));
  return called + among(graded - positives, share * (1 - sensitivity), (1 - share) * specificity);
}
