/** `arclet finders`: lists the trained finders that come with Arclet, or prints one's card. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { text } from "../foundation/field.ts";
import { CARD_FILE, type Finder, finderNamed, finderNames } from "../train/finders/finders.ts";
import { columnsText } from "./columns.ts";
import { command } from "./command.ts";

export const finders = command({
  details:
    "Without a name: one line for each finder. With a name: its card, which says what it was trained on, how well it does, " +
    "and what it must not be used for. A finder's name can be given wherever a command takes a run: arclet score data/target " +
    "hsc, arclet train --from hsc. A file of that name, or a run's folder, goes before the finder. The variable " +
    "ARCLET_FINDERS names another folder of finders.",
  schema: z.strictObject({
    name: text("a finder's name (none: all of them)", { default: null }),
  }),
  positionals: ["name"],
  example: "arclet finders",
  run({ name }) {
    if (name !== null) {
      const { model } = finderNamed(name);
      process.stdout.write(readFileSync(join(dirname(model), CARD_FILE), "utf8"));
      return;
    }
    const all = finderNames().map(finderNamed);
    if (all.length === 0) console.log("no finder comes with this Arclet; bench/finders/run.sh trains them");
    else process.stdout.write(columnsText([HEAD, ...all.map(rowOf)]));
  },
});

const HEAD = ["name", "bands", "pixels", "size", "kind", "AUROC", "tested on", "what it is"];

function rowOf({ name, card }: Finder): string[] {
  const { bands, pixelScale, size, pixels, figures, summary } = card;
  const [first] = figures;
  return [
    name,
    bands.join(" "),
    `${pixelScale}"`,
    String(size),
    pixels,
    first!.auroc.value.toFixed(3),
    first!.test,
    summary,
  ];
}
