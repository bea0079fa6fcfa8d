/**
 * The numbers of a step. A method declares the kind and the meaning of each that its steps return. Figures, warnings and
 * the run's folder use these declarations; the type of the step's result follows from them.
 */
import { z } from "zod";
import { refuse } from "../foundation/errors.ts";
import type { Tensor } from "../torch/tensor.ts";

const numberKinds = [
  /** A term of the training loss. */
  "loss",
  /** Between the two domains. */
  "distance",
  /** Share of a batch, from 0 to 1. */
  "share",
  /** Factor of a loss that grows during training. */
  "weight",
  "learning rate",
  /** Of a gradient. */
  "norm",
  /** Number so far. */
  "count",
] as const;

export const numberDeclaration = z.strictObject({
  kind: z.enum(numberKinds),
  /** One line. */
  meaning: z.string().min(1),
  /** When a step returns it, if not always: `with --clip`. */
  when: z.string().min(1).optional(),
  /** For a share that a discriminator recognises: the domain that it is a share of. */
  discriminated: z.enum(["source", "target"]).optional(),
  /** There is one for each of these, numbered from 1: `pseudo` for each `class` is `pseudo1`, `pseudo2`, …. */
  each: z.string().min(1).optional(),
});

/** What a number of a step is: its kind and its meaning. */
export type NumberDeclaration = Readonly<z.output<typeof numberDeclaration>>;

/** The kinds of numbers, by which figures choose their axes. */
export type NumberKind = NumberDeclaration["kind"];

/** The numbers that a step may return, by name. */
export type NumberDeclarations = Readonly<Record<string, NumberDeclaration>>;

/** The names that a step may return. */
export type NamesOf<N extends NumberDeclarations> = {
  [K in keyof N & string]: N[K] extends { readonly each: string } ? `${K}${number}` : K;
}[keyof N & string];

/** A step's numbers by name: scalars. Undefined ones are left out. */
export type StepNumbers<Name extends string = string> = {
  readonly [K in Name]?: Tensor | number | undefined;
};

/** The declaration of a number; undefined without one. */
export function declarationOf(numbers: NumberDeclarations, name: string): NumberDeclaration | undefined {
  if (Object.hasOwn(numbers, name)) return numbers[name]!.each === undefined ? numbers[name] : undefined;
  const family = /^(.*?)[1-9]\d*$/.exec(name)?.[1] ?? "";
  return Object.hasOwn(numbers, family) && numbers[family]!.each !== undefined ? numbers[family] : undefined;
}

/**
 * A step's numbers that are defined, by name.
 *
 * @throws ArcletError for a number that the method does not declare, which types alone don't prevent
 */
export function declaredNumbers(
  { name: method, numbers }: { readonly name: string; readonly numbers: NumberDeclarations },
  stepNumbers: StepNumbers,
): [name: string, value: Tensor | number][] {
  return Object.entries(stepNumbers).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (declarationOf(numbers, name) === undefined)
      refuse(
        `method ${method}`,
        "step",
        `one that returns declared numbers (${Object.keys(numbers).join(", ")})`,
        name,
      );
    return [[name, value]];
  });
}
