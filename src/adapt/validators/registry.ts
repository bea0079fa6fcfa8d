/** The validators by name. */
import { registry } from "../../foundation/registry.ts";
import { bnm } from "./bnm.ts";
import { dev } from "./dev.ts";
import { entropy } from "./entropy.ts";
import { gradedAuroc } from "./graded-auroc.ts";
import { infomax } from "./infomax.ts";
import { iwv } from "./iwv.ts";
import { mano } from "./mano.ts";
import { mixval } from "./mixval.ts";
import { mmd } from "./mmd.ts";
import { snd } from "./snd.ts";
import { sourceAuroc } from "./source-auroc.ts";
import type { Validator } from "./validator.ts";

/** All validators by name, plug-ins' included. */
export const validators = registry<Validator>("validator", [
  infomax,
  entropy,
  snd,
  dev,
  iwv,
  bnm,
  mmd,
  mano,
  mixval,
  sourceAuroc,
  gradedAuroc,
]);

/** It uses the expected prior and the target's images. */
export const DEFAULT_VALIDATOR = infomax.name;
