/** Where an import's labels come from: a column of classes, a column of grades, or nowhere. */

import type { Table } from "../../catalog/table.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { text } from "./candidates.ts";
import type { ImportConfig } from "./config.ts";

export interface LabelRule {
  /** Empty for an unlabelled dataset. */
  classes: string[];
  /** A row's class; null if it is unknown, undefined if the table has a class that is not in `classes`. */
  labelOf(row: number): string | null | undefined;
}

/** @throws ArcletError when the options contradict each other, a column is missing or a grade is not a number */
export function labelRule(table: Table, config: ImportConfig): LabelRule {
  if (config.labelColumn !== null && config.labelFrom !== null)
    refuse("import", "labels", "from one column, a class or a grade", [config.labelColumn, config.labelFrom]);
  if (config.labelColumn !== null) return byClass(table, config.labelColumn, config.classes);
  if (config.labelFrom !== null) return byGrade(table, config.labelFrom, config);
  if (config.classes.length > 0)
    refuse("import", "classes", "left out when there is no column of labels", config.classes);
  return { classes: [], labelOf: () => null };
}

function byClass(table: Table, column: string, given: string[]): LabelRule {
  const values = table.column(column).map(text);
  const present = [...new Set(values)].filter((value) => value !== "").sort();
  const classes = given.length > 0 ? given : present;
  if (classes.length < 2) refuse(table.path, column, "of at least two classes", classes);
  const known = new Set(classes);
  return {
    classes,
    labelOf: (row) => {
      const value = values[row]!;
      if (value === "") return null;
      return known.has(value) ? value : undefined;
    },
  };
}

function byGrade(table: Table, column: string, config: ImportConfig): LabelRule {
  const { lensFrom, notLensTo } = config;
  if (lensFrom === null || notLensTo === null || !(lensFrom > notLensTo))
    throw new ArcletError({
      where: "import",
      code: "argument",
      problem: `grades need lensFrom and notLensTo, with lensFrom above notLensTo, got ${lensFrom} and ${notLensTo}`,
    });
  const classes = config.classes.length > 0 ? config.classes : ["not-lens", "lens"];
  if (classes.length !== 2) refuse("import", "classes", "two, as grades make two", classes);
  const grades = table.column(column).map((value, row) => {
    if (value === null || (typeof value === "number" && !Number.isNaN(value))) return value;
    return refuse({ where: table.path, row: row + 1 }, column, "a number or empty", value);
  });
  return {
    classes,
    labelOf: (row) => {
      const grade = grades[row] ?? null;
      if (grade === null) return null;
      if (grade >= lensFrom) return classes[1]!;
      return grade <= notLensTo ? classes[0]! : null;
    },
  };
}
