/** The answers to requests about learning. */
import type { Hono } from "hono";
import type { Asked } from "../asked.ts";
import { type LearningAnswer, retrainRequest } from "../contract.ts";
import { body } from "../requests.ts";
import type { Learning } from "./learning.ts";

/** Adds them to routes that have checked who asks, and whether they may change anything. */
export function learningRoutes(app: Hono<Asked>, learning: Learning): void {
  const answer = () => learning.answer() satisfies LearningAnswer;
  app.get("/learning", async (c) => {
    await learning.follow();
    return c.json(answer());
  });
  app.post("/retrain", async (c) => {
    await body(c, retrainRequest);
    await learning.start(c.get("grader"));
    return c.json(answer());
  });
  app.post("/retrain/stop", async (c) => {
    await body(c, retrainRequest);
    learning.stop();
    return c.json(answer());
  });
}
