/** What methods and encoders declare of their settings. */
import type { z } from "zod";
import { describeConfig } from "../foundation/config.ts";
import { fieldsOf } from "../foundation/fields.ts";
import { expected } from "./promise.ts";

/** Checks that every setting has a description, and every number a range. */
export function checkDescribed(schema: z.ZodObject): void {
  for (const { key, description, type, range } of describeConfig(schema)) {
    if (description.trim() === "") expected(`setting ${key}`, "described (.describe(…))", "no description");
    if (/^(whole )?number$/.test(type) && range === "")
      expected(`setting ${key}`, "a number with a range (.min(…), .positive(), …)", "no range");
  }
}

/** Every value of each setting that has only a few: those of an enumeration, yes and no. */
export const choicesOf = (schema: z.ZodObject): { key: string; value: unknown }[] =>
  fieldsOf(schema).flatMap(({ key, shape }) => {
    const values = shape.enum ?? (shape.type === "boolean" ? [true, false] : []);
    return values.map((value) => ({ key, value }));
  });
