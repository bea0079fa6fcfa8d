/** The validators by name. */
import { registry } from "../../foundation/registry.ts";
import { bnm } from "./bnm.ts";
import { dev } from "./dev.ts";
import { entropy } from "./entropy.ts";
import { infomax } from "./infomax.ts";
import { mmd } from "./mmd.ts";
import { snd } from "./snd.ts";
import { sourceAuroc } from "./source-auroc.ts";
import type { Validator } from "./validator.ts";

export const validators = registry<Validator>("validator", [
  infomax,
  entropy,
  snd,
  dev,
  bnm,
  mmd,
  sourceAuroc,
]);

/** The one that takes the prevalence into account and sees the target. */
export const DEFAULT_VALIDATOR = infomax.name;
