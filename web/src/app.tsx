/** The page: the bar above, the images, and the panels beside them. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { SessionAnswer } from "../../src/inspect/contract.ts";
import { CANDIDATE, type Verdict } from "../../src/inspect/grades.ts";
import { useKeys } from "./state/keys.ts";
import { useBeside } from "./state/use-beside.ts";
import { type Closer, useCloser } from "./state/use-closer.ts";
import { rowsAt, type SearchState, useSearch } from "./state/use-search.ts";
import { Bar } from "./views/bar.tsx";
import { CloserBelow, CloserButtons } from "./views/closer.tsx";
import { EstimatesPanel } from "./views/estimates.tsx";
import { GradersPanel } from "./views/graders.tsx";
import { Help } from "./views/help.tsx";
import { Key } from "./views/key.tsx";
import { LearnPanel } from "./views/learn.tsx";
import { LookPanel } from "./views/look.tsx";
import { Mosaic } from "./views/mosaic.tsx";
import { ObjectPanel } from "./views/object.tsx";
import { Single } from "./views/single.tsx";

export function App({ session }: { session: SessionAnswer }) {
  const search = useSearch(session);
  const { view, order, problem, said } = search;
  const [helping, setHelping] = useState(false);
  const actions = useActions(search);
  const beside = useBeside(search);
  const closer = useCloser(search);
  // Heat and a wider cutout are seen on one image.
  const look = (what: Closer) => {
    if (view.mode === "mosaic" && what !== "alike") search.change({ mode: "single" });
    closer.toggle(what);
  };
  useKeys(search, { ...actions, help: () => setHelping(true), closer: look });
  useEffect(() => {
    document.documentElement.dataset.theme = view.theme;
    document.title = `${session.dataset.name} – Arclet`;
  }, [view.theme, session]);
  return (
    <div class={`app view-${view.mode}`}>
      <Bar search={search} help={() => setHelping(true)} />
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <main aria-label="Images">
        {order !== null && order.length === 0 ? (
          <Empty search={search} />
        ) : view.mode === "mosaic" ? (
          <Mosaic search={search} toggle={(row) => actions.toggle(row)} />
        ) : (
          <Single search={search} beside={beside} closer={closer} />
        )}
        <CloserBelow search={search} closer={closer} />
        <Steps search={search} none={actions.noneOfThese} />
      </main>
      <aside aria-label="Object and display">
        <ObjectPanel search={search} beside={beside} grade={actions.grade}>
          <CloserButtons closer={closer} toggle={look} />
        </ObjectPanel>
        {session.estimates && <EstimatesPanel search={search} />}
        {session.rounds && <GradersPanel search={search} />}
        {session.learns && <LearnPanel search={search} />}
        <LookPanel search={search} />
      </aside>
      <p class="unseen" role="status">
        {said}
      </p>
      <Help open={helping} close={() => setHelping(false)} />
    </div>
  );
}

/** What grading does beyond a grade: on to the next object, once the grade is on the disk. */
function useActions(search: SearchState) {
  const { order, at, view, session, facts, go } = search;
  // A key that is pressed before the answer has come would grade an object that was not seen.
  const busy = useRef(false);
  const [, render] = useState(0);
  const once = async (work: () => Promise<void>) => {
    if (busy.current || session.readOnly) return;
    busy.current = true;
    try {
      await work();
    } finally {
      busy.current = false;
      render((count) => count + 1);
    }
  };
  const grade = (verdict: Verdict) =>
    once(async () => {
      const row = order?.[at];
      if (row !== undefined && (await search.grade([row], verdict))) go(at + 1);
    });
  const toggle = (row = order?.[at]) =>
    once(async () => {
      const known = row === undefined ? undefined : facts.get(row);
      // A click must not take a grade away: that is what undo and the keys of grades are for.
      if (known === undefined || (known.grade !== null && known.grade !== CANDIDATE)) return;
      const grade = known.grade === CANDIDATE ? null : CANDIDATE;
      await search.grade([known.row], { grade, kind: null });
    });
  const noneOfThese = () =>
    once(async () => {
      const rest = rowsAt(order, at, view).filter((row) => (facts.get(row)?.grade ?? null) === null);
      if (rest.length > 0 && !(await search.grade(rest, { grade: "X", kind: null }))) return;
      const page = view.columns * view.rows;
      go((Math.floor(at / page) + 1) * page);
    });
  // A field is of an object: until the last grade is on the disk, another object's would come in between.
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (wanted.current === null || busy.current) return;
    if (order === null || order.length === 0) wanted.current = null;
    const field = document.getElementById(wanted.current ?? "");
    if (field === null) return;
    wanted.current = null;
    field.focus();
  });
  const type = (field: string) => {
    wanted.current = field;
    render((count) => count + 1);
  };
  return { grade, toggle, noneOfThese, type, waits: () => wanted.current !== null };
}

function Steps({ search, none }: { search: SearchState; none: () => void }) {
  const { view, order, at, go, undo, progress, session } = search;
  const total = order?.length ?? 0;
  const mosaic = view.mode === "mosaic";
  const page = mosaic ? view.columns * view.rows : 1;
  const first = Math.floor(at / page) * page;
  const last = Math.min(first + page, total);
  const where = total === 0 ? "0" : mosaic ? `${first + 1}–${last}` : `${at + 1}`;
  return (
    <nav class="steps" aria-label="Pages">
      <button type="button" disabled={first === 0} onClick={() => go(first - page)}>
        ← Back
      </button>
      <span class="number">
        {where} of {total}
        {mosaic && total > 0 && <span class="muted">, each {acrossOf(search)}″ across</span>}
      </span>
      <button type="button" disabled={last >= total} onClick={() => go(first + page)}>
        Next →
      </button>
      {!session.readOnly && (
        <>
          <button type="button" disabled={!progress.undoable} onClick={() => void undo()}>
            Undo <Key name="u" />
          </button>
          {mosaic && (
            <button type="button" class="main" disabled={total === 0} onClick={none}>
              None of these <Key name="n" />
            </button>
          )}
        </>
      )}
    </nav>
  );
}

/** The side of what is shown of an image, arcsec. */
const acrossOf = ({ session, view }: SearchState): number =>
  Number(((session.dataset.shape[2] * session.dataset.pixelScale) / view.display.zoom).toPrecision(3));

function Empty({ search: { view, progress, change } }: { search: SearchState }) {
  const { by } = progress;
  return (
    <div class="space">
      <div class="empty">
        <h2>{view.show === "ungraded" ? "Everything is graded" : "No object here"}</h2>
        <p>
          {progress.graded} of {progress.objects} graded: {by.A} A, {by.B} B, {by.C} C, {by.X} X.
        </p>
        <button type="button" class="main" onClick={() => change({ show: "all", row: null })}>
          Show all objects
        </button>
      </div>
    </div>
  );
}
