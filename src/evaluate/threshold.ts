/** How the threshold is chosen: rows with at least that score are selected. */
import { refuse } from "../foundation/errors.ts";
import type { RankedScores } from "./ranked.ts";

/** `value`: as given. `source`: chosen on the source's validation rows. `fpr`, `top`: found on the tested rows themselves. */
export type ThresholdRule =
  | { readonly by: "value"; readonly value: number }
  | { readonly by: "source" }
  | { readonly by: "fpr"; readonly fpr: number }
  | { readonly by: "top"; readonly n: number };

/** What `parseThreshold` reads. */
export const THRESHOLD_FORMS = "a score (0.5), source, fpr=SHARE (fpr=1e-3) or top=N (top=100)";

/** Reads a rule. @throws ArcletError for any other text */
export function parseThreshold(where: string, text: string): ThresholdRule {
  if (text === "source") return { by: "source" };
  const [, kind, number = text] = /^(fpr|top)=(.*)$/.exec(text) ?? [];
  const value = number.trim() === "" ? Number.NaN : Number(number);
  if (kind === undefined && Number.isFinite(value)) return { by: "value", value };
  if (kind === "fpr" && value >= 0 && value < 1) return { by: "fpr", fpr: value };
  if (kind === "top" && Number.isInteger(value) && value >= 1) return { by: "top", n: value };
  return refuse(where, "threshold", THRESHOLD_FORMS, text);
}

/** The lowest score that selects at most `fpr` of the negatives; above all scores if there is none. */
export function thresholdAtFpr({ threshold, negative, negatives }: RankedScores, fpr: number): number {
  let fp = 0;
  let b = 0;
  for (; b < threshold.length && (fp + negative[b]!) / negatives <= fpr; b++) fp += negative[b]!;
  return b === 0 ? above(threshold[0]!) : threshold[b - 1]!;
}

/** The score of the n-th row from the top; rows of equal score are selected with it. The lowest score if n is larger. */
export function thresholdOfTop({ threshold, positive, negative }: RankedScores, n: number): number {
  let rows = 0;
  for (let b = 0; b < threshold.length; b++) {
    rows += positive[b]! + negative[b]!;
    if (rows >= n) return threshold[b]!;
  }
  return threshold[threshold.length - 1]!;
}

/**
 * The threshold by a rule, found from the ranking of the tested rows, and how it was chosen.
 *
 * @param source the threshold of the source's validation rows, for the rule `source`
 */
export function thresholdBy(rule: ThresholdRule, source: number | null) {
  const threshold = (ranked: RankedScores): number => {
    if (rule.by === "value") return rule.value;
    if (rule.by === "source") return source!;
    return rule.by === "fpr" ? thresholdAtFpr(ranked, rule.fpr) : thresholdOfTop(ranked, rule.n);
  };
  return { threshold, chosen: ruleText(rule) };
}

/** A rule in words. */
function ruleText(rule: ThresholdRule): string {
  if (rule.by === "value") return "as given";
  if (rule.by === "source") return "largest recall less false-positive rate on the source's validation rows";
  if (rule.by === "fpr") return `false-positive rate of at most ${rule.fpr} on the tested rows`;
  return `the ${rule.n} highest scores of the tested rows`;
}

/** A score just above all others: it selects nothing. */
const above = (highest: number): number => highest + Math.max(Math.abs(highest), 1e-300) * 2 * Number.EPSILON;
