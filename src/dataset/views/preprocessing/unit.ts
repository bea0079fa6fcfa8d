/** x / 255, for display images. */
import { z } from "zod";
import { about, kindOf } from "./kind.ts";

export const unit = kindOf({
  schema: z.strictObject({ kind: z.literal("unit"), ...about }),
  summary: "x / 255",
  pixels: "display",
  takes: [],
  fit: () => ({}),
  apply: (_, x) => x.div(255),
});
