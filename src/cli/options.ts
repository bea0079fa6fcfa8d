/** A command's schema as flags: `batchSize` is `--batch-size`, with range, unit and default in its help. */
import { type Command as Commander, Option } from "commander";
import type { z } from "zod";
import { describeConfig, type FieldRow } from "../foundation/config.ts";
import { grouped, type HelpGroups } from "./help-groups.ts";

/** The flag of a key: `batchSize` becomes `--batch-size`, `method.weightDecay` `--method.weight-decay`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll("_", "-")}`;
}

/**
 * Adds an argument or an option for each field.
 *
 * @param groups headings in place of the fields' own
 * @param made choices whose own settings are basic, too
 * @param all whether the help shows more than the groups' basics
 */
export function addFields(
  program: Commander,
  schema: z.ZodObject,
  positionals: string[],
  {
    groups,
    made,
    all = true,
  }: { groups?: HelpGroups | undefined; made?: readonly string[]; all?: boolean } = {},
): void {
  const rows = describeConfig(schema);
  for (const key of positionals) {
    const row = rows.find((field) => field.key === key)!;
    // Optional to the parser: the value may be in the configuration file.
    program.argument(`[${key}${isList(row) ? "..." : ""}]`, helpOf(row));
  }
  const flags = rows.filter(({ key }) => !positionals.includes(key));
  const placed =
    groups === undefined
      ? flags.map((row) => ({ row, heading: row.group, basic: true }))
      : grouped(flags, groups, made);
  for (const { row, heading, basic } of placed)
    for (const option of optionsOf(row)) {
      if (heading !== "") option.helpGroup(`${heading}:`);
      program.addOption(option.hideHelp(!all && !basic));
    }
}

/** Values that were given on the command line itself, by key. */
export function givenFlags(program: Commander, schema: z.ZodObject, positionals: string[]) {
  const given: Record<string, unknown> = {};
  for (const [i, key] of positionals.entries()) {
    const value = program.processedArgs[i];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) given[key] = value;
  }
  for (const row of describeConfig(schema)) {
    for (const option of positionals.includes(row.key) ? [] : optionsOf(row)) {
      const name = option.attributeName();
      if (program.getOptionValueSource(name) === "cli") given[row.key] = program.getOptionValue(name);
    }
  }
  return given;
}

/**
 * A key's value on the command line, before parsing: `--method adda` or `--method=adda`. The last one counts, as
 * for the parser.
 */
export function chosenOnCommandLine(argv: string[], key: string): string | undefined {
  const flag = flagOf(key);
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  for (let i = end - 1; i >= 0; i--) {
    if (argv[i] === flag && i + 1 < end) return argv[i + 1];
    if (argv[i]!.startsWith(`${flag}=`)) return argv[i]!.slice(flag.length + 1);
  }
  return undefined;
}

function optionsOf(row: FieldRow): Option[] {
  const flag = flagOf(row.key);
  if (row.type !== "yes/no") return [new Option(`${flag} <${valueName(row)}>`, helpOf(row))];
  const on = new Option(flag, helpOf(row));
  const without = flag.replace("--", "--no-");
  const off = new Option(without, row.default === undefined ? "" : `without: ${helpOf(row)}`);
  if (row.default === undefined) return [on, off];
  return row.default === "true" ? [off] : [on];
}

const isList = (row: FieldRow): boolean => row.type.startsWith("list");

function valueName(row: FieldRow): string {
  if (isList(row)) return "list";
  if (row.type === "number" || row.type === "whole number") return "number";
  return row.type === "text" ? "text" : "choice";
}

/** `PSF's full width at half maximum, > 0 arcsec (default 0.7)` */
function helpOf(row: FieldRow): string {
  const kind = /one of| or |chosen from/.test(row.type)
    ? row.type.replace(/^(one of|list chosen from) /, "")
    : "";
  const range = [row.range, row.unit].filter(Boolean).join(" ");
  const shownDefault = row.default !== undefined && row.type !== "yes/no" && row.default !== "";
  const parts = [row.description, kind, range].filter(Boolean).join("; ");
  return shownDefault ? `${parts} (default ${row.default})` : parts;
}
