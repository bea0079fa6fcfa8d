/** The settings of `arclet tune`. */
import { z } from "zod";
import { methods } from "../../adapt/registry.ts";
import { validators } from "../../adapt/validators/registry.ts";
import { encoders } from "../../encoders/registry.ts";
import { choice, count, list, number, seed, text } from "../../foundation/field.ts";
import { DEFAULT_ENCODER, DEFAULT_METHOD } from "../config.ts";

/** A function, since plug-ins may have added names. */
export const tuneConfig = () =>
  z.strictObject({
    source: text("the labelled source: a dataset folder"),
    target: text("the target: a dataset folder; labels in it are not read"),
    out: text("the folder for a run per trial, trials.csv and best.json"),
    method: choice(methods.names, "the method whose settings are tuned", { default: DEFAULT_METHOD }),
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
    trials: count("sets of values to try", { default: 9 }),
    rungs: count("rungs of successive halving; 1 is a plain random search", { default: 2 }),
    eta: number("1 in ETA trials is promoted to the next rung, with ETA times the epochs", {
      least: 2,
      default: 3,
    }),
    select: choice(
      validators.names,
      "validator that judges trials and epochs; none of them sees a target label (none: infomax; with methods that need " +
        "grades as in train, which is graded-auroc if --base holds enough of them, gradedHeld)",
      { default: null },
    ),
    seed: seed("of the draws, and of all runs"),
    jobs: count("runs at a time, which share the cores (none: one per core)", { default: null }),
  });
