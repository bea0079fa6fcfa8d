/** Groups of identical images: how many are shown, and the file that has them all where there are more. */
import { csvText } from "../../foundation/csv.ts";

/** Groups, and ids of each, that are shown. */
export const SHOWN = { groups: 5, ids: 6 };

export const DUPLICATES_FILE = "duplicates.csv";

export const fitOnScreen = (united: readonly (readonly string[])[]): boolean =>
  united.length <= SHOWN.groups && united.every(({ length }) => length <= SHOWN.ids);

/** Each image's id, and that of the first one that is the same. */
export const duplicatesCsv = (united: readonly (readonly string[])[]): string =>
  csvText([["id", "same_as"], ...united.flatMap((ids) => ids.map((id) => [id, ids[0]!]))]);
