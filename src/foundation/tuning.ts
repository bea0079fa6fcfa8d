/**
 * How a setting is varied when settings are tuned. Each method and encoder states it for each of its settings; nothing is
 * guessed from a setting's name or default.
 */
import type { z } from "zod";

/** How `tune` varies a setting. */
export type Tuning =
  /** How long a trial trains: what successive halving allocates. */
  | "budget"
  /** Not varied, unless a range is given for it. */
  | "fixed"
  /** Each of the field's choices. */
  | "choices"
  /** From the default divided by the factor to the default times the factor, evenly in the logarithm. */
  | { readonly factor: number; readonly byDefault?: boolean }
  /** From `low` to `high`, evenly in the value or in its logarithm. */
  | {
      readonly scale: "linear" | "log";
      readonly low: number;
      readonly high: number;
      readonly byDefault?: boolean;
    };

/** One for every setting of a schema; leaving one out doesn't compile. */
export type TuningOf<S extends z.ZodObject> = { readonly [K in keyof z.output<S>]-?: Tuning };

/** For rates and weights of losses: a decade either way, varied by default. */
export const decade = { factor: 10, byDefault: true } as const satisfies Tuning;

/** Evenly in the logarithm, on request. */
export const between = (low: number, high: number) => ({ scale: "log", low, high }) as const satisfies Tuning;

/** Evenly, on request. */
export const evenly = (low: number, high: number) =>
  ({ scale: "linear", low, high }) as const satisfies Tuning;
