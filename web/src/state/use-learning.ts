/** How learning stands, asked for again while it runs and the page is seen. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { LearningAnswer } from "../../../src/inspect/contract.ts";
import type { SearchState } from "./use-search.ts";

/** Milliseconds between two requests: while something runs, and otherwise. */
const RUNNING = 1000;
const RESTING = 15_000;

export interface LearningState {
  /** Null until it has come. */
  known: LearningAnswer | null;
  start: () => void;
  stop: () => void;
}

export function useLearning({ session, api, fail }: SearchState): LearningState {
  const [known, setKnown] = useState<LearningAnswer | null>(null);
  const ask = useCallback(
    (what: () => Promise<LearningAnswer>) => void what().then(setKnown, fail),
    [api, fail],
  );
  const runs = known?.running != null;
  useEffect(() => {
    if (!session.learns) return;
    // A server that is away for a while must not hide what the page says of grading.
    const quietly = () => {
      if (document.visibilityState === "visible") api.learning().then(setKnown, () => {});
    };
    quietly();
    const timer = setInterval(quietly, runs ? RUNNING : RESTING);
    return () => clearInterval(timer);
  }, [api, session, runs]);
  return { known, start: () => ask(() => api.retrain()), stop: () => ask(() => api.stopRetraining()) };
}
