/** Every command by name, in the order of the help. A command's file is imported only when it is run. */
import type { Command, Entry } from "./command.ts";

/** Names of commands in earlier versions, and what they are called now. */
export const RENAMED: Readonly<Record<string, string>> = { search: "tune" };

export const COMMANDS: Entry[] = [
  {
    name: "demo",
    stage: "Start here",
    summary: "the whole pipeline once, on data that it makes",
    load: async () => erased((await import("./demo.ts")).demo),
  },
  {
    name: "setup",
    stage: "Start here",
    summary: "build what is native, once after the installation",
    load: async () => erased((await import("./setup.ts")).setup),
  },
  {
    name: "doctor",
    stage: "Start here",
    summary: "print what this machine offers and what is wrong with it",
    load: async () => erased((await import("./doctor.ts")).doctor),
  },
  {
    name: "simulate",
    stage: "Simulate",
    summary: "simulate lenses and look-alikes as a survey would see them",
    load: async () => erased((await import("./simulate.ts")).simulate),
  },
  {
    name: "paint",
    stage: "Simulate",
    summary: "add simulated arcs to real cutouts of a survey",
    load: async () => erased((await import("./paint.ts")).paint),
  },
  {
    name: "realism",
    stage: "Simulate",
    summary: "how well simulated images can be told from real ones, and by what",
    load: async () => erased((await import("./realism.ts")).realism),
  },
  {
    name: "survey-from",
    stage: "Simulate",
    summary: "measure a survey on real frames: noise, seeing, zero point",
    load: async () => erased((await import("./survey-from.ts")).surveyFrom),
  },
  {
    name: "import",
    stage: "Bring in images",
    summary: "make a dataset of images (FITS, pictures, arrays) and their table",
    load: async () => erased((await import("./import.ts")).importCommand),
  },
  {
    name: "fetch",
    stage: "Bring in images",
    summary: "fetch cutouts of a catalogue's objects from a survey's public service",
    load: async () => erased((await import("./fetch.ts")).fetchCommand),
  },
  {
    name: "detect",
    stage: "Bring in images",
    summary: "find the sources of a frame: positions, fluxes, shapes, as a catalogue",
    load: async () => erased((await import("./detect.ts")).detect),
  },
  {
    name: "cutouts",
    stage: "Bring in images",
    summary: "cut a catalogue's positions out of survey frames, into a dataset",
    load: async () => erased((await import("./cutouts.ts")).cutouts),
  },
  {
    name: "split",
    stage: "Bring in images",
    summary: "split a dataset again: train, val and test, or folds, never splitting a group",
    load: async () => erased((await import("./split.ts")).split),
  },
  {
    name: "check",
    stage: "Bring in images",
    summary: "find what splits, datasets and catalogues share and must not",
    load: async () => erased((await import("./check.ts")).check),
  },
  {
    name: "train",
    stage: "Train and adapt",
    summary: "train an encoder on a labelled source and adapt it to an unlabelled target",
    load: async () => erased((await import("./train.ts")).train),
  },
  {
    name: "tune",
    stage: "Train and adapt",
    summary: "tune a method's settings, judged without target labels",
    load: async () => erased((await import("./tune.ts")).tune),
  },
  {
    name: "compare",
    stage: "Train and adapt",
    summary: "compare methods, encoders and seeds in one table, opening a sealed test once",
    load: async () => erased((await import("./compare.ts")).compare),
  },
  {
    name: "prevalence",
    stage: "Train and adapt",
    summary: "how common each class is in an unlabelled target, with an interval",
    load: async () => erased((await import("./prevalence.ts")).prevalence),
  },
  {
    name: "probe",
    stage: "Train and adapt",
    summary: "learn people's grades in seconds, on what a finder sees",
    load: async () => erased((await import("./probe.ts")).probe),
  },
  {
    name: "cascade",
    stage: "Rank and judge",
    summary: "a small network that rejects what a finder need not look at, at a stated loss",
    load: async () => erased((await import("./cascade.ts")).cascadeCommand),
  },
  {
    name: "score",
    stage: "Rank and judge",
    summary: "rank a dataset's images",
    load: async () => erased((await import("./score.ts")).score),
  },
  {
    name: "select",
    stage: "Rank and judge",
    summary: "draw the sample that people grade, with each row's probability to be in it",
    load: async () => erased((await import("./select.ts")).select),
  },
  {
    name: "inspect",
    stage: "Rank and judge",
    summary: "look at a ranked list in the browser, and grade it",
    load: async () => erased((await import("./inspect.ts")).inspect),
  },
  {
    name: "estimate",
    stage: "Rank and judge",
    summary: "purity, completeness and number of lenses of a survey, from the grades of a sample",
    load: async () => erased((await import("./estimate.ts")).estimate),
  },
  {
    name: "selection",
    stage: "Rank and judge",
    summary: "completeness against what lenses are like, from injected ones: what a search finds and misses",
    load: async () => erased((await import("./selection.ts")).selection),
  },
  {
    name: "evaluate",
    stage: "Rank and judge",
    summary: "measure finders on a sealed split, or score tables against a table of truth",
    load: async () => erased((await import("./evaluate.ts")).evaluate),
  },
  {
    name: "grades",
    stage: "Rank and judge",
    summary: "make one grade of several people's, and say how well they agree",
    load: async () => erased((await import("./grades.ts")).grades),
  },
  {
    name: "combine",
    stage: "Rank and judge",
    summary: "make one calibrated probability of several finders, catalogues and volunteers",
    load: async () => erased((await import("./combine.ts")).combine),
  },
  {
    name: "threshold",
    stage: "Rank and judge",
    summary: "the score threshold for the completeness you ask for",
    load: async () => erased((await import("./threshold.ts")).threshold),
  },
  {
    name: "report",
    stage: "Rank and judge",
    summary: "a search as a page and tables: finders, grades, purity, completeness, candidates",
    load: async () => erased((await import("./report.ts")).report),
  },
  {
    name: "explain",
    stage: "Rank and judge",
    summary: "show which part of an image a score depends on",
    load: async () => erased((await import("./explain.ts")).explain),
  },
  {
    name: "embed",
    stage: "Rank and judge",
    summary: "draw and probe the feature space of runs, and find an object's neighbours in it",
    load: async () => erased((await import("./embed.ts")).embed),
  },
  {
    name: "export",
    stage: "Rank and judge",
    summary: "write a table of scores or grades in another format: CSV, Parquet, VOTable, FITS, DS9 regions",
    load: async () => erased((await import("./export.ts")).exportCommand),
  },
  {
    name: "export-model",
    stage: "Rank and judge",
    summary: "write a model as an ONNX file that takes pixels and gives calibrated probabilities",
    load: async () => erased((await import("./export-model.ts")).exportModelCommand),
  },
  {
    name: "jobs",
    stage: "Look up",
    summary: "how far divided work is: shards done, running, failed, and the time left; cancel its jobs",
    load: async () => erased((await import("./jobs.ts")).jobs),
  },
  {
    name: "finders",
    stage: "Look up",
    summary: "list the trained finders that come along, or print one's card",
    load: async () => erased((await import("./finders.ts")).finders),
  },
  {
    name: "methods",
    stage: "Look up",
    summary: "the methods to adapt with, their papers and settings",
    load: async () => erased((await import("./methods.ts")).methods),
  },
  {
    name: "encoders",
    stage: "Look up",
    summary: "the encoders: size, cost, and speed on this machine",
    load: async () => erased((await import("./encoders.ts")).encoders),
  },
  {
    name: "surveys",
    stage: "Look up",
    summary: "list the surveys that can be imitated, or print one",
    load: async () => erased((await import("./surveys.ts")).surveys),
  },
  {
    name: "recipes",
    stage: "Look up",
    summary: "list what simulated objects can be drawn from, or print one",
    load: async () => erased((await import("./recipes.ts")).recipes),
  },
];

/** `main` calls `run` with the values of the command's own schema, so the schema's type can be dropped. */
function erased(command: unknown): Command {
  return command as Command;
}
