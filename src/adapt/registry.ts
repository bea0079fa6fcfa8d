/** The methods by name. Adding one is one file and one line here. */
import { unknown } from "../foundation/errors/unknown.ts";
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

export const methods: readonly Method[] = [
  sourceOnly,
  adda,
  selfEnsembling,
  adamatch,
  dann,
  cdan,
  dan,
  coral,
  wdgrl,
  mcc,
  adabn,
  targetOnly,
].map(erased);

export const methodNames = methods.map(({ name }) => name) as [string, ...string[]];

/** @throws ArcletError when there is none of that name */
export function findMethod(name: string): Method {
  const found = methods.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw unknown("method", "name", name, methodNames);
}
