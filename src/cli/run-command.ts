/** Runs a command by name, with values instead of a command line. */
import { resolveConfig } from "../foundation/config.ts";
import type { Entry, RunCommand } from "./command.ts";

/** @param commands the table of all commands */
export function commandRunner(commands: readonly Entry[]): RunCommand {
  const run: RunCommand = async (name, given) => {
    const command = await commands.find((entry) => entry.name === name)!.load();
    const flags = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
    const schema =
      typeof command.schema === "function" ? command.schema((key) => flags[key]) : command.schema;
    const { values, origin } = resolveConfig(name, schema, { flags });
    await command.run(values, origin, run);
  };
  return run;
}
