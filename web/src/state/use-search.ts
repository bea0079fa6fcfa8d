/** A search as the pages see it: the objects in their order, which one is looked at, what is known of them, and grading. */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ChangedAnswer, ObjectFacts, Progress, SessionAnswer } from "../../../src/inspect/contract.ts";
import { CANDIDATE, type Verdict } from "../../../src/inspect/grades.ts";
import { Api, Refused } from "./api.ts";
import { Images } from "./images.ts";
import { rememberedView, rememberView, type View } from "./view.ts";

/** Images fetched ahead, one by one. */
const AHEAD = 12;

export interface SearchState {
  session: SessionAnswer;
  api: Api;
  images: Images;
  view: View;
  change: (part: Partial<View>) => void;
  /** Rows of the dataset in the order shown; null while they come. */
  order: Int32Array | null;
  /** Index in the order. */
  at: number;
  go: (index: number) => void;
  facts: ReadonlyMap<number, ObjectFacts>;
  progress: Progress;
  /** Rises with every image that has come. */
  drawn: number;
  /** What went wrong, until the next thing goes well. */
  problem: string | null;
  /** What was done last, for people who don't see it. */
  said: string;
  /** Null takes the grade back. @returns whether it is on the disk */
  grade: (rows: readonly number[], verdict: Verdict) => Promise<boolean>;
  comment: (row: number, comment: string) => Promise<boolean>;
  tag: (row: number, tags: string[]) => Promise<boolean>;
  undo: () => Promise<void>;
  /** Asks for the order again: what was graded meanwhile leaves it. */
  reload: () => void;
  fail: (error: unknown) => void;
}

/** Rows shown at an index: a page of the mosaic, or one. */
export function rowsAt(order: Int32Array | null, at: number, { mode, columns, rows }: View): number[] {
  if (order === null) return [];
  if (mode === "single") return Array.from(order.subarray(at, at + 1));
  const page = columns * rows;
  const first = Math.floor(at / page) * page;
  return Array.from(order.subarray(first, first + page));
}

export function useSearch(session: SessionAnswer): SearchState {
  const api = useMemo(() => new Api(session.grader), [session]);
  const images = useMemo(() => new Images(session.dataset, session.look.bottomFirst), [session]);
  const [view, setView] = useState<View>(() => rememberedView(session));
  const [problem, setProblem] = useState<string | null>(null);
  const [drawn, setDrawn] = useState(0);
  const { facts, keep } = useFacts();
  const fail = useCallback((error: unknown) => {
    setProblem(error instanceof Refused ? error.message : `Something went wrong: ${error}`);
  }, []);
  const change = useCallback((part: Partial<View>) => setView((before) => ({ ...before, ...part })), []);

  const listing = useOrder(api, view, fail);
  const { order, at } = listing;
  const row = order?.[at] ?? null;
  useEffect(() => {
    if (order !== null) rememberView(session, { ...view, row });
  }, [session, view, row, order]);
  useFetching({ api, images, order, at, view, keep, fail, arrived: () => setDrawn((count) => count + 1) });
  const grading = useGrading({ session, api, keep, fail, well: () => setProblem(null), ...listing });

  return {
    ...{ session, api, images, view, change, facts, drawn, problem, fail, ...listing, ...grading },
    reload: () => {
      change({ row: null });
      listing.reload();
    },
  };
}

/** The objects in their order, and which of them is looked at. */
function useOrder(api: Api, view: View, fail: SearchState["fail"]) {
  const [order, setOrder] = useState<Int32Array | null>(null);
  const [at, setAt] = useState(0);
  const [asked, setAsked] = useState(0);
  /** When the object, or the page, was first seen. */
  const since = useRef(performance.now());
  const { by, show, finder, seed, tag } = view;
  useEffect(() => {
    let current = true;
    const wanted = view.row;
    api.order({ by, show, finder, seed, ...(tag === null ? {} : { tag }) }).then((rows) => {
      if (!current) return;
      setOrder(rows);
      setAt(Math.max(0, wanted === null ? 0 : rows.indexOf(wanted)));
      since.current = performance.now();
    }, fail);
    return () => {
      current = false;
    };
  }, [api, by, show, finder, seed, tag, asked]);
  const go = useCallback(
    (index: number) => {
      if (order === null || order.length === 0) return;
      setAt(Math.min(Math.max(index, 0), order.length - 1));
      since.current = performance.now();
    },
    [order],
  );
  const reload = useCallback(() => setAsked((count) => count + 1), []);
  return { order, at, go, since, reload };
}

type Grades = Pick<SearchState, "progress" | "said" | "grade" | "comment" | "tag" | "undo">;
interface Graded extends Pick<SearchState, "session" | "api" | "order" | "go" | "fail"> {
  keep: (objects: readonly ObjectFacts[]) => void;
  since: { current: number };
  well: () => void;
}

/** What changes the journal. Nothing is shown as done before the server has said so. */
function useGrading({ session, api, order, go, fail, keep, since, well }: Graded): Grades {
  const [progress, setProgress] = useState(session.progress);
  const [said, setSaid] = useState("");
  const attempt = async (work: () => Promise<ChangedAnswer>, sentence: (answer: ChangedAnswer) => string) => {
    try {
      const answer = await work();
      keep(answer.objects);
      setProgress(answer.progress);
      well();
      setSaid(sentence(answer));
      return answer;
    } catch (error) {
      fail(error);
      return null;
    }
  };
  return {
    ...{ progress, said },
    grade: async (rows, verdict) => {
      const seconds = Math.min((performance.now() - since.current) / 1000, 86_400);
      const graded = () => api.grade({ rows: [...rows], ...verdict, seconds });
      const answer = await attempt(graded, (made) => sentenceOf(made, verdict));
      if (answer !== null) since.current = performance.now();
      return answer !== null;
    },
    comment: async (row, comment) =>
      (await attempt(
        () => api.comment({ row, comment }),
        () => "Comment saved",
      )) !== null,
    tag: async (row, tags) =>
      (await attempt(
        () => api.tags({ row, tags }),
        () => "Tags saved",
      )) !== null,
    undo: async () => {
      const answer = await attempt(
        () => api.undo(),
        (made) => (made.objects.length === 0 ? "There is nothing to undo" : `Undone: ${names(made)}`),
      );
      const first = answer?.objects[0];
      const index = first === undefined ? -1 : (order?.indexOf(first.row) ?? -1);
      if (index >= 0) go(index);
    },
  };
}

const names = ({ objects }: ChangedAnswer): string =>
  objects.length === 1 ? objects[0]!.id : `${objects.length} objects`;

function sentenceOf(answer: ChangedAnswer, { grade, kind }: Verdict): string {
  const what = grade === null ? "no grade" : grade === CANDIDATE ? "candidate" : `grade ${grade}`;
  const { graded, objects } = answer.progress;
  return `${names(answer)}: ${what}${kind === null ? "" : `, ${kind}`}. ${graded} of ${objects} graded`;
}

/** Facts by row: those of the pages seen last. */
const KEPT_FACTS = 4000;

function useFacts() {
  const [facts, setFacts] = useState<ReadonlyMap<number, ObjectFacts>>(new Map());
  const keep = useCallback((objects: readonly ObjectFacts[]) => {
    setFacts((before) => {
      const all = [...before, ...objects.map((one) => [one.row, one] as const)];
      return new Map(all.length > 2 * KEPT_FACTS ? all.slice(-KEPT_FACTS) : all);
    });
  }, []);
  return { facts, keep };
}

interface Fetching extends Pick<SearchState, "api" | "images" | "order" | "at" | "view" | "fail"> {
  keep: (objects: readonly ObjectFacts[]) => void;
  arrived: () => void;
}

/** Fetches the images and facts of what is shown, then those of what comes next. */
function useFetching({ api, images, order, at, view, keep, fail, arrived }: Fetching): void {
  const { mode, columns, rows } = view;
  const page = columns * rows;
  const place = mode === "mosaic" ? Math.floor(at / page) : at;
  // Within a page nothing new is needed.
  useEffect(() => {
    if (order === null || order.length === 0) return;
    let current = true;
    const now = rowsAt(order, at, view);
    const next =
      mode === "mosaic" ? rowsAt(order, at + page, view) : Array.from(order.subarray(at + 1, at + AHEAD));
    const fetch = async () => {
      await Promise.all([
        images.load(now).then(() => current && arrived()),
        api.facts(now).then((objects) => current && keep(objects)),
      ]);
      if (current && next.length > 0) await images.load(next);
    };
    fetch().catch((error) => current && fail(error));
    return () => {
      current = false;
    };
  }, [order, place, mode, columns, rows]);
}
