/** Errors of the command line. The parser's code says what is wrong; parsing again gives the words that are. */
import type { Command as Commander, CommanderError } from "commander";
import { reasonOf } from "../foundation/errors/foreign.ts";
import { unknownKey } from "../foundation/errors/unknown.ts";
import { ArcletError } from "../foundation/errors.ts";
import { flagOf } from "./options.ts";

/** Commands whose work divides (`divided.ts`). */
export const DIVIDED_COMMANDS = [
  "simulate",
  "import",
  "cutouts",
  "detect",
  "fetch",
  "paint",
  "score",
  "compare",
  "tune",
  "embed",
  "explain",
  "selection",
] as const;
const ABOUT_SHARDS = ["--shard", "--shards", "--on", "--at-most", "--slurm"];

/** By command, what to say of a flag that is one of its settings only with another choice; undefined of any other. */
export type ForeignSettings = WeakMap<Commander, (flag: string) => string | undefined>;

/**
 * @param program with its subcommands
 * @param name the command that was requested, which need not exist
 * @param foreign settings that a command has only with another choice
 */
export function usageError(
  error: CommanderError,
  program: Commander,
  name: string | undefined,
  args: readonly string[],
  foreign: ForeignSettings = new WeakMap(),
): ArcletError {
  const sub = program.commands.find((command) => command.name() === name);
  const where = sub?.name() ?? "arclet";
  switch (error.code) {
    case "commander.unknownOption":
      return unknownOption(where, sub ?? program, wordsOf(program, sub, args).unknown[0] ?? "", foreign);
    case "commander.excessArguments": {
      const { operands } = wordsOf(program, sub, args);
      const takes = sub?.registeredArguments.length ?? 0;
      const problem = `too many arguments: ${operands.join(" ")} (it takes ${takes === 0 ? "none" : takes})`;
      return new ArcletError({ where, code: "argument", problem });
    }
    case "commander.optionMissingArgument":
      // Only the last word can lack its value.
      return new ArcletError({ where, code: "missing", field: args.at(-1), problem: "needs a value" });
    default:
      return new ArcletError({ where, code: "argument", problem: reasonOf(error) }, { cause: error });
  }
}

function unknownOption(
  where: string,
  command: Commander,
  word: string,
  foreign: ForeignSettings,
): ArcletError {
  const flag = word.split("=", 1)[0]!;
  const whose = foreign.get(command)?.(flag);
  if (whose !== undefined) return new ArcletError({ where, code: "conflict", field: flag, problem: whose });
  if (where !== "arclet" && ABOUT_SHARDS.includes(flag)) {
    const problem = `is for work that divides, which is that of ${new Intl.ListFormat("en-GB").format(DIVIDED_COMMANDS)}: ${where} does its own in one piece`;
    return new ArcletError({ where, code: "unknown", field: flag, problem });
  }
  const positional = command.registeredArguments.find((one) => flagOf(one.name()) === flag);
  if (positional !== undefined) {
    const problem = `is given without a flag: arclet ${where} <${positional.name()}>`;
    return new ArcletError({ where, code: "unknown", field: flag, problem });
  }
  const flags = command.options.flatMap(({ long }) => long ?? []);
  const help = where === "arclet" ? "arclet --help" : `arclet ${where} --help`;
  return unknownKey(where, flag, [...flags, "--help"], { noun: "an option", fix: `${help} lists them` });
}

/** The words that are not options, without the command's name, and those from the first unknown option on. */
function wordsOf(program: Commander, sub: Commander | undefined, args: readonly string[]) {
  const top = program.parseOptions([...args]);
  if (sub === undefined) return top;
  const { operands, unknown } = sub.parseOptions(top.unknown);
  return { operands: [...top.operands.slice(1), ...operands], unknown };
}
