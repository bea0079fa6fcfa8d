/**
 * The command line's frame: finds the command, turns its schema into flags, resolves defaults, file and flags,
 * runs it, and turns every error into one line and an exit code.
 */

import { Command as Commander, CommanderError } from "commander";
import { z } from "zod";
import { sendError } from "../foundation/child-error.ts";
import { type ConfigFile, type Origin, placeIn, resolveConfig } from "../foundation/config.ts";
import { foreignError, reasonOf, systemProblem } from "../foundation/errors/foreign.ts";
import { unknownKey } from "../foundation/errors/unknown.ts";
import { ArcletError, EXIT } from "../foundation/errors.ts";
import { listenForInterrupts } from "../foundation/interrupt.ts";
import { version } from "../foundation/version.ts";
import type { Command, Entry } from "./command.ts";
import { COMMANDS, RENAMED } from "./commands.ts";
import { addFields, chosenOnCommandLine, flagOf, givenFlags } from "./options.ts";
import { commandRunner } from "./run-command.ts";
import { usageError } from "./usage-error.ts";

/** Runs `arclet` with the arguments after its name; leaves the exit code in `process.exitCode`. */
export async function main(args: string[]): Promise<void> {
  // A reader that closes the pipe early (`| head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    throw error;
  });
  const program = new Commander("arclet");
  try {
    await furnish(program, args);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) process.exitCode = await report(error, args);
    // --help and --version leave by an exception
    else if (error.exitCode !== 0)
      process.exitCode = await report(usageError(error, program, askedFor(args), args), args);
  }
}

/** Gives the program its commands; the one that is asked for is read whole. */
async function furnish(program: Commander, args: string[]): Promise<void> {
  program
    .description(
      "Finds strong gravitational lenses in survey images with networks trained on simulated ones.",
    )
    .version(version(), "-V, --version", "print the version")
    .option("--debug", "print where an error came from")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", "\narclet <command> --help shows a command's settings and an example.")
    .configureOutput({ writeErr: () => {} })
    .exitOverride();

  const asked = askedFor(args);
  for (const entry of COMMANDS) {
    const sub = program.command(entry.name).description(sentence(entry.summary)).summary(entry.summary);
    sub
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .helpOption("-h, --help", "print this help");
    if (entry.name === asked) await build(sub, entry, await entry.load(), args);
  }
  if (asked !== undefined && !COMMANDS.some((entry) => entry.name === asked)) {
    const now = RENAMED[asked];
    if (now !== undefined)
      throw new ArcletError({
        where: `arclet ${asked}`,
        code: "unknown",
        problem: `is now called arclet ${now}`,
      });
    const names = COMMANDS.map((entry) => entry.name);
    throw unknownKey("arclet", asked, names, { noun: "a command", fix: "arclet --help lists the commands" });
  }
}

interface Typed {
  origin: Record<string, Origin>;
  file: ConfigFile | undefined;
  spell: (key: string) => string;
}

/** Gives a command its flags, its help and its action. */
async function build(sub: Commander, entry: Entry, command: Command, args: string[]): Promise<void> {
  const configPath = chosenOnCommandLine(args, "config");
  const file =
    configPath === undefined ? undefined : (await import("./config-file.ts")).readConfigFile(configPath);
  const chosen = (key: string) => {
    const inFile = file?.values[key];
    return chosenOnCommandLine(args, key) ?? (inFile === undefined ? undefined : String(inFile));
  };
  const schema = command.schema instanceof z.ZodObject ? command.schema : command.schema(chosen);
  const positionals = command.positionals ?? [];
  const spell = (key: string) => (positionals.includes(key) ? `<${key}>` : flagOf(key));

  if (command.details) sub.description(`${sentence(entry.summary)}\n\n${command.details}`);
  addFields(sub, schema, positionals);
  sub.option("--config <file>", "read settings from a YAML or JSON file; flags win over it");
  sub.option("--debug", "print where an error came from");
  sub.addHelpText("after", `\nExample:\n  ${command.example}`);
  sub.action(async () => {
    const flags = givenFlags(sub, schema, positionals);
    const { values, origin } = resolveConfig(entry.name, schema, { file, flags, spell });
    listenForInterrupts();
    try {
      await command.run(values, origin, commandRunner(COMMANDS));
    } catch (error) {
      throw asTyped(error, entry.name, { origin, file, spell });
    }
  });
}

/** A command's error about one of its settings, which is named as the user typed it: a flag, or a file's key. */
function asTyped(error: unknown, name: string, { origin, file, spell }: Typed): unknown {
  if (!(error instanceof ArcletError) || error.where !== name || error.field === undefined) return error;
  const key = typeof error.field === "string" ? error.field : error.field.join(".");
  if (!Object.hasOwn(origin, key)) return error;
  if (file === undefined || origin[key] !== "file") return error.with({ field: spell(key) });
  return error.with(placeIn(file, key));
}

/** Prints an error as one line, and tells the command that started this one, if any. @returns the exit code */
async function report(error: unknown, args: string[]): Promise<number> {
  const told = ownError(error);
  const known = told instanceof ArcletError;
  const bug = " (this is a bug in arclet: please report it with what --debug prints)";
  const line = known ? told.message : `${nameOf(told)}${reasonOf(told)}${bug}`;
  process.stderr.write(known && told.where === "arclet" ? `${line}\n` : `arclet: ${line}\n`);
  if (args.includes("--debug")) process.stderr.write(`${stackOf(told)}\n`);
  await sendError(told);
  return known ? told.exitCode : EXIT.internal;
}

/** An error of the system that names a file is the file's; any other stays what it is. */
function ownError(error: unknown): unknown {
  const path = (error as NodeJS.ErrnoException | null)?.path;
  if (path === undefined || systemProblem(error) === undefined) return error;
  return foreignError(path, error, "unreadable");
}

const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ` : "");

/** The word that names a command; there may be none of that name. */
function askedFor(args: string[]): string | undefined {
  const words = args.filter((word) => !word.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack}${error.cause === undefined ? "" : `\ncaused by ${stackOf(error.cause)}`}`;
}

const sentence = (summary: string): string => `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
