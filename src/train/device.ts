/** Where networks compute: on the processor or on a GPU. */
import { z } from "zod";

export const deviceField = z
  .string()
  .refine((value) => /^(auto|cpu|cuda(:\d+)?)$/.test(value), "auto, cpu, cuda or cuda:N")
  .default("auto")
  .describe("where networks compute: cpu, cuda, cuda:1, …; auto takes a GPU if libtorch finds one");
