/** A search as its parts say it was: read, and refused where they don't belong together. */
import { openUnlabelled, type UnlabelledDataset } from "../../dataset/unlabelled.ts";
import { readSearchCombination, type SearchCombination } from "./combination.ts";
import { type SearchFinder, searchFinder } from "./finders.ts";
import { type Listing, listing } from "./listing.ts";
import type { Search } from "./search-file.ts";
import { readSelection, type Selection } from "./selection.ts";
import { type SurveyLevel, surveyLevel } from "./survey-level.ts";

export interface SearchParts {
  readonly search: Search;
  /** Open, for its pictures: the caller closes it. */
  readonly dataset: UnlabelledDataset | null;
  readonly finders: readonly SearchFinder[];
  readonly combination: SearchCombination | null;
  readonly survey: SurveyLevel;
  readonly selection: Selection | null;
  readonly listing: Listing;
}

/** @param most rows to list from the top @throws ArcletError as the readers of its parts do */
export async function searchParts(search: Search, most: number): Promise<SearchParts> {
  const dataset = search.dataset === null ? null : await openUnlabelled(search.dataset);
  try {
    await dataset?.verify();
    const finders = search.finders.map(searchFinder);
    const combination =
      search.combination === null ? null : readSearchCombination(search.combination, search.scores);
    const selection = search.selection === null ? null : readSelection(search.selection, finders);
    const survey = await surveyLevel(search);
    const list = await listing({
      scores: search.scores,
      combined: combination?.scores ?? null,
      dataset: dataset === null ? null : { folder: search.dataset!, domain: dataset },
      grades: search.grades,
      sampled: survey.design !== null,
      most,
    });
    return { search, dataset, finders, combination, survey, selection, listing: list };
  } catch (error) {
    dataset?.close();
    throw error;
  }
}
