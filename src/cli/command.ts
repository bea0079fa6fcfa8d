/** What a command is. Each command has its own file in this folder; `commands.ts` lists them. */
import type { z } from "zod";
import type { Origin } from "../foundation/config.ts";
import type { HelpGroups } from "./help-groups.ts";

/** What the user set for a key (on the command line, else in the file), before anything is checked. */
export type Chosen = (key: string) => string | undefined;

/** Runs another command by name, with values by key, as if given as flags. */
export type RunCommand = (name: string, flags: Readonly<Record<string, string | number>>) => Promise<void>;

export interface Command<S extends z.ZodObject = z.ZodObject> {
  /** A paragraph for `--help`, under the summary. */
  details?: string;
  /**
   * Every value the command takes; `--help` gets its descriptions, units, ranges and defaults from here. A function
   * may depend on a choice, as a method's own settings depend on `--method`.
   */
  schema: S | ((chosen: Chosen) => S);
  /** Keys of the schema that are given without a flag, in this order; a list takes all that remain. */
  positionals?: string[];
  /** Headings of the settings in a long help, whose `--help` prints only the basics. */
  help?: HelpGroups;
  /** What to say of a flag that is unknown now but known with another choice; undefined of any other. */
  whose?: (flag: string, chosen: Chosen) => string | undefined;
  /** A line that runs as written, shown at the end of `--help`. */
  example: string;
  run(values: z.output<S>, origin: Record<string, Origin>, runCommand: RunCommand): Promise<void> | void;
}

/** The headings of `arclet --help`, in their order. */
export const STAGES = [
  "Start here",
  "Simulate",
  "Bring in images",
  "Train and adapt",
  "Rank and judge",
  "Look up",
] as const;
export type Stage = (typeof STAGES)[number];

/** A command in the table of all commands; its file is imported only when it is run. */
export interface Entry {
  name: string;
  /** Its heading in `arclet --help`. */
  stage: Stage;
  /** One line for the list in `arclet --help`. */
  summary: string;
  load: () => Promise<Command>;
}

/** Gives a command's `run` the types of its schema. */
export const command = <S extends z.ZodObject>(definition: Command<S>): Command<S> => definition;
