/**
 * When a tensor is freed. JavaScript's garbage collector does not see native memory, so a tensor belongs to the innermost
 * scope in which it was made and is freed when that scope ends. A tensor made outside scopes, or kept out of them, is
 * freed by `dispose` or, at the latest, when JavaScript collects it.
 */
import { native } from "./native.ts";

/** A tensor as scopes see it; handle 0 means disposed. */
export interface Held {
  handle: number;
  /** Freed by no scope. */
  kept: boolean;
}

const scopes: Held[][] = [];

const collected = new FinalizationRegistry<number>((handle) => {
  try {
    native().dispose(handle);
  } catch {
    // It was disposed before; its handle can reach no other tensor.
  }
});

/** Puts a new tensor into the innermost scope. */
export function track(tensor: Held): void {
  const scope = scopes[scopes.length - 1];
  if (scope === undefined) release(tensor);
  else scope.push(tensor);
}

function release(tensor: Held): void {
  tensor.kept = true;
  collected.register(tensor, tensor.handle);
  native().leaveToCollector(tensor.handle);
}

/** Takes a tensor out of every scope: it lives until `dispose` or until JavaScript collects it. */
export function keep<T extends Held>(tensor: T): T {
  if (!tensor.kept) release(tensor);
  return tensor;
}

/**
 * Runs `body` and frees every tensor made in it, except those that it returns (in arrays and plain objects too), which
 * pass to the enclosing scope.
 *
 * @throws TypeError when `body` is asynchronous: the scope can't tell which tensors are made by it
 */
export function tidy<T>(body: () => T): T {
  const scope: Held[] = [];
  scopes.push(scope);
  let result: T;
  let returned: Set<unknown> | null = null;
  try {
    result = synchronous("tidy", body());
    returned = heldIn(result, new Set());
  } finally {
    scopes.pop();
    const dying: number[] = [];
    for (const tensor of scope) {
      if (tensor.kept || tensor.handle === 0) continue;
      if (returned?.has(tensor)) {
        track(tensor);
      } else {
        dying.push(tensor.handle);
        tensor.handle = 0;
      }
    }
    if (dying.length > 0) native().disposeAll(dying);
  }
  return result;
}

function heldIn(value: unknown, seen: Set<unknown>): Set<unknown> {
  if (value === null || typeof value !== "object" || seen.has(value)) return seen;
  seen.add(value);
  if ("handle" in value && "kept" in value) return seen;
  if (Array.isArray(value)) {
    for (const item of value) heldIn(item, seen);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) heldIn(item, seen);
  }
  return seen;
}

/**
 * Passes on a result that is not a promise: the mode or scope of an asynchronous body would end before the body does.
 *
 * @throws TypeError for a promise
 */
export function synchronous<T>(where: string, result: T): T {
  if (!(result instanceof Promise)) return result;
  result.catch(() => {}); // reported by the error below; unhandled it would end the process
  throw new TypeError(`${where}: body must be synchronous, got a promise`);
}

/** How many tensors JavaScript holds. */
export const liveTensors = (): number => native().live();

/** Bytes of the storages that JavaScript's tensors hold. */
export const liveBytes = (): number => native().liveBytes();
