/**
 * Promises: what Arclet relies on in a method, an encoder, a validator or a survey, each with a check that any test
 * framework can run. Arclet's own entries keep the same ones.
 */
import { ArcletError, refuse } from "../foundation/errors.ts";

export interface Promised<T> {
  /** Short, in kebab case. */
  readonly name: string;
  /** What is promised, in one line. */
  readonly promise: string;
  /** Rejects when the promise is broken. */
  check(entry: T): Promise<void>;
}

export interface Outcome {
  readonly name: string;
  readonly promise: string;
  /** Why it is broken, with what was expected and what came; null where it is kept. */
  readonly broken: ArcletError | null;
}

/** What a check finds: thrown by `expected`, told with the promise's name. */
class Found extends Error {
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

/** A check's way to say that a promise is broken. */
export function expected(what: string, must: string, got: unknown): never {
  throw new Found(what, must, got);
}

/** Checks that a body refuses: with one of Arclet's errors, which are told in one line. */
export function expectRefusal(what: string, must: string, body: () => unknown): void {
  let got: unknown = "no refusal";
  try {
    body();
  } catch (error) {
    if (error instanceof ArcletError) return;
    got = told(error);
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

/** Runs every check, whatever came of those before. @param what what the entry is, e.g. `method mine` */
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
  for (const one of promises) {
    const [outcome] = await outcomesOf(what, entry, [one]);
    if (outcome!.broken !== null) throw outcome!.broken;
  }
}

function errorOf(where: string, error: unknown): ArcletError {
  try {
    if (error instanceof Found) refuse(where, error.what, error.must, error.got);
    refuse(where, "it", "one that does not throw", told(error));
  } catch (made) {
    const refusal = made as ArcletError;
    if (!(error instanceof Found)) refusal.cause = error;
    return refusal;
  }
}

const told = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
