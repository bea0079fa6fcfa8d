/** The positive class. */
import { unknown } from "../foundation/errors/unknown.ts";
import { text } from "../foundation/field.ts";
import { lensClass } from "../train/lens-class.ts";

/** The setting that names it. @param use what the class is for, in the help */
export const positiveField = (use = "the positive class") =>
  text(`${use} (none: lens, else the last)`, { default: null });

/** The named class's index; if none is named, that of `lens`, else the last. @throws ArcletError for an unknown name */
export function positiveOf(classes: readonly string[], name: string | null): number {
  if (name === null) return lensClass(classes);
  const index = classes.indexOf(name);
  if (index >= 0) return index;
  throw unknown("positive", "class", name, classes);
}
