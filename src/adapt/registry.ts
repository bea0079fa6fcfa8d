/** The methods by name. Adding one is one file and one line here. */
import { registry } from "../foundation/registry.ts";
import { adabn } from "./adabn.ts";
import { adamatch } from "./adamatch.ts";
import { adda } from "./adda.ts";
import { cdan } from "./cdan.ts";
import { coral } from "./coral.ts";
import { dan } from "./dan.ts";
import { dann } from "./dann.ts";
import { mcc } from "./mcc.ts";
import type { Method } from "./method.ts";
import { selfEnsembling } from "./self-ensembling.ts";
import { sourceOnly, targetOnly } from "./source-only.ts";
import { wdgrl } from "./wdgrl.ts";

// A table of methods forgets the types of their settings; `build` gets what its own schema gave.
const erased = (one: unknown): Method => one as Method;

export const methods = registry<Method>(
  "method",
  [sourceOnly, adda, selfEnsembling, adamatch, dann, cdan, dan, coral, wdgrl, mcc, adabn, targetOnly].map(
    erased,
  ),
);
