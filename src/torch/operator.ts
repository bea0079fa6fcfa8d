/** Operators of libtorch's dispatcher as JavaScript functions, looked up on first use. */
import { errorCodeOf, foreignError } from "../foundation/errors/foreign.ts";
import { ArcletError } from "../foundation/errors.ts";
import { type NativeOperator, native } from "./native.ts";
import { watcher } from "./watching.ts";

const cache = new Map<string, NativeOperator>();

/**
 * An operator by its full name, e.g. `aten::add.Tensor` (name and overload) or `aten::relu` (no overload).
 *
 * @throws ArcletError when libtorch has no operator of that name
 */
export function operator(name: string): NativeOperator {
  let op = cache.get(name);
  if (op === undefined) {
    const dot = name.indexOf(".");
    try {
      op = shown(
        name,
        dot < 0 ? native().operator(name, "") : native().operator(name.slice(0, dot), name.slice(dot + 1)),
      );
    } catch (error) {
      const code = errorCodeOf(error, "argument");
      if (code !== "absent") throw foreignError("torch", error, code);
      throw new ArcletError(
        { where: "torch", code, problem: `libtorch has no operator ${name}` },
        { cause: error },
      );
    }
    cache.set(name, op);
  }
  return op;
}

/** The operator, whose calls a watcher sees. */
function shown(name: string, own: NativeOperator): NativeOperator {
  const call = (...args: unknown[]) => {
    const result = own.call(...args);
    watcher()?.called(name, own, args, result);
    return result;
  };
  return { call, schema: own.schema, arguments: own.arguments, tensor: own.tensor };
}

/** An operator that returns one tensor, as a function from arguments to the tensor's handle. */
export function handleOf(name: string): (...args: unknown[]) => number {
  let call: ((...args: unknown[]) => number) | null = null;
  return (...args) => {
    if (call === null) call = operator(name).call as (...args: unknown[]) => number;
    return call(...args);
  };
}

/** Every operator whose full name starts with `prefix`. */
export const operators = (prefix = "aten::"): string[] => native().operators(prefix).sort();
