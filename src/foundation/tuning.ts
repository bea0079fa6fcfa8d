/**
 * How a setting is varied when settings are tuned. Each method and encoder says it of every setting that it has; nothing
 * is guessed from a setting's name or default.
 */
import type { z } from "zod";

export type Tuning =
  /** How long a trial trains: what successive halving shares out. */
  | "budget"
  /** Not varied, unless a range is given for it. */
  | "fixed"
  /** Each of the field's own choices. */
  | "choices"
  /** From the default divided by the factor to the default times it, evenly in the logarithm. */
  | { readonly factor: number; readonly byDefault?: boolean }
  /** From `low` to `high`, evenly in the value or in its logarithm. */
  | {
      readonly scale: "linear" | "log";
      readonly low: number;
      readonly high: number;
      readonly byDefault?: boolean;
    };

/** One for every setting of a schema: one that is left out doesn't compile. */
export type TuningOf<S extends z.ZodObject> = { readonly [K in keyof z.output<S>]-?: Tuning };

/** Rates and weights of losses: a decade both ways, varied when nothing else is asked for. */
export const decade = { factor: 10, byDefault: true } as const satisfies Tuning;

/** Evenly in the logarithm, when it is asked for. */
export const between = (low: number, high: number) => ({ scale: "log", low, high }) as const satisfies Tuning;

/** Evenly, when it is asked for. */
export const evenly = (low: number, high: number) =>
  ({ scale: "linear", low, high }) as const satisfies Tuning;
