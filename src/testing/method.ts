/** What Arclet's training relies on in a method. */
import type { Method } from "../adapt/method.ts";
import type { AnyMethod } from "../plugins/plugin.ts";
import { choices, numbers, phases, separate, settings, shape, target } from "./method/declarations.ts";
import { graded, gradedSteps } from "./method/graded.ts";
import { leaks, model, resumes, seed, state } from "./method/state.ts";
import { batches, keeps, oneClass, precision, rate, steps } from "./method/steps.ts";
import { holdTo, type Promised } from "./promise.ts";

/** What Arclet relies on in every method. */
export const methodPromises: readonly Promised<Method>[] = [
  shape,
  settings,
  phases,
  steps,
  choices,
  numbers,
  oneClass,
  target,
  separate,
  graded,
  gradedSteps,
  batches,
  leaks,
  resumes,
  state,
  seed,
  rate,
  precision,
  model,
  keeps,
];

/**
 * Checks that a method keeps all promises.
 *
 * @throws ArcletError at the first broken one: its name, what was expected and what came
 */
export const checkMethod = (method: AnyMethod): Promise<void> =>
  holdTo(`method ${method.name}`, method as unknown as Method, methodPromises);
