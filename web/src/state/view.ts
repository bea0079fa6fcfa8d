/** What is shown and how, remembered by the browser from one visit to the next. */
import type { SessionAnswer } from "../../../src/inspect/contract.ts";
import type { Filter, OrderName } from "../../../src/inspect/grades.ts";
import { DEFAULTS, type Display } from "../draw/display.ts";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export interface View {
  mode: "mosaic" | "single";
  by: OrderName;
  show: Filter;
  finder: number;
  /** Only objects with this tag; null for all. */
  tag: string | null;
  /** The round that was open. */
  round: number;
  seed: number;
  columns: number;
  rows: number;
  theme: Theme;
  display: Display;
  /** The row of the dataset where one was. */
  row: number | null;
}

function firstView({ first, ranking, progress }: SessionAnswer): View {
  const narrow = matchMedia("(max-width: 700px)").matches;
  return {
    mode: "mosaic",
    by: first,
    show: "ungraded",
    finder: ranking,
    tag: null,
    round: progress.round,
    seed: 0,
    columns: narrow ? 3 : 8,
    rows: narrow ? 4 : 5,
    theme: "auto",
    display: DEFAULTS,
    row: null,
  };
}

const keyOf = ({ search, grader }: SessionAnswer) => `arclet inspect ${search} ${grader}`;

/** What of the view a new round sets. */
function nextRound({ first, ranking, progress }: SessionAnswer): Partial<View> {
  return { by: first, show: "ungraded", tag: null, finder: ranking, round: progress.round, row: null };
}

/** The view of the last visit; what it lacks, or no longer fits, is as at the first. */
export function rememberedView(session: SessionAnswer): View {
  const first = firstView(session);
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(session)) ?? "{}") as Partial<View>;
    const view = { ...first, ...kept, display: { ...first.display, ...kept.display } };
    if (!session.orders.includes(view.by) || view.finder >= Math.max(session.finders.length, 1)) return first;
    // A new round begins with its own ranking.
    return view.round === first.round ? view : { ...view, ...nextRound(session) };
  } catch {
    return first;
  }
}

/** A browser that keeps nothing (a private window) loses nothing that counts. */
export function rememberView(session: SessionAnswer, view: View): void {
  try {
    localStorage.setItem(keyOf(session), JSON.stringify(view));
  } catch {}
}
