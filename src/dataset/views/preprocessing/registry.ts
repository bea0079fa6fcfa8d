/** Every kind of preprocessing, by name. */
import { z } from "zod";
import { parse } from "../../../foundation/errors/zod-errors.ts";
import { nearest } from "../../../foundation/nearest.ts";
import { registry } from "../../../foundation/registry.ts";
import { asinh } from "./asinh.ts";
import { humvi, lupton } from "./display.ts";
import type { Kind } from "./kind.ts";
import { log } from "./log.ts";
import { minmax, minmaxLog } from "./minmax.ts";
import { standardise } from "./standardise.ts";
import { unit } from "./unit.ts";
import { zscale } from "./zscale.ts";

// A table of kinds forgets the types of their numbers; `apply` gets what its own schema gave.
const erased = (kind: unknown): Kind => kind as Kind;

export const preprocessings = registry<Kind>(
  "preprocessing",
  [unit, standardise, minmax, minmaxLog, asinh, log, zscale, lupton, humvi].map(erased),
);

const known = z.discriminatedUnion("kind", [
  unit.schema,
  standardise.schema,
  minmax.schema,
  minmaxLog.schema,
  asinh.schema,
  log.schema,
  zscale.schema,
  lupton.schema,
  humvi.schema,
]);

/** Of Arclet's own kinds; one of a plug-in's has its `kind` and what all say of themselves. */
export type Preprocessing = z.output<typeof known>;

/** A preprocessing as it stands in a model's file, of any kind that is known when it is read. */
export const preprocessing = z.unknown().transform((value, context): Preprocessing => {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind;
  const own = preprocessings.list.find(({ name }) => name === kind);
  if (own === undefined) {
    const { names } = preprocessings;
    const near = typeof kind === "string" ? nearest(kind, names) : undefined;
    const message = `one of ${names.join(", ")}`;
    context.issues.push({ code: "custom", message, path: ["kind"], input: kind, params: { near } });
    return z.NEVER;
  }
  const parsed = parse(own.schema, value);
  if (parsed.success) return parsed.data as Preprocessing;
  for (const issue of parsed.error.issues)
    context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
  return z.NEVER;
});

/** What the kinds do, in a sentence for help. */
export const preprocessingsText = (): string =>
  preprocessings.list
    .map(({ name, summary, pixels }) => `${name}${pixels === "any" ? "" : ` (${pixels})`}: ${summary}`)
    .join("; ");
