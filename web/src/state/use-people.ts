/** What is known of graders, asked for when somebody looks. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { PeopleAnswer } from "../../../src/inspect/contract.ts";
import type { SearchState } from "./use-search.ts";

/** @param looks whether it is shown */
export function usePeople({ api, fail, progress }: SearchState, looks: boolean) {
  const [people, setPeople] = useState<PeopleAnswer | null>(null);
  useEffect(() => {
    if (looks) api.people().then(setPeople, fail);
  }, [api, fail, looks, progress.graded]);
  const close = useCallback(
    (disagreements: boolean) => api.close({ disagreements }).then(setPeople, fail),
    [api, fail],
  );
  return { people, close };
}
