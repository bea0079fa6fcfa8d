/** The validators by name. */
import { unknown } from "../../foundation/errors/unknown.ts";
import { bnm } from "./bnm.ts";
import { dev } from "./dev.ts";
import { entropy } from "./entropy.ts";
import { infomax } from "./infomax.ts";
import { mmd } from "./mmd.ts";
import { snd } from "./snd.ts";
import { sourceAuroc } from "./source-auroc.ts";
import type { Validator } from "./validator.ts";

export const validators: readonly Validator[] = [infomax, entropy, snd, dev, bnm, mmd, sourceAuroc];

export const validatorNames = validators.map(({ name }) => name) as [string, ...string[]];

/** The one that takes the prevalence into account and sees the target. */
export const DEFAULT_VALIDATOR = infomax.name;

/** @throws ArcletError when there is none of that name */
export function findValidator(name: string): Validator {
  const found = validators.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw unknown("validator", "name", name, validatorNames);
}
