/** Learning from the grades: what would run, what runs, and what each round has changed. */
import { useEffect, useState } from "preact/hooks";
import type { LearnedRound, LearningAnswer } from "../../../src/inspect/contract.ts";
import { type LearningState, useLearning } from "../state/use-learning.ts";
import type { SearchState } from "../state/use-search.ts";

export function LearnPanel({ search }: { search: SearchState }) {
  const learning = useLearning(search);
  const { known } = learning;
  const [shown, show] = useState(false);
  const runs = known?.running != null;
  useEffect(() => {
    if (runs) show(true);
  }, [runs]);
  if (known === null) return null;
  const { rounds, running, failed, cannot } = known;
  const last = rounds.at(-1);
  return (
    <details class="panel" open={shown} onToggle={(event) => show(event.currentTarget.open)}>
      <summary>Retrain{running !== null && ` – ${phaseText(running)}`}</summary>
      <NewRound search={search} known={known} />
      {cannot !== null && <p class="muted">Not from this page: {cannot}.</p>}
      {failed !== null && (
        <div role="alert">
          <p class="refused">
            {failed.problem === "stopped" ? "Stopped." : `It failed: ${failed.problem}`} Nothing of it was
            taken.
          </p>
          {failed.problem !== "stopped" && <Lines lines={failed.lines} />}
        </div>
      )}
      {running !== null ? (
        <Running running={running} learning={learning} />
      ) : (
        cannot === null && <Start known={known} learning={learning} />
      )}
      {last !== undefined && <Changed round={last} />}
      {rounds.length > 1 && (
        <details>
          <summary>Earlier rounds</summary>
          {rounds
            .slice(0, -1)
            .reverse()
            .map((round) => (
              <Changed key={round.round} round={round} />
            ))}
        </details>
      )}
    </details>
  );
}

const phaseText = ({ phase, stopping }: NonNullable<LearningAnswer["running"]>): string =>
  stopping ? "stopping" : phase === "train" ? "training" : "scoring";

/** The ranking that the page shows may be that of a round before. */
function NewRound({ search, known }: { search: SearchState; known: LearningAnswer }) {
  if (known.round === search.view.round) return null;
  return (
    <div class="notice" role="status">
      <p>Round {known.round} is open, with a new ranking.</p>
      <button type="button" class="main" onClick={() => location.reload()}>
        Show round {known.round}
      </button>
    </div>
  );
}

interface StartProps {
  known: LearningAnswer;
  learning: LearningState;
}

function Start({ known, learning }: StartProps) {
  return (
    <>
      <p class="muted">
        Learns all grades of now, ranks again, and closes round {known.round}. Grading goes on meanwhile.
      </p>
      <details>
        <summary>What runs</summary>
        {known.commands.map((command) => (
          <code key={command} class="command">
            {command}
          </code>
        ))}
        <pre class="lines">{known.settings}</pre>
      </details>
      <button type="button" class="main" onClick={learning.start}>
        Retrain
      </button>
    </>
  );
}

interface RunningProps {
  running: NonNullable<LearningAnswer["running"]>;
  learning: LearningState;
}

function Running({ running, learning }: RunningProps) {
  const minutes = Math.floor((Date.now() - Date.parse(running.begun)) / 60_000);
  return (
    <>
      <p>
        {running.grader} started it {minutes === 0 ? "just now" : `${minutes} min ago`}. This page may be
        closed.
      </p>
      <progress aria-label="Retraining" />
      <Lines lines={running.lines} />
      <button type="button" onClick={learning.stop}>
        {running.stopping ? "Stop at once" : "Stop"}
      </button>
    </>
  );
}

const Lines = ({ lines }: { lines: readonly string[] }) =>
  lines.length === 0 ? null : (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="lines" tabIndex={0} aria-label="What it printed">
      {lines.join("\n")}
    </section>
  );

function Changed({ round: { round, graded, commands, changes } }: { round: LearnedRound }) {
  const { head, fresh, next, expected, grades } = changes;
  return (
    <section aria-label={`Round ${round}`}>
      <h3>What round {round} changed</h3>
      <ul class="facts">
        <li>{graded} objects graded</li>
        {fresh !== null && (
          <li>
            {fresh} of the first {head} are new there
          </li>
        )}
        <li>
          {expected === null
            ? `lenses among the next ${next}: not known, since probabilities aren't calibrated here`
            : `${expected.toFixed(1)} lenses expected among the next ${next}`}
        </li>
      </ul>
      {grades.length > 0 && (
        <table>
          <caption>Median rank of what is graded</caption>
          <thead>
            <tr>
              <th scope="col">Grade</th>
              <th scope="col">Objects</th>
              <th scope="col">Before</th>
              <th scope="col">Now</th>
            </tr>
          </thead>
          <tbody>
            {grades.map(({ grade, objects, before, after }) => (
              <tr key={grade}>
                <th scope="row">{grade}</th>
                <td>{objects}</td>
                <td>{before ?? "–"}</td>
                <td>{after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <details>
        <summary>Commands</summary>
        {commands.map((command) => (
          <code key={command} class="command">
            {command}
          </code>
        ))}
      </details>
    </section>
  );
}
