/** What `arclet tune` asks for. */
import { z } from "zod";
import { methodNames } from "../../adapt/registry.ts";
import { validatorNames } from "../../adapt/validators/registry.ts";
import { encoders } from "../../encoders/registry.ts";
import { DEFAULT_ENCODER, DEFAULT_METHOD } from "../config.ts";

export const tuneConfig = z.strictObject({
  source: z.string().min(1).describe("the labelled source: a dataset folder"),
  target: z.string().min(1).describe("the target: a dataset folder; labels in it are not read"),
  out: z.string().min(1).describe("the folder to fill: a run for each trial, trials.csv, best.json"),
  method: z.enum(methodNames).default(DEFAULT_METHOD).describe("the method whose settings are tuned"),
  encoder: z
    .enum(Object.keys(encoders) as [string, ...string[]])
    .default(DEFAULT_ENCODER)
    .describe("the network"),
  base: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("a YAML or JSON file of train's values that all trials share"),
  vary: z
    .array(z.string().min(3))
    .default([])
    .describe(
      "what is varied: KEY=LOW..HIGH (evenly in the logarithm from a factor of 10 up) or KEY=A|B, KEY as in train's file; none " +
        "for the method's rates and weights, a decade both ways",
    ),
  trials: z.number().int().min(1).default(9).describe("settings that are tried"),
  rungs: z
    .number()
    .int()
    .min(1)
    .default(2)
    .describe("rungs of successive halving; 1 draws at random and stops there"),
  eta: z.number().min(2).default(3).describe("the best 1 in so many goes on, with so many times the epochs"),
  select: z
    .enum(validatorNames)
    .default("infomax")
    .describe("validator that judges trials and epochs; none of them sees a target label"),
  seed: z.number().int().min(0).default(0).describe("of the draws, and of all runs"),
  jobs: z
    .number()
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("runs at a time, which share the cores (none: one a core)"),
});
