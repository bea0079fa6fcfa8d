/** The methods by name. To add one, write its file and add a line here. */
import { registry } from "../foundation/registry.ts";
import { adabn } from "./adabn.ts";
import { adamatch } from "./adamatch.ts";
import { adda } from "./adda.ts";
import { cdan } from "./cdan.ts";
import { coral } from "./coral.ts";
import { dan } from "./dan.ts";
import { dann } from "./dann.ts";
import { fineTune } from "./fine-tune.ts";
import { mcc } from "./mcc.ts";
import type { Method } from "./method.ts";
import { nnpu } from "./nnpu.ts";
import { sda } from "./sda.ts";
import { selfEnsembling } from "./self-ensembling.ts";
import { sidda } from "./sidda.ts";
import { sourceOnly, targetOnly } from "./source-only.ts";
import { wdgrl } from "./wdgrl.ts";

const own = [
  sourceOnly,
  adda,
  selfEnsembling,
  adamatch,
  dann,
  cdan,
  dan,
  coral,
  wdgrl,
  sidda,
  mcc,
  adabn,
  nnpu,
  fineTune,
  sda,
  targetOnly,
] as const;

/** Arclet's own methods, each with the type of its settings. */
export type OwnMethod = (typeof own)[number];

/** All methods by name, plug-ins' included. */
// The registry drops the types of settings; `build` gets values that its own schema has parsed.
export const methods = registry<Method>(
  "method",
  own.map((typed: unknown) => typed as Method),
);
