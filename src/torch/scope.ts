/**
 * Who frees a tensor. JavaScript's collector does not see native memory, so a tensor belongs to the innermost
 * scope it was made in and is freed when that scope ends. A tensor made in no scope, or kept out of one, is
 * freed by `dispose` or, at the latest, when JavaScript has forgotten it.
 */
import { native } from "./native.ts";

/** A tensor as scopes see it; handle 0 says that it is disposed. */
export interface Held {
  handle: number;
  /** Freed by no scope. */
  kept: boolean;
}

const scopes: Held[][] = [];

const forgotten = new FinalizationRegistry<number>((handle) => {
  try {
    native().dispose(handle);
  } catch {
    // Disposed by hand before; its handle can reach no other tensor.
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
  forgotten.register(tensor, tensor.handle);
}

/** Takes a tensor out of every scope: it lives until `dispose` or until JavaScript forgets it. */
export function keep<T extends Held>(tensor: T): T {
  if (!tensor.kept) release(tensor);
  return tensor;
}

/**
 * Runs `body` and frees every tensor made in it but those in what it returns (tensors in arrays and plain
 * objects included), which pass to the scope around.
 *
 * @throws TypeError when `body` is asynchronous: a scope can't tell whose tensors are made meanwhile
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

function heldIn(value: unknown, found: Set<unknown>): Set<unknown> {
  if (value === null || typeof value !== "object" || found.has(value)) return found;
  found.add(value);
  if ("handle" in value && "kept" in value) return found;
  if (Array.isArray(value)) {
    for (const item of value) heldIn(item, found);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) heldIn(item, found);
  }
  return found;
}

/**
 * A result that is there already: the mode or scope of a promise's body would end before the body does.
 *
 * @throws TypeError for a promise
 */
export function synchronous<T>(where: string, result: T): T {
  if (!(result instanceof Promise)) return result;
  result.catch(() => {}); // told by the error below; unheard it would end the process
  throw new TypeError(`${where}: body must be synchronous, got a promise`);
}

/** How many tensors JavaScript holds. */
export const liveTensors = (): number => native().live();

/** Bytes of the storages that JavaScript's tensors hold. */
export const liveBytes = (): number => native().liveBytes();
