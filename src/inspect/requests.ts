/** What requests bring, checked. */
import type { Context } from "hono";
import type { z } from "zod";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";

/** The values after the question mark. @throws ArcletError for one that is not as it must be */
export const query = <S extends z.ZodType>(c: Context, schema: S): z.output<S> =>
  checked("request", schema, c.req.query());

/** @throws ArcletError for a body that is not JSON, or not what it must be */
export async function body<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  if (!/^application\/json\b/.test(c.req.header("content-type") ?? ""))
    refuse("request", "content-type", "application/json", c.req.header("content-type"));
  let value: unknown;
  try {
    value = await c.req.json();
  } catch (error) {
    throw new ArcletError({ where: "request", code: "broken", problem: "is not JSON" }, { cause: error });
  }
  return checked("request", schema, value);
}
