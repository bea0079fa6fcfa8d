/**
 * A computation written down for any number of images: what differs between two runs, of batches of different sizes, is a
 * multiple of the batch.
 */
import { ArcletError } from "../foundation/errors.ts";
import type { DType, TypedArray } from "../torch/dtype.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { Constant, pruned, type Trace, traceOf, Value } from "./trace.ts";

/** A whole number that grows with the batch. */
export class OfBatch {
  /** How many for each image. */
  readonly each: number;

  constructor(each: number) {
    this.each = each;
  }
}

export type Size = number | OfBatch;

/** A tensor that depends on the images. */
export interface AnyValue {
  readonly id: number;
  readonly shape: readonly Size[];
  readonly dtype: DType;
}

export type AnyArgument =
  | { value: AnyValue }
  | { constant: Constant }
  | OfBatch
  | number
  | bigint
  | boolean
  | string
  | null
  | undefined
  | AnyArgument[];

export interface AnyStep {
  operator: string;
  names: readonly string[];
  args: AnyArgument[];
  results: AnyValue[];
}

export interface AnyTrace {
  /** What comes in. */
  input: AnyValue;
  /** The operators, in their order. */
  steps: AnyStep[];
  /** What goes out, by name. */
  outputs: Record<string, AnyValue>;
}

const SIZES = [2, 3] as const;

/**
 * Writes down `body` for any batch.
 *
 * @param inputOf an input of that many images
 * @param body as in `traceOf`
 * @param where for messages
 * @throws ArcletError as `traceOf`, and when what `body` does depends on the batch in another way
 */
export function traceOfAnyBatch(
  where: string,
  inputOf: (batch: number) => Tensor,
  body: (input: Tensor) => Record<string, Tensor>,
): AnyTrace {
  return tidy(() => {
    const [a, b] = SIZES.map((size) => pruned(traceOf(where, inputOf(size), body)));
    return new Merger(where).merged(a!, b!);
  });
}

class Merger {
  private readonly where: string;
  private readonly values = new Map<number, AnyValue>();

  constructor(where: string) {
    this.where = where;
  }

  merged(a: Trace, b: Trace): AnyTrace {
    const others = b.steps.map(({ operator }) => operator);
    if (a.steps.some(({ operator }, i) => operator !== others[i]) || a.steps.length !== others.length)
      throw this.error("its operators");
    const input = this.value(a.input, b.input);
    const steps = a.steps.map((step, i) => {
      const other = b.steps[i]!;
      const args = step.args.map((argument, k) => this.argument(step.operator, argument, other.args[k]));
      const results = step.results.map((result, k) => this.value(result, other.results[k]!));
      return { operator: step.operator, names: step.names, args, results };
    });
    const outputs = Object.entries(a.outputs).map(([name, value]) => [name, this.values.get(value.id)!]);
    return { input, steps, outputs: Object.fromEntries(outputs) };
  }

  private value(a: Value, b: Value): AnyValue {
    const shape = a.shape.map((size, k) => this.size("the shape of a result", size, b.shape[k]!));
    const made = { id: a.id, shape, dtype: a.dtype };
    this.values.set(a.id, made);
    return made;
  }

  private argument(operator: string, a: unknown, b: unknown): AnyArgument {
    if (Array.isArray(a))
      return a.map((item, k) => this.argument(operator, item, (b as unknown[] | undefined)?.[k]));
    if (a instanceof Value) return { value: this.values.get(a.id)! };
    if (a instanceof Constant) return { constant: this.constant(operator, a, b as Constant) };
    if (typeof a === "number") return this.size(`a number of ${operator}`, a, b as number);
    return a as AnyArgument;
  }

  private size(what: string, a: number, b: number): Size {
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return a;
    const each = a / SIZES[0];
    if (!Number.isInteger(each) || b / SIZES[1] !== each) throw this.error(what);
    return new OfBatch(each);
  }

  /** One that has a row for each image has the same in all of them, and becomes a single row. */
  private constant(operator: string, a: Constant, b: Constant): Constant {
    const axis = a.shape.findIndex((size, k) => size !== b.shape[k]);
    if (axis < 0) return a;
    const rows = a.shape[axis]!;
    const outer = a.shape.slice(0, axis).reduce((product, size) => product * size, 1);
    const inner = a.data.length / (outer * rows);
    const kept: (number | bigint)[] = [];
    a.data.forEach((value: number | bigint, i: number) => {
      const row = Math.floor(i / inner) % rows;
      if (row === 0) kept.push(value);
      else if (value !== a.data[i - row * inner]) throw this.error(`a constant of ${operator}`);
    });
    const Type = a.data.constructor as new (values: readonly (number | bigint)[]) => TypedArray;
    const shape = a.shape.map((size, k) => (k === axis ? 1 : size));
    return new Constant(shape, a.dtype, new Type(kept));
  }

  private error(what: string): ArcletError {
    return new ArcletError({
      where: this.where,
      code: "unsupported",
      problem: `${what} depends on the number of images in a way that no graph for any batch has`,
    });
  }
}
