/**
 * What a computation does to its input, as a list of libtorch's operators: it runs once while every call is written down.
 * Calls that don't depend on the input are not: their results are constants. So a network in evaluation is written down with
 * its filters expanded and its norms folded, whatever it is made of.
 */
import { ArcletError } from "../foundation/errors.ts";
import { call } from "../torch/call.ts";
import type { DType, TypedArray } from "../torch/dtype.ts";
import { type NativeOperator, native } from "../torch/native.ts";
import { tidy } from "../torch/scope.ts";
import { Tensor } from "../torch/tensor.ts";
import { type Watcher, watched } from "../torch/watching.ts";

/** A tensor that depends on the input, by number; 0 is the input. */
export class Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: DType;

  constructor(id: number, shape: readonly number[], dtype: DType) {
    this.id = id;
    this.shape = shape;
    this.dtype = dtype;
  }
}

/** A tensor that doesn't. */
export class Constant {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Row-major; of bool as bytes of 0 and 1. */
  readonly data: TypedArray;

  constructor(shape: readonly number[], dtype: DType, data: TypedArray) {
    this.shape = shape;
    this.dtype = dtype;
    this.data = data;
  }
}

export type Argument = Value | Constant | number | bigint | boolean | string | null | undefined | Argument[];

/** One call. */
export interface Step {
  /** The operator's full name. */
  operator: string;
  /** Names of its arguments, in the schema's order. */
  names: readonly string[];
  /** In that order; undefined is the schema's default. */
  args: Argument[];
  results: Value[];
}

export interface Trace<Names extends string = string> {
  input: Value;
  steps: Step[];
  outputs: Record<Names, Value>;
}

/** A trace without the steps that no output needs. */
export function pruned<T extends Trace>(trace: T): T {
  const needed = new Set(Object.values(trace.outputs));
  const steps: Step[] = [];
  for (const step of [...trace.steps].reverse()) {
    if (!step.results.some((result) => needed.has(result))) continue;
    steps.push(step);
    for (const argument of step.args.flat(9)) if (argument instanceof Value) needed.add(argument);
  }
  return { ...trace, steps: steps.reverse() };
}

/** In-place operators end in an underscore. */
const IN_PLACE = /^(aten::[a-z0-9_]*[a-z0-9])_(\..*)?$/;
/** Operators that may return their argument's own memory. */
const VIEWS =
  /^aten::(reshape|permute|transpose|squeeze|unsqueeze|expand|flatten|slice|select|narrow|contiguous|detach|to|chunk|split_with_sizes)\b/;

/**
 * Runs `body` on an input and writes down what it does.
 *
 * @param body must not read values of tensors that depend on the input
 * @param where for messages
 * @throws ArcletError when it does, or changes memory that another tensor shares; whatever `body` throws
 */
export function traceOf<Names extends string>(
  where: string,
  input: Tensor,
  body: (input: Tensor) => Record<Names, Tensor>,
): Trace<Names> {
  return tidy(() => {
    const writer = new Writer(where, input);
    const made = watched(writer, () => body(input));
    if (writer.failure !== null) throw writer.failure;
    const outputs = Object.entries<Tensor>(made).map(([name, tensor]) => [
      name,
      writer.valueOf(name, tensor),
    ]);
    return { input: writer.input, steps: writer.steps, outputs: Object.fromEntries(outputs) };
  });
}

class Writer implements Watcher {
  readonly steps: Step[] = [];
  readonly input: Value;
  private readonly where: string;
  private readonly values = new Map<number, Value>();
  /** By handle: the first of the handles that share its memory. */
  private readonly memory = new Map<number, number>();
  /** Handles whose memory was changed through another one. */
  private readonly stale = new Set<number>();
  private readonly constants = new Map<string, Constant>();
  private count = 0;
  /** Why what was written down is wrong; null if it isn't. */
  failure: ArcletError | null = null;

  constructor(where: string, input: Tensor) {
    this.where = where;
    this.input = this.add(input.handle);
  }

  valueOf(name: string, { handle }: Tensor): Value {
    const value = this.values.get(handle);
    if (value === undefined) throw this.error(`its output ${name} doesn't depend on the images`);
    return value;
  }

  read({ handle }: { readonly handle: number }): void {
    if (this.values.has(handle))
      throw this.error("reads values of its input while it runs, which a fixed graph can't do");
  }

  called(name: string, operator: NativeOperator, args: readonly unknown[], result: unknown): void {
    if (!args.some((argument) => this.depends(argument))) return;
    const handles = handlesIn(operator.tensor ? { tensor: result } : result);
    if (handles.length === 0) return;
    watched(null, () => {
      const inPlace = IN_PLACE.exec(name);
      const step: Step = {
        operator: inPlace === null ? name : `${inPlace[1]}${inPlace[2] ?? ""}`,
        names: operator.arguments,
        args: args.map((argument) => this.argument(name, argument)),
        results: handles.map((handle) => this.add(handle)),
      };
      this.steps.push(step);
      const [first] = args;
      if (!(first instanceof Tensor)) return;
      if (inPlace !== null) this.overwrite(first.handle, handles[0]!);
      else if (VIEWS.test(name))
        for (const handle of handles) this.memory.set(handle, this.root(first.handle));
    });
  }

  private depends(argument: unknown): boolean {
    if (argument instanceof Tensor) return this.values.has(argument.handle);
    return Array.isArray(argument) && argument.some((item) => this.depends(item));
  }

  private argument(name: string, argument: unknown): Argument {
    if (Array.isArray(argument)) return argument.map((item) => this.argument(name, item));
    if (!(argument instanceof Tensor)) return argument as Argument;
    if (this.stale.has(argument.handle))
      // Thrown at the end: here the operator's result belongs to nobody yet, and would be left.
      this.failure ??= this.error(
        `${name} reads a tensor whose memory was changed in place through another one`,
      );
    return this.values.get(argument.handle) ?? this.constant(argument);
  }

  /** A tensor's values now; it may be freed, or changed, before the run ends. */
  private constant(tensor: Tensor): Constant {
    const key = `${tensor.handle}:${call("aten::_version", tensor)}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const made = new Constant([...tensor.shape], tensor.dtype, tensor.data());
    this.constants.set(key, made);
    return made;
  }

  private add(handle: number): Value {
    const door = native();
    const value = new Value(this.count++, door.shape({ handle }), door.dtype({ handle }) as DType);
    this.values.set(handle, value);
    return value;
  }

  /** What an in-place operator returns is its argument, too, from now on. */
  private overwrite(argument: number, result: number): void {
    const root = this.root(argument);
    for (const handle of this.values.keys())
      if (handle !== result && handle !== argument && this.root(handle) === root) this.stale.add(handle);
    this.values.set(argument, this.values.get(result)!);
    this.memory.set(result, root);
  }

  private root(handle: number): number {
    return this.memory.get(handle) ?? handle;
  }

  private error(problem: string): ArcletError {
    return new ArcletError({ where: this.where, code: "unsupported", problem });
  }
}

/** The tensors that an operator returned. */
function handlesIn(result: unknown): number[] {
  if (Array.isArray(result)) return result.flatMap(handlesIn);
  if (result !== null && typeof result === "object" && "tensor" in result) return [result.tensor as number];
  return [];
}
