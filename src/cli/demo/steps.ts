/** The demo's steps: commands as they would be typed, each with the file that shows it is done. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { FinderCard } from "../../train/finders/card.ts";
import { finderNamed, finderNames } from "../../train/finders/finders.ts";
import { MODEL_FILE } from "../../train/model.ts";
import { CONFIG_FILE } from "../../train/run.ts";
import { flagOf } from "../options.ts";

/** The finder that the demo starts from, and a survey that it never saw, whose galaxies also differ a little from its own. */
const DEMO = { finder: "hsc", target: "des", galaxies: { colourShift: 0.15, sourceSize: 0.7 } };
/** Images of each domain per step: half of the preset's, for two cores. */
const BATCH = 32;
/** One target image in ten is a lens, and the finder is told so. */
const PREVALENCE = 0.1;

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
  adaptSteps: number;
  seed: number;
}

/** What the steps write in the folder, those of earlier versions included. */
export const PARTS = ["source", "target", "source-only", "adda", "adapted", "catalogue.csv", "report"];

/** The card of the finder that the demo starts from; null if it doesn't come with this Arclet. */
export const demoFinder = (): FinderCard | null =>
  finderNames().includes(DEMO.finder) ? finderNamed(DEMO.finder).card : null;

/** @param finder the card of the finder to start from; null to train a small one */
export function stepsOf(values: DemoValues, finder: FinderCard | null): Step[] {
  const start = finder?.name ?? join(values.out, "source-only");
  return [
    ...simulations(values, finder),
    ...(finder === null ? [firstTraining(values)] : []),
    adaptation(values, start),
    ...judgements(values, start),
  ];
}

export const isDone = ({ leaves }: Step, folder: string): boolean => existsSync(join(folder, leaves));

function simulations({ out, source, target, seed }: DemoValues, finder: FinderCard | null): Step[] {
  const { own, images } = finder === null ? withoutFinder : imagesOf(finder);
  return [
    {
      title: "Simulate the source: labelled, as the survey that the finder knows",
      command: "simulate",
      flags: { out: join(out, "source"), ...own, ...images, count: source, prevalence: 0.5, seed },
      leaves: "source/dataset.json",
    },
    {
      title: "Simulate the target: a survey that the finder never saw, its test sealed",
      command: "simulate",
      flags: {
        out: join(out, "target"),
        survey: DEMO.target,
        ...images,
        ...(finder === null ? { resampled: 0.7 } : DEMO.galaxies),
        count: target,
        prevalence: PREVALENCE,
        valFraction: 0,
        testFraction: 0.5,
        seed: seed + 1000,
      },
      leaves: "target/dataset.json",
    },
  ];
}

/** The images of a finder: the source's survey, and what the target shares. */
function imagesOf({ survey, bands, size, pixelScale, pixels, zeroPoint }: FinderCard) {
  const unit: Flags = zeroPoint === null ? {} : { zeroPoint };
  const images: Flags = { pixels, bands: bands.join(","), size, pixelScale, ...unit };
  return { own: { survey } as Flags, images };
}

/** Composites of HSC with other colours and larger source galaxies. */
const withoutFinder = {
  own: { survey: "hsc", colourShift: -0.15, sourceSize: 1.4 } as Flags,
  images: { pixelScale: 0.187 } as Flags,
};

function firstTraining({ out, epochs, seed }: DemoValues): Step {
  return {
    title: "Train a small finder on the source alone",
    command: "train",
    flags: {
      source: join(out, "source"),
      target: join(out, "target"),
      method: "source-only",
      out: join(out, "source-only"),
      epochs,
      seed,
      ...resumed(out, "source-only"),
    },
    leaves: join("source-only", MODEL_FILE),
  };
}

function adaptation({ out, adaptEpochs, adaptSteps, seed }: DemoValues, start: string): Step {
  return {
    title: "Adapt it to the target without the target's labels (AdaMatch)",
    command: "train",
    flags: {
      source: join(out, "source"),
      target: join(out, "target"),
      from: start,
      prior: `${1 - PREVALENCE},${PREVALENCE}`,
      out: join(out, "adapted"),
      "adamatch.epochs": adaptEpochs,
      "adamatch.batch": BATCH,
      adaptSteps,
      seed,
      ...resumed(out, "adapted"),
    },
    leaves: join("adapted", MODEL_FILE),
  };
}

/** The flag that resumes an interrupted run. */
function resumed(out: string, run: string): Flags {
  const interrupted = existsSync(join(out, run, CONFIG_FILE)) && !existsSync(join(out, run, MODEL_FILE));
  return interrupted ? { resume: "true" } : {};
}

function judgements({ out }: DemoValues, start: string): Step[] {
  const adapted = join(out, "adapted");
  return [
    {
      title: "Rank the target",
      command: "score",
      flags: { data: join(out, "target"), models: adapted, out: join(out, "catalogue.csv") },
      leaves: "catalogue.csv",
    },
    {
      title: "Open the sealed test, once",
      command: "evaluate",
      flags: {
        inputs: [start, adapted].join(","),
        data: join(out, "target"),
        prevalence: PREVALENCE,
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
