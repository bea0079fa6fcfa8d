/** `arclet demo`: the whole pipeline once, on data that it makes: two surveys, two finders, one opening of the seal. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { asTyped, line } from "../foundation/command-line.ts";
import { count, text, yes } from "../foundation/field.ts";
import { duration } from "../foundation/progress.ts";
import { command } from "./command.ts";

const schema = z.strictObject({
  out: text("the folder to fill; steps that are complete in it are kept", { default: "demo" }),
  fresh: yes("remove an earlier demo in that folder, and start again"),
  source: count("simulated images of the source", { least: 200, default: 2600 }),
  target: count("simulated images of the target", { least: 400, default: 2600 }),
  epochs: count("epochs of training on the source, if no finder comes along", { default: 7 }),
  adaptEpochs: count("epochs of adaptation", { default: 2 }),
  adaptSteps: count("steps per epoch of adaptation", { default: 40 }),
  seed: count("one seed gives one demo", { least: 0, default: 1 }),
});

export const demo = command({
  details:
    "Starts from a finder that comes along, which learned simulated HSC images, and adapts it to a survey that it never saw: " +
    "CFHTLS, one image in ten a lens. Labels of the target are read only when the sealed test is opened. If no finder comes " +
    "along, a small one is trained first.",
  schema,
  example: "arclet demo --out demo",
  async run(values, _origin, runCommand) {
    const { demoFinder, isDone, PARTS, stepsOf, wordsOf } = await import("./demo/steps.ts");
    const started = performance.now();
    if (values.fresh)
      for (const part of PARTS) rmSync(join(values.out, part), { recursive: true, force: true });
    const finder = demoFinder();
    if (finder === null)
      console.log(
        "No finder comes with this Arclet (arclet finders), so a small one is trained, a weak one.",
      );
    const steps = stepsOf(values, finder);
    for (const [k, step] of steps.entries()) {
      const words = wordsOf(step);
      console.log(`\n${k + 1}/${steps.length} ${step.title}\n$ ${line(words)}`);
      if (isDone(step, values.out)) console.log("kept from an earlier demo");
      else await asTyped(words, () => runCommand(step.command, step.flags));
    }
    console.log(`\nDone in ${duration((performance.now() - started) / 1000)}. Look at:`);
    for (const file of [
      "report/report.html",
      "report/figures/roc.svg",
      "report/figures/top.png",
      "catalogue.csv",
    ])
      console.log(`  ${join(values.out, file)}`);
  },
});
