/** Rebuilds a module's properties with other tensors in them: for copies, devices and types. */
import { Tensor } from "../torch/tensor.ts";

/**
 * Replaces every tensor that is reachable from a module through its properties, lists, maps and plain objects.
 * An object that is reached twice is replaced once. A `copy` leaves the module unchanged and returns a new one; other
 * values (numbers, functions, generators) are shared.
 */
export function remap<M extends object>(
  root: M,
  change: (tensor: Tensor) => Tensor,
  mode: "copy" | "in place",
): M {
  const done = new Map<object, unknown>();
  const remember = <T extends object>(from: object, to: T): T => {
    done.set(from, to);
    return to;
  };

  const visit = (value: unknown): unknown => {
    if (value === null || typeof value !== "object") return value;
    if (done.has(value)) return done.get(value);
    if (value instanceof Tensor) return remember(value, change(value));
    if (Array.isArray(value)) {
      const list = remember(value, [] as unknown[]);
      for (const item of value) list.push(visit(item));
      return list;
    }
    if (value instanceof Map) {
      const map = remember(value, new Map<unknown, unknown>());
      for (const [key, item] of value) map.set(key, visit(item));
      return map;
    }
    if (isModule(value))
      return fill(value, mode === "copy" ? Object.create(Object.getPrototypeOf(value)) : value);
    if (Object.getPrototypeOf(value) === Object.prototype) return fill(value, {});
    return value;
  };

  const fill = (from: object, to: Record<string, unknown>) => {
    remember(from, to);
    for (const [key, value] of Object.entries(from)) to[key] = visit(value);
    return to;
  };

  return visit(root) as M;
}

// By its properties, not its class, since module.ts imports this file.
const isModule = (value: object): boolean => "namedParameters" in value && "training" in value;
