/**
 * The command line's frame: finds the command, turns its schema into flags, resolves defaults, file and flags,
 * runs it, and turns every error into one line and an exit code.
 */

import { readFileSync } from "node:fs";
import { Command as Commander, CommanderError } from "commander";
import { z } from "zod";
import { resolveConfig } from "../foundation/config.ts";
import { ArcletError, EXIT } from "../foundation/errors.ts";
import { fileError } from "../foundation/files.ts";
import { listenForInterrupts } from "../foundation/interrupt.ts";
import { nearest } from "../foundation/nearest.ts";
import { COMMANDS, type Entry, RENAMED } from "./commands.ts";
import { readConfigFile } from "./config-file.ts";
import { addFields, chosenOnCommandLine, flagOf, givenFlags } from "./options.ts";
import { load, PLUGIN_OPTION, pluginsInFile, takePlugins } from "./plugin-flag.ts";

/** Runs `arclet` with the arguments after its name; leaves the exit code in `process.exitCode`. */
export async function main(args: string[]): Promise<void> {
  // A reader that closes the pipe early (`| head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    throw error;
  });
  let words = args;
  try {
    const taken = takePlugins(args);
    words = taken.args;
    await load(taken.plugins);
    const program = await programFor(words);
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: "user" });
  } catch (error) {
    process.exitCode = report(error, words);
  }
}

async function programFor(args: string[]): Promise<Commander> {
  const program = new Commander("arclet");
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
    .exitOverride();

  const asked = askedFor(args);
  for (const entry of COMMANDS) {
    const sub = program.command(entry.name).description(sentence(entry.summary)).summary(entry.summary);
    sub
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .helpOption("-h, --help", "print this help");
    if (entry.name === asked) await build(sub, entry, args);
  }
  if (asked !== undefined && !COMMANDS.some((entry) => entry.name === asked)) {
    const now = RENAMED[asked];
    if (now !== undefined) throw new ArcletError(`arclet ${asked} is now called arclet ${now}`);
    const near = nearest(
      asked,
      COMMANDS.map((entry) => entry.name),
    );
    const hint = near === undefined ? "arclet --help lists the commands" : `did you mean ${near}?`;
    throw new ArcletError(`${asked} is not a command, ${hint}`);
  }
  return program;
}

/** Gives a command its flags, its help and its action. */
async function build(sub: Commander, entry: Entry, args: string[]): Promise<void> {
  const configPath = chosenOnCommandLine(args, "config");
  const { file, plugins } =
    configPath === undefined ? { plugins: [] } : pluginsInFile(readConfigFile(configPath));
  // Before the schema, which holds the names of methods, encoders and surveys.
  await load(plugins);
  const command = await entry.load();
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
  sub.option(...PLUGIN_OPTION);
  sub.option("--debug", "print where an error came from");
  sub.addHelpText("after", `\nExample:\n  ${command.example}`);
  sub.action(async () => {
    const flags = givenFlags(sub, schema, positionals);
    const { values, origin } = resolveConfig(entry.name, schema, { file, flags, spell });
    listenForInterrupts();
    await command.run(values, origin);
  });
}

/** Prints an error as one line. @returns the exit code */
function report(error: unknown, args: string[]): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok; // --help and --version leave by an exception
    const command = COMMANDS.find((entry) => entry.name === askedFor(args));
    say(`${command === undefined ? "" : `${command.name}: `}${error.message.replace(/^error: /, "")}`);
    return EXIT.refused;
  }
  const path = (error as NodeJS.ErrnoException)?.path;
  const told = path === undefined ? error : fileError(path, error);
  const known = told instanceof ArcletError;
  const bug = " (this is a bug in arclet: please report it with what --debug prints)";
  say(known ? told.message : `${told instanceof Error ? `${told.name}: ${told.message}` : told}${bug}`);
  if (args.includes("--debug")) process.stderr.write(`${stackOf(told)}\n`);
  return known ? told.exitCode : EXIT.internal;
}

/** The word that names a command; there may be none of that name. */
function askedFor(args: string[]): string | undefined {
  const words = args.filter((word) => !word.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}

const say = (text: string) => process.stderr.write(`arclet: ${text.replace(/\s*\n\s*/g, " ").trim()}\n`);

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack}${error.cause === undefined ? "" : `\ncaused by ${stackOf(error.cause)}`}`;
}

const sentence = (summary: string): string => `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
