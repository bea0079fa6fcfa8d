/** What `arclet tune` asks for. */
import { z } from "zod";
import { methodNames } from "../../adapt/registry.ts";
import { validatorNames } from "../../adapt/validators/registry.ts";
import { encoders } from "../../encoders/registry.ts";
import { choice, count, list, number, seed, text } from "../../foundation/field.ts";
import { DEFAULT_ENCODER, DEFAULT_METHOD } from "../config.ts";

export const tuneConfig = z.strictObject({
  source: text("the labelled source: a dataset folder"),
  target: text("the target: a dataset folder; labels in it are not read"),
  out: text("the folder to fill: a run for each trial, trials.csv, best.json"),
  method: choice(methodNames, "the method whose settings are tuned", { default: DEFAULT_METHOD }),
  encoder: choice(Object.keys(encoders) as [string, ...string[]], "the network", {
    default: DEFAULT_ENCODER,
  }),
  base: text("a YAML or JSON file of train's values that all trials share", { default: null }),
  vary: list(
    z.string().min(3),
    "what is varied: KEY=LOW..HIGH (evenly in the logarithm from a factor of 10 up) or KEY=A|B, KEY as in train's file; none " +
      "for the method's rates and weights, a decade both ways",
    { least: 0, default: [] },
  ),
  trials: count("settings that are tried", { default: 9 }),
  rungs: count("rungs of successive halving; 1 draws at random and stops there", { default: 2 }),
  eta: number("the best 1 in so many goes on, with so many times the epochs", { least: 2, default: 3 }),
  select: choice(
    validatorNames,
    "validator that judges trials and epochs; none of them sees a target label",
    { default: "infomax" },
  ),
  seed: seed("of the draws, and of all runs"),
  jobs: count("runs at a time, which share the cores (none: one a core)", { default: null }),
});
