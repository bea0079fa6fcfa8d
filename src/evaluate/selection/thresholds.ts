/** The thresholds at which a selection function is given, as the user asks for them. */
import { z } from "zod";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { refuse } from "../../foundation/errors.ts";
import { readJson } from "../../foundation/files.ts";
import { parseThreshold } from "../threshold.ts";

export interface AskedThreshold {
  /** A score; null if it is found by a share. */
  readonly value: number | null;
  /** The share of images without an injection that may pass; null for a score. */
  readonly fpr: number | null;
  readonly chosen: string;
}

/** What `askedThresholds` reads. */
export const SELECTION_THRESHOLDS =
  "a score (0.5), fpr=SHARE of the images without an injection (fpr=0.01), or the .json file of arclet threshold";

/** What is read of such a file. */
const thresholdFile = z.object({ threshold: z.number(), completeness: z.number() });

/** @throws ArcletError for a text that is none of them, a file that can't be read, or the same one twice */
export function askedThresholds(texts: readonly string[]): AskedThreshold[] {
  const twice = texts.find((text, k) => texts.indexOf(text) < k);
  if (twice !== undefined) refuse("selection", "thresholds", "different ones", twice);
  return texts.map((text) => {
    if (text.endsWith(".json")) {
      const { threshold, completeness } = checked(text, thresholdFile, readJson(text), { code: "broken" });
      return { value: threshold, fpr: null, chosen: `of ${text}, for a completeness of ${completeness}` };
    }
    const rule = parseThreshold("selection", text);
    if (rule.by === "value") return { value: rule.value, fpr: null, chosen: "as given" };
    if (rule.by === "fpr")
      return {
        value: null,
        fpr: rule.fpr,
        chosen: `${rule.fpr} of the images without an injection pass at most`,
      };
    return refuse("selection", "thresholds", SELECTION_THRESHOLDS, text);
  });
}
