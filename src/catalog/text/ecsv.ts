/**
 * ECSV (astropy APE 6): comment lines of YAML that name columns, their types and units, a line of names, rows separated by blanks
 * or commas; an empty text in quotes is a masked value.
 */
import { parseDocument } from "yaml";
import { ArcletError } from "../../foundation/errors.ts";
import { columnNames, recordsOf } from "./records.ts";
import type { TextForm } from "./text-form.ts";

interface EcsvColumn {
  name?: unknown;
  datatype?: unknown;
  unit?: unknown;
}

/** @returns null when it is none. @throws ArcletError when its head can't be read or contradicts its line of names */
export function ecsvForm(path: string, lines: readonly string[]): Omit<TextForm, "encoding"> | null {
  if (!/^# %ECSV \d/.test(lines[0] ?? "")) return null;
  const end = lines.findIndex((line) => !line.startsWith("#"));
  const broken = (problem: string) => new ArcletError({ where: path, code: "broken", problem });
  if (end < 0) throw broken("is ECSV without a line of names");
  const head = lines.slice(1, end).map((line) => line.replace(/^# ?/, ""));
  const document = parseDocument(head.join("\n"), { logLevel: "silent", customTags: [] });
  if (document.errors.length > 0) throw broken("is ECSV whose head is not valid YAML");
  const stated = document.toJS({ maxAliasCount: 0 }) as { delimiter?: unknown; datatype?: unknown } | null;
  const columns = stated?.datatype as EcsvColumn[] | undefined;
  if (!Array.isArray(columns) || columns.some((one) => typeof one?.name !== "string"))
    throw broken("is ECSV without a list of columns (datatype)");
  const delimiter = stated?.delimiter ?? " ";
  if (delimiter !== " " && delimiter !== ",") throw broken(`is ECSV whose delimiter is ${delimiter}`);
  const names = columns.map(({ name }) => name as string);
  const [row] = recordsOf(lines[end]!, { delimiter, comments: true });
  if (row?.cells.join("\n") !== names.join("\n"))
    throw broken(`is ECSV whose line of names (${row?.cells.join(", ")}) is not that of its head`);
  const own = columnNames(names);
  return {
    delimiter,
    names: own,
    units: new Map(columns.flatMap(({ unit }, c) => (typeof unit === "string" ? [[own[c]!, unit]] : []))),
    texts: own.filter((_, c) => columns[c]!.datatype === "string"),
    firstRow: end + 2,
    comments: true,
    decimalComma: false,
    plain: false,
    said: [],
  };
}
