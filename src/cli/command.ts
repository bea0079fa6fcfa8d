/** What a command is. One file of this folder holds one command; `commands.ts` lists them. */
import type { z } from "zod";
import type { Origin } from "../foundation/config.ts";

/** What the user chose for a key (on the command line, else in the file) before anything is checked. */
export type Chosen = (key: string) => string | undefined;

/** Runs another command by its name, with values by their keys as if they had been given as flags. */
export type RunCommand = (name: string, flags: Readonly<Record<string, string | number>>) => Promise<void>;

export interface Command<S extends z.ZodObject = z.ZodObject> {
  /** A paragraph for `--help`, under the summary. */
  details?: string;
  /**
   * Every value the command takes; descriptions, units, ranges and defaults of `--help` come from here. As a
   * function it may depend on a choice, e.g. a method's own settings on `--method`.
   */
  schema: S | ((chosen: Chosen) => S);
  /** Keys of the schema that are given without a flag, in this order; a list takes all that are left. */
  positionals?: string[];
  /** A line that runs as it stands, shown at the end of `--help`. */
  example: string;
  run(values: z.output<S>, origin: Record<string, Origin>, runCommand: RunCommand): Promise<void> | void;
}

/** A command in the table of all, whose file is read only when it is asked for. */
export interface Entry {
  name: string;
  /** One line for the list in `arclet --help`. */
  summary: string;
  load: () => Promise<Command>;
}

/** Gives a command's `run` the types of its schema. */
export const command = <S extends z.ZodObject>(definition: Command<S>): Command<S> => definition;
