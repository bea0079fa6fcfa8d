/** What a search's page can't say, and why. */
import type { SearchParts } from "./search.ts";

export interface Missing {
  readonly part: string;
  /** What does not follow without it. */
  readonly without: string;
}

export function missingParts({ search, finders, survey, selection, listing }: SearchParts): Missing[] {
  const rows: Missing[] = [];
  const none = (absent: boolean, part: string, without: string) => {
    if (absent) rows.push({ part, without });
  };
  none(search.dataset === null, "dataset", "no pictures, and nobody can check which images were scored");
  none(finders.length === 0, "finders", "the page doesn't say what made the scores");
  none(search.grades === null, "grades", "nobody is known to have looked at the candidates");
  none(
    survey.why !== null,
    "survey-level figures",
    `no purity, completeness or number of lenses of the survey: ${survey.why}`,
  );
  none(
    survey.estimated !== null && survey.estimated.errors === null,
    "graders' errors",
    "they are not corrected: a lens is what graders call one",
  );
  none(selection === null, "selection function", "nothing says which lenses such a search would miss");
  none((selection?.doubt ?? null) !== null, "finder of the selection function", selection?.doubt ?? "");
  none(
    listing.by === "score",
    "probability",
    "the list is in the order of the score, which is no probability (arclet combine makes one)",
  );
  none(!listing.positions, "sky positions", "candidates have ids alone");
  none(
    listing.unscored > 0,
    "scores",
    `${listing.unscored} images of the dataset have none: the figures are of the ${listing.rows} that have`,
  );
  return rows;
}
