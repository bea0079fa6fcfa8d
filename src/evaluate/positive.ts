/** Which class is looked for. */
import { unknown } from "../foundation/errors/unknown.ts";
import { text } from "../foundation/field.ts";

/** The setting that names it. @param use what the class is for, as help says it */
export const positiveField = (use = "class that is looked for") =>
  text(`${use} (none: lens, else the last)`, { default: null });

/** The place of the named class; where none is named, `lens`, else the last. @throws ArcletError for an unknown name */
export function positiveOf(classes: readonly string[], name: string | null): number {
  if (name === null) return classes.includes("lens") ? classes.indexOf("lens") : classes.length - 1;
  const place = classes.indexOf(name);
  if (place >= 0) return place;
  throw unknown("positive", "class", name, classes);
}
