/** What is known of the object at the cursor beside its image and scores. */
import { useEffect, useState } from "preact/hooks";
import type { BesideAnswer } from "../../../src/inspect/look-contract.ts";
import { beside } from "./api.ts";
import type { SearchState } from "./use-search.ts";

/** Null until it has come. Asked for again once the object is graded, since more is shown then. */
export function useBeside({ order, at, facts, fail }: SearchState): BesideAnswer | null {
  const [known, setKnown] = useState<BesideAnswer | null>(null);
  const row = order?.[at];
  const grade = row === undefined ? null : (facts.get(row)?.grade ?? null);
  useEffect(() => {
    if (row === undefined) return;
    let current = true;
    beside(row).then(
      (answer) => current && setKnown(answer),
      (error) => current && fail(error),
    );
    return () => {
      current = false;
    };
  }, [row, grade]);
  return known !== null && known.row === row ? known : null;
}
