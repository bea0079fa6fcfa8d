/** Looking closer at the object at the cursor: its heat map, objects alike, a wider cutout. Each is on or off, by a key. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { AlikeAnswer } from "../../../src/inspect/look-contract.ts";
import { HEATS, type Heat } from "../../../src/inspect/look-keys.ts";
import { type Prepared, prepare, turnedOver } from "../draw/levels.ts";
import { alike, heat, Refused, type Wider, wider } from "./api.ts";
import type { SearchState } from "./use-search.ts";

export const CLOSER = ["heat", "alike", "wider"] as const;
export type Closer = (typeof CLOSER)[number];

/** An answer on its way, or why there is none. */
interface Coming<T> {
  value: T | null;
  /** What to say instead: a reason, or what to do. */
  note: string | null;
}

export interface WiderImage extends Pick<Wider, "orientation"> {
  image: Prepared;
  side: number;
}

export interface CloserState {
  on: ReadonlySet<Closer>;
  /** Which heat map, if it is on. */
  by: Heat;
  toggle: (what: Closer) => void;
  /** (H, W), row 0 at the top. */
  heat: Coming<Float32Array>;
  alike: Coming<AlikeAnswer>;
  wider: Coming<WiderImage>;
}

/** What was not given at the start, and what it is good for. */
const WITHOUT: Record<Closer, string> = {
  heat: "For heat maps start arclet inspect with --finder RUN: a run, a model file or a finder's name.",
  alike:
    "For objects alike start arclet inspect with --finder RUN (a run, a model file or a finder's name) or --features TABLE.",
  wider: "For wider cutouts start arclet inspect with --frames FOLDER: the survey's FITS files.",
};
/** Before something is asked for, ms: who turns pages asks for nothing. */
const PAUSE = 150;

export function useCloser(search: SearchState): CloserState {
  const { session, order, at } = search;
  const { look, dataset } = session;
  const [{ on, by }, setOn] = useState<Pick<CloserState, "on" | "by">>({ on: new Set(), by: HEATS[0] });
  const row = order?.[at] ?? null;
  const asked = <T>(what: Closer, ask: (row: number) => Promise<T>, there: boolean) => ({
    ...{ row: on.has(what) ? row : null, by: what === "heat" ? by : "", ask },
    without: there ? null : WITHOUT[what],
  });
  const [, height, width] = dataset.shape;
  const heatOf = (one: number) =>
    heat(one, by).then((values) => (look.bottomFirst ? turnedOver(values, width, height) : values));
  const widerOf = async (one: number): Promise<WiderImage> => {
    const { values, orientation } = await wider(one);
    const side = look.wider!;
    const shape = [dataset.shape[0], side, side] as const;
    const image = prepare(turnedOver(values, side, side), shape, "flux", dataset.composite);
    return { image, side, orientation };
  };
  return {
    on,
    by,
    toggle: useCallback((what: Closer) => setOn((before) => toggled(before, what)), []),
    heat: useAnswer(asked("heat", heatOf, look.finder !== null)),
    alike: useAnswer(asked("alike", alike, look.alike)),
    wider: useAnswer(asked("wider", widerOf, look.wider !== null)),
  };
}

type Shown = Pick<CloserState, "on" | "by">;

/** Heat maps go through all ways before they are off. */
function toggled({ on, by }: Shown, what: Closer): Shown {
  const next = HEATS[HEATS.indexOf(by) + 1];
  if (what === "heat" && on.has(what) && next !== undefined) return { on, by: next };
  const after = new Set(on);
  if (!after.delete(what)) after.add(what);
  return { on: after, by: what === "heat" ? HEATS[0] : by };
}

interface Question<T> {
  /** Null asks nothing. */
  row: number | null;
  /** Which of several answers. */
  by: string;
  ask: (row: number) => Promise<T>;
  /** What to say if it can't be asked. */
  without: string | null;
}

function useAnswer<T>({ row, by, ask, without }: Question<T>): Coming<T> {
  const [answer, setAnswer] = useState<Coming<T> & { row: number | null; by: string }>({
    ...{ row: null, by: "" },
    value: null,
    note: null,
  });
  useEffect(() => {
    if (row === null || without !== null) return;
    let current = true;
    const keep = (part: Partial<Coming<T>>) =>
      current && setAnswer({ row, by, value: null, note: null, ...part });
    const timer = setTimeout(() => {
      ask(row).then(
        (value) => keep({ value }),
        (error) =>
          keep({ note: error instanceof Refused ? error.message : `Something went wrong: ${error}` }),
      );
    }, PAUSE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [row, by, without]);
  if (row === null) return { value: null, note: null };
  if (without !== null) return { value: null, note: without };
  return answer.row === row && answer.by === by ? answer : { value: null, note: "…" };
}
