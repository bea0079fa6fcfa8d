/** `arclet demo`: the whole way once, on data that it makes: two surveys, two finders, one opening of the seal. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { asTyped, line } from "../foundation/command-line.ts";
import { duration } from "../foundation/progress.ts";
import { command } from "./command.ts";
import { isDone, PARTS, stepsOf, wordsOf } from "./demo/steps.ts";

const schema = z.strictObject({
  out: z.string().min(1).default("demo").describe("the folder to fill; what is whole in it already is kept"),
  fresh: z.boolean().default(false).describe("remove what an earlier demo left in it, and begin anew"),
  source: z.number().int().min(200).default(2600).describe("simulated images of the source"),
  target: z.number().int().min(400).default(2600).describe("simulated images of the target"),
  epochs: z.number().int().min(1).default(7).describe("epochs of training on the source"),
  adaptEpochs: z.number().int().min(1).default(4).describe("epochs of adaptation"),
  seed: z.number().int().min(0).default(1).describe("one seed gives one demo"),
});

export const demo = command({
  details:
    "The source is HSC-like (sharper, deeper, other colours and sources, half of it lenses); the target is " +
    "CFHTLS-like, one in ten a lens, and its labels are read only when the sealed test is opened.",
  schema,
  example: "arclet demo --out demo",
  async run(values, _origin, runCommand) {
    const started = Date.now();
    if (values.fresh)
      for (const part of PARTS) rmSync(join(values.out, part), { recursive: true, force: true });
    const steps = stepsOf(values);
    for (const [k, step] of steps.entries()) {
      const words = wordsOf(step);
      console.log(`\n${k + 1}/${steps.length} ${step.title}\n$ ${line(words)}`);
      if (isDone(step, values.out)) console.log("kept from an earlier demo");
      else await asTyped(words, () => runCommand(step.command, step.flags));
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
