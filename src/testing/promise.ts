/**
 * Promises: what Arclet relies on in a method, an encoder, a validator or a survey, each with a check that any test
 * framework can run. Arclet's own entries keep them too.
 */
import { ArcletError, refuse } from "../foundation/errors.ts";

/** One promise, and how it is checked. */
export interface Promised<T> {
  /** Short, in kebab case. */
  readonly name: string;
  /** What is promised, in one line. */
  readonly promise: string;
  /** Rejects when the promise is broken. */
  check(entry: T): Promise<void>;
}

/** A promise, kept or broken. */
export interface Outcome {
  /** The promise's name. */
  readonly name: string;
  /** What is promised, in one line. */
  readonly promise: string;
  /** Why it is broken, with what was expected and what came; null if it is kept. */
  readonly broken: ArcletError | null;
}

/** Thrown by `expected`; reported with the promise's name. */
class BrokenPromise extends Error {
  readonly what: string;
  readonly must: string;
  readonly got: unknown;

  constructor(what: string, must: string, got: unknown) {
    super(`${what} must be ${must}`);
    this.what = what;
    this.must = must;
    this.got = got;
  }
}

/** Throws that a promise is broken; called by checks. */
export function expected(what: string, must: string, got: unknown): never {
  throw new BrokenPromise(what, must, got);
}

/** Checks that a body refuses, which means to throw an `ArcletError`. */
export function expectRefusal(what: string, must: string, body: () => unknown): void {
  let got: unknown = "no refusal";
  try {
    body();
  } catch (error) {
    if (error instanceof ArcletError) return;
    got = textOf(error);
  }
  expected(what, must, got);
}

/** Gives promises the type of their entry. */
export const promisesOf =
  <T>() =>
  (name: string, promise: string, check: (entry: T) => void | Promise<void>): Promised<T> => ({
    name,
    promise,
    check: async (entry) => await check(entry),
  });

/** Runs every check, even after a broken promise. @param what the entry, e.g. `method mine` */
export async function outcomesOf<T>(
  what: string,
  entry: T,
  promises: readonly Promised<T>[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, promise, check } of promises) {
    let broken: ArcletError | null = null;
    try {
      await check(entry);
    } catch (error) {
      broken = errorOf(`${what} breaks ${name} (${promise})`, error);
    }
    outcomes.push({ name, promise, broken });
  }
  return outcomes;
}

/** @throws ArcletError at the first broken promise: its name, what was expected and what came */
export async function holdTo<T>(what: string, entry: T, promises: readonly Promised<T>[]): Promise<void> {
  for (const promise of promises) {
    const [outcome] = await outcomesOf(what, entry, [promise]);
    if (outcome!.broken !== null) throw outcome!.broken;
  }
}

function errorOf(where: string, error: unknown): ArcletError {
  try {
    if (error instanceof BrokenPromise) refuse(where, error.what, error.must, error.got);
    refuse(where, "its code", "free of exceptions", textOf(error));
  } catch (thrown) {
    const refusal = thrown as ArcletError;
    if (!(error instanceof BrokenPromise)) refusal.cause = error;
    return refusal;
  }
}

const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
