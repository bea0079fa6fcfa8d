/** Figures of the whole survey by one's grades so far. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { EstimatesAnswer, Estimate as Value } from "../../../src/inspect/contract.ts";
import type { SearchState } from "../state/use-search.ts";

/** Grades after which the figures are asked for again. */
const EVERY = 10;

export function EstimatesPanel({ search: { api, fail, progress } }: { search: SearchState }) {
  const [shown, show] = useState(false);
  const [known, setKnown] = useState<EstimatesAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = useCallback(() => {
    setBusy(true);
    api
      .estimates()
      .then(setKnown, fail)
      .finally(() => setBusy(false));
  }, [api, fail]);
  const step = Math.floor(progress.graded / EVERY);
  useEffect(() => {
    if (shown) ask();
  }, [shown, step, ask]);
  return (
    <details class="panel" open={shown} onToggle={(event) => show(event.currentTarget.open)}>
      <summary>The survey so far</summary>
      {known !== null && (
        <>
          <p>
            By your {known.graded} grades; {known.left} objects of the sample are still to grade.
          </p>
          {known.yet !== null && <p class="muted">No figures yet: {known.yet}.</p>}
          {known.figures !== null && <Figures figures={known.figures} />}
        </>
      )}
      <button type="button" disabled={busy} onClick={ask}>
        {busy ? "Computing …" : "Compute again"}
      </button>
    </details>
  );
}

function Figures({ figures }: { figures: NonNullable<EstimatesAnswer["figures"]> }) {
  const { number, thresholds, notes, corrected } = figures;
  return (
    <>
      <p class="large">
        <strong>{rounded(number.value)}</strong> lenses in the survey{" "}
        <span class="interval">
          {rounded(number.low)}–{rounded(number.high)}
        </span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scrolls" tabIndex={0} aria-label="Purity and completeness">
        <table>
          <thead>
            <tr>
              <th scope="col">Selected</th>
              <th scope="col">Purity</th>
              <th scope="col">Completeness</th>
            </tr>
          </thead>
          <tbody>
            {thresholds.map(({ score, selected, purity, completeness }) => (
              <tr key={score}>
                <th scope="row" title={`score ${score}`}>
                  {selected}
                </th>
                <td>
                  <Share value={purity} />
                </td>
                <td>
                  <Share value={completeness} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="muted">
        Intervals hold 95 %.{" "}
        {corrected ? "Your errors on known objects are corrected." : "Graders’ errors are not corrected."}
      </p>
      {notes.map((note) => (
        <p key={note} class="muted">
          {note}
        </p>
      ))}
    </>
  );
}

const rounded = (value: number | null): string =>
  value === null ? "–" : value >= 10 ? value.toFixed(0) : value.toPrecision(2);

function Share({ value: { value, low, high } }: { value: Value }) {
  return (
    <>
      {value?.toFixed(2) ?? "–"}{" "}
      {low !== null && high !== null && (
        <span class="interval">
          {low.toFixed(2)}–{high.toFixed(2)}
        </span>
      )}
    </>
  );
}
