/** What is known of the object, and what one says of it. Everything here is text, whatever an id or a comment contains. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ObjectFacts } from "../../../src/inspect/contract.ts";
import {
  CANDIDATE,
  GRADES,
  KEYS,
  KINDS,
  LONGEST_COMMENT,
  MEANING,
  type Verdict,
} from "../../../src/inspect/grades.ts";
import type { BesideAnswer } from "../../../src/inspect/look-contract.ts";
import type { SearchState } from "../state/use-search.ts";
import { CatalogueTable } from "./catalogue.tsx";
import { Key } from "./key.tsx";
import { Position } from "./position.tsx";
import { Tags } from "./tags.tsx";

interface Props {
  search: SearchState;
  beside: BesideAnswer | null;
  grade: (verdict: Verdict) => void;
  /** Between what one says of the object and what is known of it. */
  children: ComponentChildren;
}

export function ObjectPanel({ search, beside, grade, children }: Props) {
  const { session, order, at, facts } = search;
  const row = order?.[at];
  const known = row === undefined ? undefined : facts.get(row);
  if (known === undefined)
    return (
      <section class="panel" aria-label="Object">
        <p class="muted">{row === undefined ? "No object" : "…"}</p>
      </section>
    );
  return (
    <section class="panel" aria-label="Object">
      <h2 class="id">{known.id}</h2>
      <p class="muted">{gradeText(known)}</p>
      {!session.readOnly && <GradeButtons facts={known} grade={grade} />}
      {children}
      <Scores search={search} facts={known} />
      <Position key={`position ${known.row}`} facts={known} />
      <Consensus facts={known} />
      <Tags key={`tags ${known.row}`} search={search} facts={known} />
      <Comment key={known.row} search={search} facts={known} />
      <CatalogueTable beside={beside} />
    </section>
  );
}

const gradeText = ({ grade, kind }: ObjectFacts): string =>
  grade === null
    ? "Not graded yet"
    : grade === CANDIDATE
      ? "★ Candidate, not graded yet"
      : `${grade}: ${kind === null ? MEANING[grade] : `no lens, ${kind}`}`;

const keyOf = (grade: string, kind: string | null): string =>
  Object.entries(KEYS).find(([, verdict]) => verdict.grade === grade && verdict.kind === kind)![0];

function GradeButtons({ facts, grade }: { facts: ObjectFacts; grade: Props["grade"] }) {
  return (
    <div class="grading">
      <fieldset class="grades" aria-label="Grade">
        {GRADES.map((name) => (
          <button
            key={name}
            type="button"
            class={`grade is-${name}`}
            aria-pressed={facts.grade === name}
            aria-label={`${name}: ${MEANING[name]}`}
            title={MEANING[name]}
            onClick={() => grade({ grade: name, kind: null })}
          >
            {name}
            <Key name={keyOf(name, null)} />
          </button>
        ))}
      </fieldset>
      <fieldset class="kinds" aria-label="No lens, but">
        {KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-label={`X: ${kind}`}
            aria-pressed={facts.kind === kind}
            onClick={() => grade({ grade: "X", kind })}
          >
            {kind}
            <Key name={keyOf("X", kind)} />
          </button>
        ))}
      </fieldset>
    </div>
  );
}

function Scores({ search, facts }: { search: SearchState; facts: ObjectFacts }) {
  const { finders } = search.session;
  if (finders.length === 0) return null;
  if (facts.scores === null)
    return (
      <p class="muted">
        Scores are hidden until {facts.grade === null ? "you have graded it" : "the round is closed"}.
      </p>
    );
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Finder</th>
          <th scope="col">Score</th>
          <th scope="col">Rank</th>
          {finders.some(({ calibrated }) => calibrated) && <th scope="col">P(lens)</th>}
        </tr>
      </thead>
      <tbody>
        {finders.map(({ name }, k) => {
          const given = facts.scores![k] ?? null;
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{given === null ? "–" : given.score.toPrecision(4)}</td>
              <td>{given?.rank ?? "–"}</td>
              {finders.some(({ calibrated }) => calibrated) && (
                <td>{given?.calibrated == null ? "–" : given.calibrated.toPrecision(2)}</td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What all graders said in rounds that are over. */
function Consensus({ facts: { consensus } }: { facts: ObjectFacts }) {
  if (consensus === null) return null;
  const { mean, graders, lens } = consensus;
  return (
    <p class="muted">
      {graders} {graders === 1 ? "grader" : "graders"} of closed rounds: mean grade {mean.toFixed(1)} of 3
      {lens !== null && `, lens with ${lens.toPrecision(2)} (Dawid–Skene)`}
    </p>
  );
}

function Comment({ search, facts }: { search: SearchState; facts: ObjectFacts }) {
  const [text, setText] = useState(facts.comment);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => setText(facts.comment), [facts.comment]);
  const { readOnly } = search.session;
  const save = () => {
    if (text !== facts.comment) void search.comment(facts.row, text);
  };
  return (
    <label class="comment">
      <span>
        Comment <Key name="c" />
      </span>
      <textarea
        ref={area}
        id="comment"
        aria-label="Comment"
        rows={2}
        maxLength={LONGEST_COMMENT}
        readOnly={readOnly}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
            event.preventDefault();
            area.current?.blur();
          }
        }}
      />
    </label>
  );
}
