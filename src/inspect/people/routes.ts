/** The answers to requests about graders and rounds. */
import type { Hono } from "hono";
import type { Asked } from "../asked.ts";
import { closeRequest, type PeopleAnswer } from "../contract.ts";
import { body } from "../requests.ts";
import type { Search } from "../search.ts";
import type { People } from "./people.ts";
import { secondLooks } from "./second-look.ts";

/** @param repeats share of graded objects that are shown again in the next round */
export function peopleRoutes(app: Hono<Asked>, search: Search, people: People, repeats: number): void {
  app.get("/people", async (c) => c.json((await people.answer(c.get("grader"))) satisfies PeopleAnswer));
  app.post("/close", async (c) => {
    const { request, disagreements } = await body(c, closeRequest);
    const grader = c.get("grader");
    // The same request again closes nothing more.
    if (search.grading.madeBy(grader, request) === undefined)
      search.write({ action: "close", grader, request, ids: secondLooks(search, disagreements, repeats) });
    return c.json((await people.answer(grader)) satisfies PeopleAnswer);
  });
}
