/** The space that tuning varies: ranges and choices by the keys of train, and draws from them. */
import { methods } from "../../adapt/registry.ts";
import { sourceTuning } from "../../adapt/supervised.ts";
import { encoders } from "../../encoders/registry.ts";
import { describeConfig, type FieldRow, resolveConfig } from "../../foundation/config.ts";
import { unknownKey } from "../../foundation/errors/unknown.ts";
import { refuse } from "../../foundation/errors.ts";
import { Draws } from "../../foundation/random.ts";
import type { Tuning } from "../../foundation/tuning.ts";
import { trainSchema } from "../config.ts";
import { groupOf } from "../group.ts";

/** A range of a decade or more is drawn log-uniformly, if nothing else is declared. */
const LOG_FROM = 10;

export type Range =
  | {
      key: string;
      kind: "between";
      low: number;
      high: number;
      whole: boolean;
      /** If it differs from what the range's width implies. */
      scale?: "linear" | "log";
    }
  | { key: string; kind: "one of"; choices: readonly string[] };

/** A trial's values by dotted key. */
export type Values = Record<string, string | number>;

/**
 * Reads `adda.lr=1e-6..1e-3`, `adda.batch=32|64`, and `adda.beta1` for its declared range.
 *
 * @throws ArcletError for a key that train does not have, or another text
 */
export function rangeOf(text: string, method: string, encoder: string): Range {
  const [key = "", values] = text.split(/=(.*)/s);
  const fields = describeConfig(trainSchema(method, encoder));
  const row = fields.find((field) => field.key === key);
  if (row === undefined) {
    const noun = `a setting of train with ${method} and ${encoder}`;
    const keys = fields.map((field) => field.key);
    throw unknownKey("tune", key, keys, { noun });
  }
  if (values === undefined) {
    const range = declaredRange(row, tuningsOf(method, encoder).get(key));
    if (range !== undefined) return range;
  }
  if (values?.includes("|")) return { key, kind: "one of", choices: values.split("|") };
  const [low, high] = (values ?? "").split("..").map(Number);
  const valid = values?.includes("..") && Number.isFinite(low) && Number.isFinite(high) && low! < high!;
  if (!valid || !/number/.test(row.type))
    refuse("tune", key, `varied as ${key}=LOW..HIGH or ${key}=A|B`, text);
  return { key, kind: "between", low: low!, high: high!, whole: row.type === "whole number" };
}

/** The declared tuning of the method's, the encoder's and train's own settings, by train's keys. */
function tuningsOf(method: string, encoder: string): Map<string, Tuning> {
  const prefixed = (tuning: Readonly<Record<string, Tuning>>, prefix: string): [string, Tuning][] =>
    Object.entries(tuning).map(([key, value]) => [prefix + key, value]);
  return new Map([
    ...prefixed(methods.find(method).tuning, `${groupOf(method)}.`),
    ...prefixed(encoders.find(encoder).tuning, `${groupOf(encoder)}.`),
    ...prefixed(sourceTuning, ""),
  ]);
}

/** The declared range; undefined for a setting that is not tuned, and for a factor of a default that is not above 0. */
function declaredRange(
  { key, type, default: text }: FieldRow,
  tuning: Tuning | undefined,
): Range | undefined {
  if (tuning === undefined || tuning === "fixed" || tuning === "budget") return undefined;
  if (tuning === "choices") {
    const choices = type === "yes/no" ? ["true", "false"] : type.replace(/^one of /, "").split(", ");
    return { key, kind: "one of", choices };
  }
  const middle = Number(text);
  if ("factor" in tuning && !(middle > 0)) return undefined;
  const { low, high, scale } =
    "factor" in tuning
      ? { low: middle / tuning.factor, high: middle * tuning.factor, scale: "log" as const }
      : tuning;
  const range = { key, kind: "between" as const, low, high, whole: type === "whole number" };
  return scale === scaleOf(range) ? range : { ...range, scale };
}

const scaleOf = ({ low, high, scale }: Extract<Range, { kind: "between" }>): "linear" | "log" =>
  scale ?? (low > 0 && high / low >= LOG_FROM ? "log" : "linear");

/** What is varied by default: what the method declares; if that is nothing, the learning rate on the source. */
export function defaultRanges(method: string, encoder: string): Range[] {
  const tunings = tuningsOf(method, encoder);
  const ranges = describeConfig(trainSchema(method, encoder)).flatMap((row) => {
    const tuning = tunings.get(row.key);
    const byDefault = typeof tuning === "object" && tuning.byDefault === true;
    return (byDefault && declaredRange(row, tuning)) || [];
  });
  const own = ranges.filter(({ key }) => key.includes("."));
  return own.length > 0 ? own : ranges;
}

/** The values of a trial: a function of the seed and the trial's number alone. */
export function drawValues(ranges: readonly Range[], seed: number, trial: number): Values {
  const draws = new Draws(seed, trial);
  return Object.fromEntries(
    ranges.map((range) => {
      if (range.kind === "one of") {
        const index = Math.min(range.choices.length - 1, Math.floor(draws.uniform(0, range.choices.length)));
        return [range.key, range.choices[index]!];
      }
      const { low, high, whole } = range;
      const value =
        scaleOf(range) === "log"
          ? Math.exp(draws.uniform(Math.log(low), Math.log(high)))
          : draws.uniform(low, high);
      return [range.key, whole ? Math.round(value) : Number(value.toPrecision(4))];
    }),
  );
}

/** The key of a trial's budget: the one that the method declares, or the epochs of training on the source. */
export function budgetKey(method: string): string {
  const own = Object.entries(methods.find(method).tuning).find(([, tuning]) => tuning === "budget");
  return own === undefined ? "epochs" : `${groupOf(method)}.${own[0]}`;
}

/** A trial's values with those that all trials share. @throws ArcletError as training would */
export function trialValues(
  method: string,
  encoder: string,
  shared: Record<string, unknown>,
  own: Values,
): Record<string, unknown> {
  const { values, origin } = resolveConfig("tune", trainSchema(method, encoder), {
    file: { path: "tune", values: shared },
    flags: own,
  });
  const given = Object.entries(origin).filter(([, from]) => from !== "default");
  // The preset is named, since `arclet train` itself would take another.
  return { preset: values.preset, ...Object.fromEntries(given.map(([key]) => [key, valueAt(values, key)])) };
}

const valueAt = (values: Record<string, unknown>, key: string): unknown =>
  key.split(".").reduce<unknown>((group, name) => (group as Record<string, unknown>)[name], values);
