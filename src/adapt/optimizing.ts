/** The optimiser and schedule of methods that train one network, with the settings that they share. */
import { z } from "zod";
import { between, decade, type Tuning } from "../foundation/tuning.ts";
import { AdamW } from "../nn/optim/adamw.ts";
import type { Optimizer, Parameters } from "../nn/optim/optimizer.ts";
import { SGD } from "../nn/optim/sgd.ts";
import { constant, cosine, type Schedule } from "../nn/schedule.ts";
import type { StepPosition } from "./method.ts";

const scheduleNames = ["constant", "cosine", "quarter"] as const;

export interface OptimizingDefaults {
  /** Which optimiser. */
  optimizer: "adamw" | "sgd";
  /** Peak learning rate. */
  lr: number;
  /** λ. */
  weightDecay: number;
  /** How the learning rate changes along the training. */
  schedule: (typeof scheduleNames)[number];
}

/** The settings, with a method's own defaults. */
export const optimizing = (defaults: OptimizingDefaults) => ({
  optimizer: z
    .enum(["adamw", "sgd"])
    .default(defaults.optimizer)
    .describe("AdamW, or SGD with a momentum of 0.9"),
  lr: z.number().min(0).default(defaults.lr).describe("peak learning rate"),
  weightDecay: z.number().min(0).default(defaults.weightDecay).describe("weight decay"),
  schedule: z
    .enum(scheduleNames)
    .default(defaults.schedule)
    .describe("of the learning rate: constant, a cosine to 0, or a cosine to a quarter"),
  warmup: z
    .number()
    .min(0)
    .default(0)
    .describe("linear warm-up of the learning rate")
    .meta({ unit: "epochs" }),
});

/** How `tune` varies the optimiser's settings. */
export const optimizingTuning: { readonly [K in keyof OptimizingSettings]-?: Tuning } = {
  optimizer: "choices",
  lr: decade,
  weightDecay: between(1e-6, 1e-2),
  schedule: "choices",
  warmup: "fixed",
};

export interface OptimizingSettings extends OptimizingDefaults {
  /** Linear warm-up of the learning rate, epochs. */
  warmup: number;
}

/** The optimiser that these settings name, for these parameters. */
export function optimizerOf(parameters: Parameters, settings: OptimizingSettings): Optimizer {
  const { lr, weightDecay } = settings;
  return settings.optimizer === "sgd"
    ? new SGD(parameters, { lr, weightDecay, momentum: 0.9 })
    : new AdamW(parameters, { lr, weightDecay });
}

/** The factor of the learning rate at a step. */
export function factorAt({ schedule, warmup }: OptimizingSettings, position: StepPosition): number {
  const { step, stepsPerEpoch, totalSteps, rate = 1 } = position;
  const rising = Math.min(Math.round(warmup * stepsPerEpoch), totalSteps);
  if (step < rising) return (rate * (step + 1)) / rising;
  const schedules: Record<typeof schedule, Schedule> = {
    constant,
    cosine: cosine({ total: totalSteps, warmup: rising }),
    // cos(φ t) with cos(φ) = 1/4 (the code of AdaMatch, arXiv:2106.04732).
    quarter: (t) => Math.cos((Math.acos(0.25) * (t - rising)) / Math.max(1, totalSteps - rising)),
  };
  return rate * schedules[schedule](step);
}
