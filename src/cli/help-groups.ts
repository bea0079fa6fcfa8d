/**
 * The headings of a long command's settings in its help: the few that a first use needs, then the others, which only
 * `--help-all` prints.
 */
import type { FieldRow } from "../foundation/config.ts";
import { groupOf } from "../train/group.ts";

export interface HelpGroups {
  /** What `--help` prints: keys by heading, in this order. */
  basics: Readonly<Record<string, readonly string[]>>;
  /** What only `--help-all` prints. The last part of a dotted key is left out: `stretch` stands for all of its keys. */
  others: Readonly<Record<string, readonly string[]>>;
  /** Choices whose own settings `--help` prints as well once they are made: `method` for `adda.lr` with `--method adda`. */
  choices: readonly string[];
}

export const HELP_ALL = "--help-all";

/** Whether all settings are asked for. */
export const allHelp = (args: readonly string[]): boolean => beforeEnd(args).includes(HELP_ALL);

/** A command line that asks for the help that the parser knows. */
export const asHelp = (args: readonly string[]): string[] => {
  const own = beforeEnd(args);
  return args.map((word, i) => (i < own.length && word === HELP_ALL ? "--help" : word));
};

/** The words before `--`, after which nothing is a flag. */
const beforeEnd = (args: readonly string[]): readonly string[] =>
  args.includes("--") ? args.slice(0, args.indexOf("--")) : args;

/**
 * Rows under their headings, sorted; a row that no heading has is under that of its own group, or `Other settings`.
 *
 * @param made choices that were made: their settings are basic, too
 */
export function grouped(
  rows: readonly FieldRow[],
  { basics, others }: HelpGroups,
  made: readonly string[] = [],
): { row: FieldRow; heading: string; basic: boolean }[] {
  const headings = [...Object.entries(basics), ...Object.entries(others)];
  const basic = new Set(Object.keys(basics));
  const placed = rows.map((row) => {
    const at = headings.findIndex(([, keys]) =>
      keys.some((key) => row.key === key || row.key.startsWith(`${key}.`)),
    );
    const [heading, keys] = headings[at] ?? [row.group || ownHeading(row.key), []];
    return {
      row,
      heading,
      basic: basic.has(heading) || made.some((name) => row.key.startsWith(`${groupOf(name)}.`)),
      // A method's own settings come right after the basics.
      at: at < 0 ? basic.size - 0.5 : at,
      place: keys.indexOf(row.key),
    };
  });
  return placed
    .sort((a, b) => a.at - b.at || a.place - b.place)
    .map(({ row, heading, basic: first }) => ({ row, heading, basic: first }));
}

/** `Settings of adda` for `adda.lr`. */
const ownHeading = (key: string): string =>
  key.includes(".") ? `Settings of ${key.slice(0, key.indexOf("."))}` : "Other settings";
