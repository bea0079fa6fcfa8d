/** How settings name a table of features. */

export const FEATURES =
  "an id and a column of lists, or one number a column; FILE:COLUMN names the list, FILE:z_* the columns (none: the only " +
  "column of lists, else all numbers)";
