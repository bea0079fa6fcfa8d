/** Says which of the models that were given by name are finders that come with Arclet. */
import { finderNotes } from "../train/finders/finders.ts";

export function sayFinders(models: readonly (string | null)[]): void {
  for (const line of finderNotes(models)) console.log(line);
}
