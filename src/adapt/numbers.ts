/**
 * The numbers of a step. A method declares each that its steps return: what kind it is and what it means. Figures, the
 * watch over a run, and its folder read them from there; the type of the step's result follows from it.
 */
import { z } from "zod";
import { refuse } from "../foundation/errors.ts";
import type { Tensor } from "../torch/tensor.ts";

export const numberKinds = [
  /** Learned from. */
  "loss",
  /** Of the two domains from each other. */
  "distance",
  /** Part of a batch, from 0 to 1. */
  "share",
  /** Factor of a loss, that grows while training. */
  "weight",
  "learning rate",
  /** Of a gradient. */
  "norm",
  /** How many so far. */
  "count",
] as const;

export const numberDeclaration = z.strictObject({
  kind: z.enum(numberKinds),
  /** One line. */
  meaning: z.string().min(1),
  /** In which case a step returns it, if not always: `with --clip`. */
  when: z.string().min(1).optional(),
  /** Of a share: the domain of which it is the part that a discriminator finds out. */
  discriminated: z.enum(["source", "target"]).optional(),
  /** There is one for each of these, numbered from 1: `pseudo` for each `class` is `pseudo1`, `pseudo2`, …. */
  each: z.string().min(1).optional(),
});

export type NumberDeclaration = Readonly<z.output<typeof numberDeclaration>>;

export type NumberKind = NumberDeclaration["kind"];

export type NumberDeclarations = Readonly<Record<string, NumberDeclaration>>;

/** The names that a step may return. */
export type NamesOf<N extends NumberDeclarations> = {
  [K in keyof N & string]: N[K] extends { readonly each: string } ? `${K}${number}` : K;
}[keyof N & string];

/** A step's numbers by name: scalars. One that is undefined is left out. */
export type StepNumbers<Name extends string = string> = {
  readonly [K in Name]?: Tensor | number | undefined;
};

/** What is declared of a number; undefined when nothing is. */
export function declarationOf(numbers: NumberDeclarations, name: string): NumberDeclaration | undefined {
  if (Object.hasOwn(numbers, name)) return numbers[name]!.each === undefined ? numbers[name] : undefined;
  const family = /^(.*?)[1-9]\d*$/.exec(name)?.[1] ?? "";
  return Object.hasOwn(numbers, family) && numbers[family]!.each !== undefined ? numbers[family] : undefined;
}

/**
 * The numbers of a step that are there, by name.
 *
 * @throws ArcletError for one that the method does not declare: a method that was not compiled may return any
 */
export function declaredNumbers(
  { name: method, numbers }: { readonly name: string; readonly numbers: NumberDeclarations },
  made: StepNumbers,
): [name: string, value: Tensor | number][] {
  return Object.entries(made).flatMap(([name, value]) => {
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
