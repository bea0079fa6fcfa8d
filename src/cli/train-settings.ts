/** Training's settings as its command line presents them: headings of the help, and whose setting an unknown flag is. */
import type { z } from "zod";
import { methods } from "../adapt/registry.ts";
import { encoders } from "../encoders/registry.ts";
import { describeConfig } from "../foundation/config.ts";
import { groupOf } from "../train/group.ts";
import type { Chosen } from "./command.ts";
import type { HelpGroups } from "./help-groups.ts";
import { flagOf } from "./options.ts";
import { trainChoices } from "./train-choices.ts";

export const TRAIN_HELP: HelpGroups = {
  choices: ["method", "encoder"],
  basics: {
    "The run": ["out", "method", "encoder", "from", "preset", "seed", "resume", "device"],
    "Training on the source": ["epochs", "batch", "lr", "stepsPerEpoch"],
    "The target": ["targetSplits", "prior", "adaptSteps"],
    "Grades of the target": ["graded", "gradedPositives", "gradedNegatives"],
    "The chosen epoch": ["select"],
  },
  others: {
    "More on training": [
      "also",
      "classesBy",
      "parts",
      "balance",
      "weights",
      "weightDecay",
      "warmup",
      "clip",
      "normMomentum",
      "labelSmoothing",
      "precision",
    ],
    "More on the target": ["priorFrom", "allowLeak"],
    "More on grades": [
      "gradedSoft",
      "gradedRange",
      "gradedKinds",
      "gradedBatch",
      "gradedBalance",
      "gradedHeld",
      "gradedAlike",
    ],
    "Several processes": ["backend", "interface"],
    "More on epochs": ["validateOn", "oracleSplits", "onDivergence", "keep"],
    Pixels: ["preprocess", "stretch"],
    "The network's head": ["head"],
    "Weak views": ["weak"],
    "Strong views": ["strong"],
  },
};

/** Both spell a flag alike: `--adda.lr` and `--adda-lr`. */
const plain = (flag: string): string => flag.replaceAll(".", "-");

/** The flags of a method's or an encoder's settings, and that of all together, which only a file can hold. */
const flagsOf = (name: string, schema: z.ZodObject): string[] => [
  plain(flagOf(groupOf(name))),
  ...describeConfig(schema).map(({ key }) => plain(flagOf(`${groupOf(name)}.${key}`))),
];

/**
 * What to say of a flag that is a setting of a method or an encoder that was not chosen; undefined of any other.
 *
 * @param flag as it was typed
 */
export function whoseSetting(flag: string, chosen: Chosen): string | undefined {
  const now = trainChoices(chosen);
  const sides = [
    {
      kind: "method",
      now: now.method,
      all: methods.list.map(({ name, schema }) => ({ name, schema })),
      list: "arclet methods",
    },
    {
      kind: "encoder",
      now: now.encoder,
      all: encoders.list.map(({ name, config }) => ({ name, schema: config })),
      list: "arclet train --help-all --encoder",
    },
  ];
  for (const { kind, now, all, list } of sides)
    for (const { name, schema } of all)
      if (name !== now && flagsOf(name, schema).includes(plain(flag)))
        return `is a setting of ${name}, and --${kind} is ${now}; ${list} ${now} lists its own`;
  return undefined;
}
