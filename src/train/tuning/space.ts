/** What tuning may vary: ranges and choices by the training's own keys, and draws from them. */
import { z } from "zod";
import { describeConfig, resolveConfig } from "../../foundation/config.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { Draws } from "../../foundation/random.ts";
import { groupOf, trainSchema } from "../config.ts";

/** A decade or more is drawn evenly in its logarithm. */
const LOG_FROM = 10;

export type Range =
  | { key: string; kind: "between"; low: number; high: number; whole: boolean }
  | { key: string; kind: "one of"; choices: readonly string[] };

/** A trial's values by dotted key. */
export type Values = Record<string, string | number>;

/**
 * Reads `adda.lr=1e-6..1e-3` and `adda.batch=32|64`.
 *
 * @throws ArcletError for a key that the training has not, or a text that is neither
 */
export function rangeOf(text: string, method: string, encoder: string): Range {
  const [key = "", values = ""] = text.split(/=(.*)/s);
  const row = describeConfig(trainSchema(method, encoder)).find((one) => one.key === key);
  if (row === undefined)
    throw new ArcletError({
      where: "tune",
      code: "unknown",
      problem: `${key} is not a value of train with ${method} and ${encoder}`,
    });
  if (values.includes("|")) return { key, kind: "one of", choices: values.split("|") };
  const [low, high] = values.split("..").map(Number);
  const good = values.includes("..") && Number.isFinite(low) && Number.isFinite(high) && low! < high!;
  if (!good || !/number/.test(row.type))
    refuse("tune", key, `varied as ${key}=LOW..HIGH or ${key}=A|B`, text);
  return { key, kind: "between", low: low!, high: high!, whole: row.type === "whole number" };
}

/** What is varied where nothing is said: the method's rates and weights (source-only: the rate), a decade both ways. */
export function defaultRanges(method: string, encoder: string): Range[] {
  const group = groupOf(method);
  const rows = describeConfig(trainSchema(method, encoder));
  const own = rows.filter(({ key }) => key.startsWith(`${group}.`) && /(^|\.)(lr|weight|\w+Lr)$/.test(key));
  const varied = own.length > 0 ? own : rows.filter(({ key }) => key === "lr");
  return varied
    .filter((row) => Number(row.default) > 0)
    .map(({ key, default: text }) => {
      const middle = Number(text);
      return { key, kind: "between", low: middle / 10, high: middle * 10, whole: false };
    });
}

/** The values of a trial: a function of the seed and the trial's number alone. */
export function drawValues(ranges: readonly Range[], seed: number, trial: number): Values {
  const draws = new Draws(seed, trial);
  return Object.fromEntries(
    ranges.map((range) => {
      if (range.kind === "one of") {
        const at = Math.min(range.choices.length - 1, Math.floor(draws.uniform(0, range.choices.length)));
        return [range.key, range.choices[at]!];
      }
      const { low, high, whole } = range;
      const logarithmic = low > 0 && high / low >= LOG_FROM;
      const value = logarithmic
        ? Math.exp(draws.uniform(Math.log(low), Math.log(high)))
        : draws.uniform(low, high);
      return [range.key, whole ? Math.round(value) : Number(value.toPrecision(4))];
    }),
  );
}

/** The key whose value is a trial's budget: the epochs of adaptation, or of training on the source. */
export function budgetKey(method: string): string {
  const shape = trainSchema(method, "cnn").shape[groupOf(method)];
  return shape instanceof z.ZodObject && "epochs" in shape.shape ? `${groupOf(method)}.epochs` : "epochs";
}

/** A trial's values beside those that all share; refused here where the training would refuse them. */
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
  return Object.fromEntries(given.map(([key]) => [key, valueAt(values, key)]));
}

const valueAt = (values: Record<string, unknown>, key: string): unknown =>
  key.split(".").reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], values);
