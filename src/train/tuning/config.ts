/** The settings of `arclet tune`. */
import { z } from "zod";
import { methods } from "../../adapt/registry.ts";
import { validators } from "../../adapt/validators/registry.ts";
import { encoders } from "../../encoders/registry.ts";
import { choice, count, list, number, seed, text } from "../../foundation/field.ts";
import { DEFAULT_ENCODER, DEFAULT_METHOD } from "../config.ts";

/** A function, since plug-ins may add names. */
export const tuneConfig = () =>
  z.strictObject({
    source: text("the labelled source: a dataset folder"),
    target: text("the target: a dataset folder; labels in it are not read"),
    out: text("the folder to write: a run for each trial, trials.csv, best.json"),
    method: choice(methods.names, "the method to tune", { default: DEFAULT_METHOD }),
    encoder: choice(encoders.names, "the network", {
      default: DEFAULT_ENCODER,
    }),
    base: text("a YAML or JSON file of train's values that all trials share", { default: null }),
    vary: list(
      z.string().min(3),
      "what to vary: KEY=LOW..HIGH (log-uniform from a factor of 10 up), KEY=A|B, or KEY alone for the range that its " +
        "method or encoder declares; KEY as in train's file; none for the method's rates and weights, a decade both ways",
      { least: 0, default: [] },
    ),
    trials: count("number of settings to try", { default: 9 }),
    rungs: count("rungs of successive halving; 1 is plain random search", { default: 2 }),
    eta: number("the best 1 in eta go on to the next rung, with eta times the epochs", {
      least: 2,
      default: 3,
    }),
    select: choice(
      validators.names,
      "validator that scores trials and epochs; none of them sees a target label",
      { default: "infomax" },
    ),
    seed: seed("seed of the draws, and of all runs"),
    jobs: count("runs at a time, which share the cores (none: one for each core)", { default: null }),
  });
