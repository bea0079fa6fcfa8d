/** Every value of a training run. */
import { z } from "zod";
import { priorEstimators } from "../adapt/prevalence.ts";
import { findMethod, methodNames } from "../adapt/registry.ts";
import { validatorNames } from "../adapt/validators/registry.ts";
import { SPLITS } from "../dataset/info.ts";
import {
  type Augmentation,
  augmentation,
  deeplenseViews,
  strong,
  weak,
} from "../dataset/views/augmenting/policy.ts";
import { stretchOptions } from "../dataset/views/preprocessing/kind.ts";
import { PREPROCESSING_KINDS, preprocessingsText } from "../dataset/views/preprocessing/registry.ts";
import { headConfig } from "../encoders/head.ts";
import { encoderEntry, encoders } from "../encoders/registry.ts";
import { resolveConfig } from "../foundation/config.ts";
import { choice, choices, count, list, number, seed, text, yes } from "../foundation/field.ts";
import { deviceField } from "./device.ts";
import { ORACLE } from "./oracle.ts";

const encoderNames = Object.keys(encoders) as [string, ...string[]];

/** What a run uses when the command line and the file leave them out. */
export const DEFAULT_METHOD = "adda";
export const DEFAULT_ENCODER = "equivariant";

export const PRESETS = ["paper", "deeplense"] as const;

/** What DeepLense trained on the source with (shared by its methods), on images scaled to [0, 1] each. */
const DEEPLENSE_SOURCE = {
  epochs: 7,
  warmup: 3,
  lr: 1e-4,
  batch: 64,
  weightDecay: 1e-5,
  preprocess: "minmax",
};

/** The augmentation's fields with a policy's values as their defaults. */
function policy(view: string, values: Augmentation) {
  const fields = Object.entries(augmentation.shape).map(([name, field]) => {
    const { description, ...meta } = field.meta() ?? {};
    const own = field.removeDefault() as z.ZodType;
    const value = values[name as keyof Augmentation];
    return [name, own.default(value).meta({ ...meta, description: `${view} views: ${description}` })];
  });
  return z.strictObject(Object.fromEntries(fields) as typeof augmentation.shape);
}

const shared = z.strictObject({
  source: text("the labelled source: a dataset folder"),
  target: text("the target: a dataset folder; labels in it are not read", { default: null }),
  out: text("the run's folder"),
  method: choice(methodNames, "how to adapt", { default: DEFAULT_METHOD }),
  encoder: choice(encoderNames, "the network", { default: DEFAULT_ENCODER }),
  from: text("a run or model to start from in place of the training on the source", { default: null }),
  weights: text("weights that the encoder starts from: .safetensors, .pth or .pt, under timm's names", {
    default: null,
  }),
  preset: choice(
    PRESETS,
    "defaults of the method's settings, the rates, the views and the preprocessing: the papers' and ours, or the GSoC 2022 " +
      "DeepLense project's",
    { default: "paper" },
  ),
  resume: yes("go on with a run that was cut off"),
  seed: seed("of all randomness: one seed gives one result"),
  epochs: count("epochs of training on the source", { default: 7 }),
  batch: count("images a step of training on the source", { default: 64 }),
  lr: number("peak learning rate of training on the source", { above: 0, default: 1e-3 }),
  weightDecay: number("decoupled weight decay", { least: 0, default: 1e-5 }),
  warmup: number("linear warm-up of the learning rate; a cosine to 0 follows", {
    least: 0,
    default: 1,
    unit: "epochs",
  }),
  clip: number("largest 2-norm of the gradient, or none", { above: 0, default: null }),
  normMomentum: number(
    "how far a step moves batch norm's running statistics to the batch's; none for the encoder's own (0.01 in " +
      "EfficientNet, which short runs don't catch up with)",
    { above: 0, most: 1, default: null },
  ),
  labelSmoothing: number("share of a label spread over all classes", { least: 0, below: 1, default: 0 }),
  balance: choice(["none", "classes"], "draw source images as they come, or each class equally often", {
    default: "none",
  }),
  stepsPerEpoch: count("steps of an epoch; none for one pass over the source", { default: null }),
  targetSplits: choices(SPLITS, "which of the target's rows are used, without labels", {
    default: ["train"],
  }),
  prior: list(
    z.number().gt(0).lt(1),
    "expected part of each class in the target, sum 1; none for the source's",
    { least: 0, default: null },
  ),
  priorFrom: choice(
    priorEstimators,
    "estimate the prior from the target's images, with the model of --from",
    { default: null },
  ),
  preprocess: choice(
    PREPROCESSING_KINDS,
    `from pixels to input; none for asinh on flux and standardise on display images. ${preprocessingsText}`,
    { default: null },
  ),
  stretch: stretchOptions,
  device: deviceField,
  precision: choice(
    ["auto", "float32", "bfloat16"],
    "of the networks' arithmetic; auto times both on this machine",
    { default: "auto" },
  ),
  select: choice(
    [...validatorNames, ORACLE] as [string, ...string[]],
    "validator that chooses the epoch; none for the default, infomax, or source-auroc without target; oracle reads the " +
      "target's labels and is for experiments alone: what it touches is marked",
    { default: null },
  ),
  oracleSplits: choices(
    SPLITS,
    "for experiments: splits of the target whose labels the oracle reads after each epoch, for the log (none: test with " +
      "--select oracle, else it reads none)",
    { default: null },
  ),
  onDivergence: choice(
    ["warn", "stop", "rollback"],
    "when predictions collapse, or a discriminator is at chance or certain: say so, stop, or go back to the last good " +
      "epoch at half the rate; a number that is not finite stops a run that is not rolled back",
    { default: "warn" },
  ),
  allowLeak: yes(
    "train although source and target, or splits of one, share ids, groups, places on the sky or images; models, scores and " +
      "metrics are marked",
  ),
  keep: choice(["chosen", "all"], "checkpoints to keep: last and chosen, or all", { default: "chosen" }),
  validateOn: count("most images of each domain that validators look at after an epoch", {
    least: 2,
    default: 4096,
  }),
  head: headConfig,
  weak: policy("weak", weak),
  strong: policy("strong", strong),
});

const DEEPLENSE_VIEWS = {
  weak: policy("weak", deeplenseViews.weak),
  strong: policy("strong", deeplenseViews.strong),
};

/** What all runs have in common; the method's and the encoder's own settings stand beside it under their names. */
export type TrainConfig = z.output<typeof shared> & Record<string, unknown>;

/**
 * The values of a run with a given method and encoder. Their own settings are groups: `adda.lr`,
 * `equivariant.group`.
 *
 * @param preset whose values the defaults are; a file and flags still change them
 */
export function trainSchema(method: string, encoder: string, preset = "paper"): z.ZodObject {
  const asDeeplense = preset === "deeplense";
  const groups: Record<string, z.ZodObject> = {};
  const { schema, deeplense = {} } = findMethod(method);
  const own = asDeeplense ? withDefaults(schema, deeplense) : schema;
  if (Object.keys(own.shape).length > 0) groups[groupOf(method)] = own;
  groups[groupOf(encoder)] = encoderEntry(encoder).config;
  return (asDeeplense ? withDefaults(shared, DEEPLENSE_SOURCE).extend(DEEPLENSE_VIEWS) : shared).extend(
    groups,
  );
}

/**
 * The configuration of a run from what differs from the defaults, groups nested or by dotted keys.
 *
 * @throws ArcletError naming the value that is unknown or out of range
 */
export function trainConfig(values: Record<string, unknown>): TrainConfig {
  const { method = DEFAULT_METHOD, encoder = DEFAULT_ENCODER, preset = "paper" } = values;
  const schema = trainSchema(String(method), String(encoder), String(preset));
  return resolveConfig("train", schema, { flags: values }).values as TrainConfig;
}

/** The same fields with other defaults. */
function withDefaults<S extends z.ZodObject>(schema: S, values: Record<string, unknown>): S {
  const changed = Object.entries(values).map(([name, value]) => {
    const field = schema.shape[name] as z.ZodDefault;
    return [name, (field.removeDefault() as z.ZodType).default(value).meta(field.meta() ?? {})];
  });
  return schema.extend(Object.fromEntries(changed)) as unknown as S;
}

/** The group of a method's or an encoder's settings: `self-ensembling` is `selfEnsembling`. */
export const groupOf = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** A method's or an encoder's own settings. */
export const ownSettings = (config: TrainConfig, name: string): Record<string, unknown> =>
  (config[groupOf(name)] as Record<string, unknown> | undefined) ?? {};
