/** `arclet methods`: how a finder can be adapted, whose ideas these are, and what each can be told. */
import { z } from "zod";
import { findMethod, methods as known } from "../adapt/registry.ts";
import { describeConfig } from "../foundation/config.ts";
import { text } from "../foundation/field.ts";
import { groupOf } from "../train/config.ts";
import { command } from "./command.ts";
import { flagOf } from "./options.ts";

export const methods = command({
  details: "With a name: every setting of that method, its default, and what --preset deeplense makes of it.",
  schema: z.strictObject({
    name: text("a method's name (none: all of them)", { default: null }),
  }),
  positionals: ["name"],
  example: "arclet methods adamatch",
  run({ name }) {
    if (name === null) {
      const width = Math.max(...known.map((one) => one.name.length));
      for (const { name: title, summary, paper } of known)
        process.stdout.write(`${title.padEnd(width)}  ${summary}${paper ? ` [${paper}]` : ""}\n`);
      return;
    }
    const { name: title, paper, summary, schema, deeplense = {} } = findMethod(name);
    process.stdout.write(`${title}: ${summary}\n${paper ? `${paper}\n` : ""}`);
    for (const { key, default: value, description } of describeConfig(schema)) {
      const preset = (deeplense as Record<string, unknown>)[key];
      const also = preset === undefined ? "" : `, deeplense ${JSON.stringify(preset)}`;
      const flag = flagOf(`${groupOf(title)}.${key}`);
      process.stdout.write(`  ${flag} (${value ?? "none"}${also}): ${description}\n`);
    }
  },
});
