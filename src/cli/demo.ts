/** `arclet demo`: the whole way once, on data that it makes: two surveys, two finders, one opening of the seal. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { resolveConfig } from "../foundation/config.ts";
import { count, text, yes } from "../foundation/field.ts";
import { duration } from "../foundation/progress.ts";
import { asTyped, line } from "../reports/provenance.ts";
import { MODEL_FILE } from "../train/model.ts";
import { CONFIG_FILE } from "../train/run.ts";
import type { Command } from "./command.ts";
import { command } from "./command.ts";

type Flags = Record<string, string | number>;

interface Step {
  title: string;
  command: string;
  flags: Flags;
  /** Whether an earlier demo did it already. */
  done: (folder: string) => boolean;
}

const schema = z.strictObject({
  out: text("the folder to fill; what is whole in it already is kept", { default: "demo" }),
  fresh: yes("remove what an earlier demo left in it, and begin anew"),
  source: count("simulated images of the source", { least: 200, default: 2600 }),
  target: count("simulated images of the target", { least: 400, default: 2600 }),
  epochs: count("epochs of training on the source", { default: 7 }),
  adaptEpochs: count("epochs of adaptation", { default: 4 }),
  seed: count("one seed gives one demo", { least: 0, default: 1 }),
});

export const demo = command({
  details:
    "The source is HSC-like (sharper, deeper, other colours and sources, half of it lenses); the target is " +
    "CFHTLS-like, one in ten a lens, and its labels are read only when the sealed test is opened.",
  schema,
  example: "arclet demo --out demo",
  async run(values) {
    const started = Date.now();
    if (values.fresh)
      for (const part of PARTS) rmSync(join(values.out, part), { recursive: true, force: true });
    const steps = stepsOf(values);
    for (const [k, step] of steps.entries()) {
      const words = [
        step.command,
        ...Object.entries(step.flags).flatMap(([key, value]) => [flag(key), String(value)]),
      ];
      console.log(`\n${k + 1}/${steps.length} ${step.title}\n$ ${line(positional(step, words))}`);
      if (step.done(values.out)) console.log("kept from an earlier demo");
      else await runStep(step, positional(step, words));
    }
    console.log(`\nDone in ${duration((Date.now() - started) / 1000)}. Look at:`);
    for (const file of [
      "report/report.html",
      "report/figures/roc.svg",
      "report/figures/top.png",
      "catalogue.csv",
    ])
      console.log(`  ${join(values.out, file)}`);
  },
});

const PARTS = ["source", "target", "source-only", "adda", "catalogue.csv", "report"];

function stepsOf({ out, source, target, epochs, adaptEpochs, seed }: z.output<typeof schema>): Step[] {
  const at = (name: string) => join(out, name);
  const has = (file: string) => (folder: string) => existsSync(join(folder, file));
  const trained = (run: string) => has(join(run, MODEL_FILE));
  const begun = (run: string) =>
    existsSync(at(join(run, CONFIG_FILE))) && !existsSync(at(join(run, MODEL_FILE)));
  const resume = (run: string): Flags => (begun(run) ? { resume: "true" } : {});
  const learning = { epochs, lr: 0.002, weightDecay: 0.01, labelSmoothing: 0.05, seed };
  return [
    {
      title: "Simulate the source: labelled, as one survey",
      command: "simulate",
      flags: {
        out: at("source"),
        survey: "hsc",
        pixelScale: 0.187,
        colourShift: -0.15,
        sourceSize: 1.4,
        count: source,
        prevalence: 0.5,
        seed,
      },
      done: has("source/dataset.json"),
    },
    {
      title: "Simulate the target: another survey, its test sealed",
      command: "simulate",
      flags: {
        out: at("target"),
        survey: "cfhtls",
        count: target,
        prevalence: 0.1,
        resampled: 0.7,
        valFraction: 0,
        testFraction: 0.5,
        seed: seed + 1000,
      },
      done: has("target/dataset.json"),
    },
    {
      title: "Train on the source only",
      command: "train",
      flags: {
        source: at("source"),
        target: at("target"),
        method: "source-only",
        out: at("source-only"),
        ...learning,
        ...resume("source-only"),
      },
      done: trained("source-only"),
    },
    {
      title: "Adapt to the target without its labels (ADDA)",
      command: "train",
      flags: {
        source: at("source"),
        target: at("target"),
        method: "adda",
        from: at("source-only"),
        out: at("adda"),
        ...learning,
        "adda.epochs": adaptEpochs,
        ...ADDA,
        ...resume("adda"),
      },
      done: trained("adda"),
    },
    {
      title: "Rank the target",
      command: "score",
      flags: { data: at("target"), models: at("adda"), out: at("catalogue.csv") },
      done: has("catalogue.csv"),
    },
    {
      title: "Open the sealed test, once",
      command: "evaluate",
      flags: {
        inputs: [at("source-only"), at("adda")].join(","),
        data: at("target"),
        prevalence: 0.1,
        name: "sealed test",
        out: at("report"),
      },
      done: has("report/report.html"),
    },
  ];
}

/** Settings of ADDA that suit a few hundred steps. */
const ADDA: Flags = { "adda.batchNorm": "target", "adda.lr": 2e-5, "adda.discriminatorLr": 5e-4 };

async function runStep(step: Step, words: readonly string[]): Promise<void> {
  const { COMMANDS } = await import("./commands.ts");
  const loaded: Command = await COMMANDS.find(({ name }) => name === step.command)!.load();
  const chosen = (key: string) => (step.flags[key] === undefined ? undefined : String(step.flags[key]));
  const of = typeof loaded.schema === "function" ? loaded.schema(chosen) : loaded.schema;
  const flags = Object.fromEntries(Object.entries(step.flags).map(([key, value]) => [key, String(value)]));
  const { values, origin } = resolveConfig(step.command, of, { flags });
  await asTyped(words, () => loaded.run(values, origin));
}

const flag = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The words with positional arguments in their place, as a person would type them. */
function positional(step: Step, words: readonly string[]): string[] {
  const places: Record<string, string[]> = {
    simulate: ["out"],
    train: ["source", "target"],
    score: ["data", "models"],
    evaluate: ["inputs"],
  };
  const first = places[step.command]!;
  const values = first.flatMap((key) => String(step.flags[key]).split(","));
  const rest: string[] = [];
  for (let i = 1; i < words.length; i += 2) {
    if (first.some((key) => flag(key) === words[i])) continue;
    rest.push(...(words[i + 1] === "true" ? [words[i]!] : [words[i]!, words[i + 1]!]));
  }
  return [step.command, ...values, ...rest];
}
