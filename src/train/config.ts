/** Every value of a training run. */
import { z } from "zod";
import { priorEstimators } from "../adapt/prevalence.ts";
import { methods } from "../adapt/registry.ts";
import { validators } from "../adapt/validators/registry.ts";
import { GRADED_BALANCES } from "../dataset/graded/graded-dataset.ts";
import { SPLITS } from "../dataset/info.ts";

import {
  type Augmentation,
  augmentation,
  deeplenseViews,
  strong,
  weak,
} from "../dataset/views/augmenting/policy.ts";
import { stretchOptions } from "../dataset/views/preprocessing/kind.ts";
import { preprocessings, preprocessingsText } from "../dataset/views/preprocessing/registry.ts";
import { headConfig } from "../encoders/head.ts";
import { encoders } from "../encoders/registry.ts";
import { resolveConfig } from "../foundation/config.ts";
import { choice, choices, count, list, number, seed, text, texts, yes } from "../foundation/field.ts";
import { deviceField } from "./device.ts";
import { gradingFields } from "./grading-fields.ts";
import { groupOf } from "./group.ts";
import { ORACLE } from "./oracle.ts";
import { COMMAND_PRESET, PRESETS, presetMethod, presetValues } from "./presets/presets.ts";
import type { Values } from "./presets/survey.ts";
import { rankFields } from "./ranks/config.ts";
import type { EncoderName, InputOf, MethodName } from "./train-input.ts";

const SOURCE_ONLY = "source-only";

/** The method and the encoder of a run when none is given; with the command's preset the method is another. */
export const DEFAULT_METHOD = presetMethod("paper");

/** The encoder of `trainConfig` if none is given. */
export const DEFAULT_ENCODER = "equivariant";

/** The augmentation's fields with a policy's values as their defaults. */
function policy(view: string, values: Augmentation) {
  const fields = Object.entries(augmentation.shape).map(([name, field]) => {
    const { description, ...meta } = field.meta() ?? {};
    const bare = field.removeDefault() as z.ZodType;
    const value = values[name as keyof Augmentation];
    return [name, bare.default(value).meta({ ...meta, description: `${view} views: ${description}` })];
  });
  return z.strictObject(Object.fromEntries(fields) as typeof augmentation.shape);
}

// Functions, since plug-ins may have added names.
const methodField = () => choice(methods.names, "how to adapt", { default: DEFAULT_METHOD });
const encoderField = () => choice(encoders.names, "the network", { default: DEFAULT_ENCODER });
const preprocessField = () =>
  choice(
    preprocessings.names,
    `from pixels to input; none for asinh on flux and standardise on display images. ${preprocessingsText()}`,
    { default: null },
  );
const selectField = () =>
  choice(
    [...validators.names, ORACLE],
    "validator that chooses the epoch; none for graded-auroc with grades and 5 rows of each class held, " +
      "else infomax, or source-auroc without target; oracle reads the target's labels: its results are marked",
    { default: null },
  );

const shared = z.strictObject({
  source: text("the labelled source: a dataset folder"),
  also: texts("further labelled sources, mixed with the first: dataset folders", { default: null }),
  classesBy: text(
    "the source's column that says of what kind a row is that is no lens, such as kind of simulations: each kind has an " +
      "output of its own, and their sum is no lens",
    { default: null },
  ),
  parts: list(
    z.number().gt(0).lt(1),
    "part of each source in every batch, the first one first, sum 1 (none: every image equally often)",
    { default: null },
  ),
  target: text("the target: a dataset folder; labels in it are not read", { default: null }),
  out: text("the run's folder"),
  method: methodField(),
  encoder: encoderField(),
  from: text("a run, model or finder to start from in place of the training on the source", {
    default: null,
  }),
  weights: text(
    "weights that the encoder starts from, with timm's names: .safetensors, .pth, .pt or .bin, or the .index.json of shards",
    {
      default: null,
    },
  ),
  preset: choice(
    PRESETS,
    "defaults of the settings: survey, what did best on real sky, by encoder; paper, the methods' papers' and ours; or " +
      "deeplense, the DeepLense project's",
    { default: "paper", renamed: { seed: "deeplense" } },
  ),
  resume: yes("resume a run that was interrupted"),
  seed: seed("of all randomness: one seed gives one result"),
  epochs: count("epochs of training on the source", { default: 7 }),
  batch: count("images per step of training on the source", { default: 64 }),
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
      "EfficientNet, too slow for short runs)",
    { above: 0, most: 1, default: null },
  ),
  labelSmoothing: number("share of a label spread over all classes", { least: 0, below: 1, default: 0 }),
  balance: choice(
    ["none", "classes"],
    "draw source images at their own frequencies, or each class equally often",
    {
      default: "none",
    },
  ),
  stepsPerEpoch: count("steps per epoch; none for one pass over the source", { default: null }),
  adaptSteps: count(
    "steps per epoch of phases that see the target; none for --steps-per-epoch, else 40 with the preset survey, else one " +
      "pass over the source",
    { default: null },
  ),
  targetSplits: choices(SPLITS, "splits of the target that are used, without labels", {
    default: ["train"],
  }),
  prior: list(
    z.number().gt(0).lt(1),
    "expected share of each class in the target, sum 1; none for one lens in a hundred with the preset survey, else for " +
      "the source's",
    { least: 0, default: null },
  ),
  priorFrom: choice(
    priorEstimators,
    "estimate the prior from the target's images, with the model of --from",
    { default: null },
  ),
  graded: text(
    "grades of the target's rows, a table with ids; methods that take them learn from them, and their groups leave the " +
      "unlabelled target and the sealed test",
    { default: null },
  ),
  ...gradingFields,
  gradedKinds: text(
    "with --graded: the column that says what a row is if it is no lens, such as ring or merger: kinds as by --classes-by",
    { default: null },
  ),
  gradedBatch: count("graded images per step", { default: 16 }),
  gradedBalance: choice(
    GRADED_BALANCES,
    "draw graded images of each class equally often, since people mostly grade what turns out to be no lens; or every row",
    { default: "classes" },
  ),
  gradedHeld: number(
    "share of the graded groups, of each class, that are not trained on: the validator graded-auroc scores each epoch by them",
    { least: 0, below: 1, default: 0 },
  ),
  preprocess: preprocessField(),
  stretch: stretchOptions,
  device: deviceField,
  precision: choice(
    ["auto", "float32", "bfloat16"],
    "of the networks' arithmetic; auto times both on this machine",
    { default: "auto" },
  ),
  select: selectField(),
  oracleSplits: choices(
    SPLITS,
    "for experiments: splits of the target whose labels the oracle reads after each epoch, for the log (none: test with " +
      "--select oracle, else it reads none)",
    { default: null },
  ),
  onDivergence: choice(
    ["warn", "stop", "rollback"],
    "when predictions collapse, or a discriminator is at chance or certain: warn, stop, or go back to the last good " +
      "epoch at half the rate; without rollback a number that is not finite stops the run",
    { default: "warn" },
  ),
  allowLeak: yes(
    "train although source and target, or splits of one, share ids, groups, sky positions or images; models, scores and " +
      "metrics are marked",
  ),
  ...rankFields,
  keep: choice(["chosen", "all"], "checkpoints to keep: last and chosen, or all", { default: "chosen" }),
  validateOn: count(
    "most images of each domain that validators use after an epoch (none: as many as an epoch trains on, from 1024 to 4096)",
    { least: 2, default: null },
  ),
  head: headConfig,
  weak: policy("weak", weak),
  strong: policy("strong", strong),
});

const DEEPLENSE_VIEWS = {
  weak: policy("weak", deeplenseViews.weak),
  strong: policy("strong", deeplenseViews.strong),
};

/** Values that differ from the defaults. `M` and `E`: the method's and the encoder's name. */
export type TrainInput<M extends string, E extends string> = InputOf<z.input<typeof shared>, M, E>;

/** The settings that all runs share, with the method's and the encoder's own as groups under their names. */
export type TrainConfig = z.output<typeof shared> & Record<string, unknown>;

/**
 * The settings of a run with a given method and encoder. Their own settings are groups: `adda.lr`,
 * `equivariant.group`.
 *
 * @param preset that the defaults are taken from; a file and flags override them. `arclet train` gives `survey`
 */
export function trainSchema(method: string, encoder: string, preset = "paper"): z.ZodObject {
  const groups: Record<string, z.ZodObject> = {};
  const values = presetValues(preset, method, encoder);
  const own = withDefaults(methods.find(method).schema, values.own);
  if (Object.keys(own.shape).length > 0) groups[groupOf(method)] = own;
  groups[groupOf(encoder)] = encoders.find(encoder).config;
  const chosen = { method, encoder, preset };
  const common = withDefaults(withNames(shared), { ...values.shared, ...chosen });
  return common.extend(preset === "deeplense" ? DEEPLENSE_VIEWS : {}).extend(groups);
}

/**
 * The configuration of a run from the values that differ from the defaults, in nested groups. The defaults are those of the
 * preset `survey`, as of `arclet train`; without a method, what the preset has for a target, or else source-only. Keys and values are checked by
 * type for the method and the encoder that are named, and all of them again when it runs.
 *
 * @throws ArcletError naming the value that is unknown or out of range
 */
export function trainConfig<
  const M extends MethodName = "adamatch",
  const E extends EncoderName = typeof DEFAULT_ENCODER,
>(values: TrainInput<M, E>): TrainConfig {
  const { encoder = DEFAULT_ENCODER, preset = COMMAND_PRESET } = values;
  const method = values.method ?? (values.target == null ? SOURCE_ONLY : presetMethod(preset));
  const schema = trainSchema(method, encoder, preset);
  return resolveConfig("train", schema, { flags: { ...values, method } }).values as TrainConfig;
}

/** The keys that all runs have; no group of settings may have such a name. */
export const sharedKeys = (): string[] => Object.keys(shared.shape);

/** The same fields with all names registered so far, those of plug-ins included. */
const withNames = (schema: typeof shared): typeof shared =>
  schema.extend({
    method: methodField(),
    encoder: encoderField(),
    preprocess: preprocessField(),
    select: selectField(),
  });

/** The same fields with other defaults. */
function withDefaults<S extends z.ZodObject>(schema: S, values: Values): S {
  const changed = Object.entries(values).map(([name, value]) => {
    const field = schema.shape[name] as z.ZodDefault | z.ZodObject;
    if (field instanceof z.ZodObject) return [name, withDefaults(field, value as Values)];
    return [name, (field.removeDefault() as z.ZodType).default(value).meta(field.meta() ?? {})];
  });
  return schema.extend(Object.fromEntries(changed)) as unknown as S;
}

/** A method's or an encoder's own settings. */
export const ownSettings = (config: TrainConfig, name: string): Record<string, unknown> =>
  (config[groupOf(name)] as Record<string, unknown> | undefined) ?? {};
