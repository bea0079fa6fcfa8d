/** `arclet methods`: how a finder can be adapted, in which papers, and with which settings. */
import { z } from "zod";
import { methods as known } from "../adapt/registry.ts";
import { describeConfig } from "../foundation/config.ts";
import { text } from "../foundation/field.ts";
import { DEFAULT_ENCODER } from "../train/config.ts";
import { groupOf } from "../train/group.ts";
import { presetValues } from "../train/presets/presets.ts";
import { command } from "./command.ts";
import { flagOf } from "./options.ts";

/** What the list says of grades. */
const GRADES = { no: "", optional: "; takes grades", needed: "; needs grades" } as const;

export const methods = command({
  details:
    "With a name: every setting of that method with its default, its values under --preset survey (with the equivariant network) and --preset deeplense, and the numbers that " +
    "its steps write to logs and figures.",
  schema: z.strictObject({
    name: text("a method's name (none: all of them)", { default: null }),
  }),
  positionals: ["name"],
  example: "arclet methods adamatch",
  run({ name }) {
    if (name === null) {
      const width = Math.max(...known.names.map(({ length }) => length));
      for (const { name: title, summary, paper, graded } of known.list)
        process.stdout.write(
          `${title.padEnd(width)}  ${summary}${GRADES[graded]}${paper ? ` [${paper}]` : ""}\n`,
        );
      return;
    }
    const { name: title, paper, summary, schema, numbers, graded } = known.find(name, "methods");
    process.stdout.write(`${title}: ${summary}${GRADES[graded]}\n${paper ? `${paper}\n` : ""}`);
    for (const { key, default: value, description } of describeConfig(schema)) {
      const also = ["survey", "deeplense"].map((preset) => {
        const own = presetValues(preset, title, DEFAULT_ENCODER).own[key];
        return own === undefined ? "" : `, ${preset} ${typeof own === "string" ? own : JSON.stringify(own)}`;
      });
      const flag = flagOf(`${groupOf(title)}.${key}`);
      process.stdout.write(`  ${flag} (${value ?? "none"}${also.join("")}): ${description}\n`);
    }
    process.stdout.write("Numbers in its logs and figures:\n");
    for (const [number, { kind, meaning, when, each }] of Object.entries(numbers)) {
      const names = each === undefined ? number : `${number}1, ${number}2, …`;
      const about = [kind, ...(each === undefined ? [] : [`one for each ${each}`]), ...(when ? [when] : [])];
      process.stdout.write(`  ${names} (${about.join(", ")}): ${meaning}\n`);
    }
  },
});
