/** The answers to a grader who looks closer at one object. */
import { Hono } from "hono";
import { checked } from "../foundation/errors/zod-errors.ts";
import { refuse } from "../foundation/errors.ts";
import type { Asked, Rules } from "./asked.ts";
import { isGraded } from "./grading.ts";
import { type BesideAnswer, type LookAnswer, rowQuery } from "./look-contract.ts";
import type { Search } from "./search.ts";

export function looking(search: Search, rules: Rules): Hono<Asked> {
  const { objects, grading } = search;
  const { domain, orientation, catalogue } = objects;
  const app = new Hono<Asked>();
  const rowOf = (query: Record<string, string>): number => {
    const { row } = checked("request", rowQuery, query);
    return objects.has(row) ? row : refuse("request", "row", "a row of this search", row);
  };

  app.get("/beside", (c) => {
    const row = rowOf(c.req.query());
    const { grade } = grading.of(c.get("grader"), domain.ids[row]!);
    const shown = catalogue.always || rules.showScores || rules.readOnly || isGraded(grade);
    return c.json({
      ...{ row, orientation: orientation(row) },
      catalogue: shown ? catalogue.of(row) : null,
    } satisfies BesideAnswer);
  });
  return app;
}

export const lookAnswer = ({ objects }: Search): LookAnswer => ({ bottomFirst: objects.bottomFirst });
