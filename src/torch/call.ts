/** Operators as functions of tensors: typed ones for this room, and `call` for all others. */
import { handleOf, operator } from "./operator.ts";
import { Tensor } from "./tensor.ts";

/** An operator that returns one tensor, as a function. */
export function tensorOp<A extends unknown[]>(name: string): (...args: A) => Tensor {
  const call = handleOf(name);
  return (...args) => new Tensor(call(...args));
}

/** The result of an operator that returns tuples or lists, its tensors wrapped. */
export function wrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wrap);
  if (value !== null && typeof value === "object" && "tensor" in value)
    return new Tensor(value.tensor as number);
  return value;
}

/**
 * Calls any operator by its full name; the last argument may be an object of arguments by name.
 * `call("aten::topk", x, 5, { largest: false }) as [Tensor, Tensor]`
 */
export function call(name: string, ...args: unknown[]): unknown {
  const op = operator(name);
  const last = args[args.length - 1];
  if (last !== null && typeof last === "object" && Object.getPrototypeOf(last) === Object.prototype) {
    args = args.slice(0, -1);
    for (const [key, value] of Object.entries(last)) {
      const index = op.arguments.indexOf(key);
      if (index < 0) throw new TypeError(`${name}: no argument ${key}; the schema is ${op.schema}`);
      if (index < args.length && args[index] !== undefined)
        throw new TypeError(`${name}: ${key} is given twice`);
      while (args.length <= index) args.push(undefined);
      args[index] = value;
    }
  }
  const result = op.call(...args);
  // An operator that works in place may have changed its tensor's shape (`resize_`, `squeeze_`).
  if (args[0] instanceof Tensor) args[0].forgetShape();
  return op.tensor ? new Tensor(result as number) : wrap(result);
}
