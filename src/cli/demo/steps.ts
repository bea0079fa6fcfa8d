/** The demo's steps: commands as they would be typed, each with the file that shows it is done. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { MODEL_FILE } from "../../train/model.ts";
import { CONFIG_FILE } from "../../train/run.ts";
import { flagOf } from "../options.ts";

type Flags = Readonly<Record<string, string | number>>;

export interface Step {
  title: string;
  command: string;
  flags: Flags;
  /** The file in the demo's folder that exists once the step is done. */
  leaves: string;
}

export interface DemoValues {
  out: string;
  /** Number of simulated images in each domain. */
  source: number;
  target: number;
  epochs: number;
  adaptEpochs: number;
  seed: number;
}

/** What the steps write in the folder. */
export const PARTS = ["source", "target", "source-only", "adda", "catalogue.csv", "report"];

/** Settings of ADDA that suit a few hundred steps. */
const ADDA: Flags = { "adda.batchNorm": "target", "adda.lr": 2e-5, "adda.discriminatorLr": 5e-4 };

export const stepsOf = (values: DemoValues): Step[] => [
  ...simulations(values),
  ...trainings(values),
  ...judgements(values),
];

export const isDone = ({ leaves }: Step, folder: string): boolean => existsSync(join(folder, leaves));

function simulations({ out, source, target, seed }: DemoValues): Step[] {
  return [
    {
      title: "Simulate the source: labelled, as one survey",
      command: "simulate",
      flags: {
        out: join(out, "source"),
        survey: "hsc",
        pixelScale: 0.187,
        colourShift: -0.15,
        sourceSize: 1.4,
        count: source,
        prevalence: 0.5,
        seed,
      },
      leaves: "source/dataset.json",
    },
    {
      title: "Simulate the target: another survey, its test sealed",
      command: "simulate",
      flags: {
        out: join(out, "target"),
        survey: "cfhtls",
        count: target,
        prevalence: 0.1,
        resampled: 0.7,
        valFraction: 0,
        testFraction: 0.5,
        seed: seed + 1000,
      },
      leaves: "target/dataset.json",
    },
  ];
}

function trainings({ out, epochs, adaptEpochs, seed }: DemoValues): Step[] {
  const learning = { epochs, lr: 0.002, weightDecay: 0.01, labelSmoothing: 0.05, seed };
  const data = { source: join(out, "source"), target: join(out, "target") };
  return [
    {
      title: "Train on the source only",
      command: "train",
      flags: {
        ...data,
        method: "source-only",
        out: join(out, "source-only"),
        ...learning,
        ...resumed(out, "source-only"),
      },
      leaves: join("source-only", MODEL_FILE),
    },
    {
      title: "Adapt to the target without its labels (ADDA)",
      command: "train",
      flags: {
        ...data,
        method: "adda",
        from: join(out, "source-only"),
        out: join(out, "adda"),
        ...learning,
        "adda.epochs": adaptEpochs,
        ...ADDA,
        ...resumed(out, "adda"),
      },
      leaves: join("adda", MODEL_FILE),
    },
  ];
}

/** The flag that resumes an interrupted run. */
function resumed(out: string, run: string): Flags {
  const interrupted = existsSync(join(out, run, CONFIG_FILE)) && !existsSync(join(out, run, MODEL_FILE));
  return interrupted ? { resume: "true" } : {};
}

function judgements({ out }: DemoValues): Step[] {
  return [
    {
      title: "Rank the target",
      command: "score",
      flags: { data: join(out, "target"), models: join(out, "adda"), out: join(out, "catalogue.csv") },
      leaves: "catalogue.csv",
    },
    {
      title: "Open the sealed test, once",
      command: "evaluate",
      flags: {
        inputs: [join(out, "source-only"), join(out, "adda")].join(","),
        data: join(out, "target"),
        prevalence: 0.1,
        name: "sealed test",
        out: join(out, "report"),
      },
      leaves: "report/report.html",
    },
  ];
}

/** Values that are given without a flag. */
const POSITIONALS: Readonly<Record<string, readonly string[]>> = {
  simulate: ["out"],
  train: ["source", "target"],
  score: ["data", "models"],
  evaluate: ["inputs"],
};

/** A step's words, as a person would type them. */
export function wordsOf({ command, flags }: Step): string[] {
  const first = POSITIONALS[command]!;
  const values = first.flatMap((key) => String(flags[key]).split(","));
  const rest = Object.entries(flags).flatMap(([key, value]) => {
    if (first.includes(key)) return [];
    return value === "true" ? [flagOf(key)] : [flagOf(key), String(value)];
  });
  return [command, ...values, ...rest];
}
