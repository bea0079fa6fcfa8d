/** What keys do. Where somebody types or chooses, they do what they always do. */
import { useEffect, useRef } from "preact/hooks";
import { KEYS, type Verdict } from "../../../src/inspect/grades.ts";
import { usualKey } from "./keys-in-force.ts";
import { lookedAt } from "./look-keys.ts";
import type { Closer } from "./use-closer.ts";
import type { SearchState } from "./use-search.ts";

export interface Actions {
  grade: (verdict: Verdict) => void;
  /** The object at the cursor is a candidate, or is none after all. */
  toggle: () => void;
  noneOfThese: () => void;
  help: () => void;
  /** Leads to a field, by its id, as soon as the object that is to be described is there. */
  type: (field: string) => void;
  /** Whether a field is waited for: what is typed meanwhile is meant for it, and grades nothing. */
  waits: () => boolean;
  closer: (what: Closer) => void;
}

export function useKeys(search: SearchState, actions: Actions): void {
  const latest = useRef({ search, actions });
  latest.current = { search, actions };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.altKey || event.metaKey || (event.ctrlKey && event.key !== "z")) return;
      if (isTaken(event)) return;
      if (latest.current.actions.waits()) {
        event.preventDefault();
        return;
      }
      const action = actionOf(event, latest.current.search, latest.current.actions);
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

/** Whether the element that has the focus wants the key itself. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) return true;
  return (key === " " || key === "Enter") && target.closest("button, a, input") !== null;
}

function actionOf(event: KeyboardEvent, search: SearchState, actions: Actions): (() => void) | undefined {
  const key = usualKey(event.key);
  if (key === null) return undefined;
  if (event.ctrlKey) return () => void search.undo();
  const verdict = KEYS[key.toLowerCase()];
  if (verdict !== undefined) return () => actions.grade(verdict);
  return movement(key, search) ?? looks(key, search) ?? others(key, search, actions);
}

function movement(key: string, { view, at, go }: SearchState): (() => void) | undefined {
  const mosaic = view.mode === "mosaic";
  const line = mosaic ? view.columns : 1;
  const page = mosaic ? view.columns * view.rows : 10;
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -line,
    ArrowDown: line,
    PageUp: -page,
    PageDown: page,
  };
  const step = steps[key];
  return step === undefined ? undefined : () => go(at + step);
}

function looks(key: string, { view, change, session }: SearchState): (() => void) | undefined {
  const { display } = view;
  const part = lookedAt(key, display, session.dataset.bands.length);
  return part && (() => change({ display: { ...display, ...part } }));
}

function others(key: string, search: SearchState, actions: Actions): (() => void) | undefined {
  const { view, change, at, go, undo } = search;
  const mosaic = view.mode === "mosaic";
  const all: Record<string, () => void> = {
    " ": () => (mosaic ? actions.toggle() : go(at + 1)),
    n: () => (mosaic ? actions.noneOfThese() : undefined),
    Enter: () => change({ mode: "single" }),
    Escape: () => change({ mode: "mosaic" }),
    m: () => change({ mode: mosaic ? "single" : "mosaic" }),
    u: () => void undo(),
    Backspace: () => void undo(),
    c: () => actions.type("comment"),
    y: () => actions.type("tag"),
    "?": actions.help,
    o: () => actions.closer("heat"),
    l: () => actions.closer("alike"),
    x: () => actions.closer("wider"),
  };
  return all[key];
}
