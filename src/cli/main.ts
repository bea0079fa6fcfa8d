/**
 * The command line: finds the command, turns its schema into flags, resolves defaults, file and flags, runs it,
 * and turns every error into one line and an exit code.
 */

import { Command as Commander, CommanderError } from "commander";
import { z } from "zod";
import { sendError } from "../foundation/child-error.ts";
import { asTyped as namedAs } from "../foundation/command-line.ts";
import { type ConfigFile, resolveConfig } from "../foundation/config.ts";
import { foreignError, reasonOf, systemProblem } from "../foundation/errors/foreign.ts";
import { spelled } from "../foundation/errors/sentence.ts";
import { unknownKey } from "../foundation/errors/unknown.ts";
import { ArcletError, EXIT, oneLine } from "../foundation/errors.ts";
import { listenForInterrupts } from "../foundation/interrupt.ts";
import { endBars, showProgress } from "../foundation/progress.ts";
import { guardTerminal } from "../foundation/terminal.ts";
import { setUnpackBound, UNPACK_BOUND } from "../foundation/unpacking.ts";
import { version } from "../foundation/version.ts";
import type { Chosen, Command, Entry } from "./command.ts";
import { COMMANDS, RENAMED } from "./commands.ts";
import { allHelp, asHelp, HELP_ALL } from "./help-groups.ts";
import { addFields, chosenOnCommandLine, flagOf, givenFlags } from "./options.ts";
import { load, PLUGIN_OPTION, pluginsInFile, takePlugins } from "./plugin-flag.ts";
import { commandRunner } from "./run-command.ts";
import { asTyped, type Typing } from "./typed-error.ts";
import { type ForeignSettings, usageError } from "./usage-error.ts";

/**
 * Runs `arclet` with the arguments after its name, and sets `process.exitCode`. A program may call it again once it has
 * ended; only plug-ins stay loaded.
 */
export async function main(args: string[]): Promise<void> {
  guardTerminal();
  listenForFullOutput();
  showProgress();
  // Not 0: Node's own codes for a program that breaks off would not replace it.
  process.exitCode = undefined;
  await namedAs(args, () => runProgram(args));
}

async function runProgram(args: string[]): Promise<void> {
  const program = new Commander("arclet");
  let words = args;
  let all = false;
  try {
    const taken = takePlugins(args);
    all = allHelp(taken.args);
    words = asHelp(taken.args);
    await load(taken.plugins);
    await addCommands(program, words, all);
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) process.exitCode = await report(error, words);
    // --help and --version end with an exception.
    else if (error.exitCode !== 0)
      process.exitCode = await report(
        usageError(error, program, requestedCommand(words), words, foreignSettings),
        words,
      );
  }
}

let listening = false;

/** What is printed may find no room, or no reader. */
function listenForFullOutput(): void {
  if (listening) return;
  listening = true;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A reader that closes the pipe early (`| head`) is not an error.
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    endBars();
    process.stderr.write(
      `arclet: standard output: ${systemProblem(error)?.problem ?? oneLine(error.message)}\n`,
    );
    process.exit(EXIT.refused);
  });
  // Where an error can't be said, its exit code still is.
  process.stderr.on("error", () => {});
}

/** Of a command, what to say of a flag that is a setting only with another choice. */
const foreignSettings: ForeignSettings = new WeakMap();

/** Gives the program its commands; only the requested one is imported. */
async function addCommands(program: Commander, args: string[], all: boolean): Promise<void> {
  program
    .description(
      "Finds strong gravitational lenses in survey images with networks trained on simulated ones.",
    )
    .version(version(), "-V, --version", "print the version")
    .option(...PLUGIN_OPTION)
    .option("--debug", "print where an error came from")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", "\narclet <command> --help shows a command's settings and an example.")
    .configureOutput({ writeErr: () => {} })
    .addHelpCommand(
      new Commander("help")
        .argument("[command]")
        .description("print a command's help")
        .helpOption(false)
        .helpGroup("Look up:"),
    )
    .exitOverride();

  const requested = requestedCommand(args);
  for (const entry of COMMANDS) {
    const sub = program.command(entry.name).description(sentence(entry.summary)).summary(entry.summary);
    sub.helpGroup(`${entry.stage}:`);
    sub
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .helpOption("-h, --help", "print this help");
    if (entry.name === requested) await build(sub, entry, args, all);
  }
  if (requested !== undefined && !COMMANDS.some((entry) => entry.name === requested)) {
    const now = RENAMED[requested];
    if (now !== undefined)
      throw new ArcletError({
        where: `arclet ${requested}`,
        code: "unknown",
        problem: `is now called arclet ${now}`,
      });
    const names = COMMANDS.map((entry) => entry.name);
    throw unknownKey("arclet", requested, names, {
      noun: "a command",
      begins: true,
      fix: "arclet --help lists the commands",
    });
  }
}

/** Gives a command its flags, its help and its action. */
async function build(sub: Commander, entry: Entry, args: string[], all: boolean): Promise<void> {
  const { file, plugins } = await configFile(chosenOnCommandLine(args, "config"));
  // Before the schema, which lists the names of methods, encoders and surveys.
  await load(plugins);
  const command = await entry.load();
  const chosen = (key: string) => {
    const inFile = file?.values[key];
    return chosenOnCommandLine(args, key) ?? (inFile === undefined ? undefined : String(inFile));
  };
  const positionals = command.positionals ?? [];
  const spell = (key: string) => (positionals.includes(key) ? `<${key}>` : flagOf(key));
  const typing = { command: entry.name, file, spell };
  const schema = schemaOf(command, chosen, {
    ...typing,
    originOf: (key) =>
      chosenOnCommandLine(args, key) !== undefined ? "flag" : chosen(key) !== undefined ? "file" : undefined,
  });

  if (command.details) sub.description(`${sentence(entry.summary)}\n\n${command.details}`);
  const made = (command.help?.choices ?? []).flatMap((key) => chosenOnCommandLine(args, key) ?? []);
  addFields(sub, schema, positionals, { groups: command.help, made, all });
  const { whose } = command;
  if (whose !== undefined) foreignSettings.set(sub, (flag) => whose(flag, chosen));
  sub.option("--config <file>", "read settings from a YAML or JSON file; flags override it");
  sub.option(...PLUGIN_OPTION);
  sub.option("--debug", "print where an error came from");
  sub.option(
    "--unpack-bound <times>",
    `refuse packed files (gzip, zip) that unpack to more than this many times their size (default ${UNPACK_BOUND})`,
  );
  if (command.help !== undefined) sub.option(HELP_ALL, "print this help with every setting");
  if (command.help !== undefined && !all)
    sub.addHelpText(
      "after",
      `\nThe method's and the encoder's own settings, and more: arclet ${entry.name} ${HELP_ALL}`,
    );
  sub.addHelpText("after", `\nExample:\n  ${command.example}`);
  sub.action(async () => {
    const flags = givenFlags(sub, schema, positionals);
    const { values, origin } = resolved(
      () => resolveConfig(entry.name, schema, { file, flags, spell }),
      (key) => whose?.(flagOf(key), chosen),
    );
    setUnpackBound(sub.opts().unpackBound);
    listenForInterrupts();
    try {
      await command.run(values, origin, commandRunner(COMMANDS));
    } catch (error) {
      throw asTyped(error, { ...typing, originOf: (key) => origin[key] });
    }
  });
}

/** Resolves; a file's unknown key may be a setting with another choice. */
function resolved<T>(resolve: () => T, whose: (key: string) => string | undefined): T {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof ArcletError) || error.code !== "unknown" || error.field === undefined) throw error;
    const { where, line } = error;
    const problem = whose(spelled(error.field));
    if (problem === undefined) throw error;
    throw new ArcletError({ where, line, code: "conflict", field: error.field, problem });
  }
}

/** A command's settings; a wrong choice that they depend on is named as it was typed. */
function schemaOf({ schema }: Command, chosen: Chosen, typing: Typing): z.ZodObject {
  if (schema instanceof z.ZodObject) return schema;
  try {
    return schema(chosen);
  } catch (error) {
    throw asTyped(error, typing);
  }
}

/** The file given by --config, and the plug-ins that it names. */
async function configFile(path: string | undefined): Promise<{ file?: ConfigFile; plugins: string[] }> {
  if (path === undefined) return { plugins: [] };
  const { readConfigFile } = await import("./config-file.ts");
  return pluginsInFile(readConfigFile(path));
}

/** Prints an error as one line, and sends it to the command that started this one, if any. @returns the exit code */
async function report(error: unknown, args: string[]): Promise<number> {
  endBars();
  const reported = ownError(error);
  const known = reported instanceof ArcletError;
  const bug = " (this is a bug in arclet: please report it with what --debug prints)";
  const line = known ? reported.message : `${nameOf(reported)}${reasonOf(reported)}${bug}`;
  process.stderr.write(known && reported.where === "arclet" ? `${line}\n` : `arclet: ${line}\n`);
  if (args.includes("--debug")) process.stderr.write(`${stackOf(reported)}\n`);
  await sendError(reported);
  return known ? reported.exitCode : EXIT.internal;
}

/** A system error becomes one about the file that it names, or about the program; any other is returned unchanged. */
function ownError(error: unknown): unknown {
  const path = (error as NodeJS.ErrnoException | null)?.path;
  return systemProblem(error) === undefined ? error : foreignError(path ?? "arclet", error, "unreadable");
}

const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ` : "");

/** The word in a command's position, which need not name a command. */
function requestedCommand(args: string[]): string | undefined {
  const words = args.filter((word) => !word.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack}${error.cause === undefined ? "" : `\ncaused by ${stackOf(error.cause)}`}`;
}

const sentence = (summary: string): string => `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
