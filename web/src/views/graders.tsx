/** Graders: in an open round oneself alone, and everybody when it is closed. */
import { useState } from "preact/hooks";
import type { PeopleAnswer, Share } from "../../../src/inspect/contract.ts";
import { usePeople } from "../state/use-people.ts";
import type { SearchState } from "../state/use-search.ts";

export function GradersPanel({ search }: { search: SearchState }) {
  const [shown, show] = useState(false);
  const { people, close } = usePeople(search, shown);
  return (
    <details class="panel" open={shown} onToggle={(event) => show(event.currentTarget.open)}>
      <summary>Graders</summary>
      {people !== null && (
        <>
          <Own people={people} />
          {people.closed !== null && <Everybody closed={people.closed} round={people.round} />}
          {people.round !== search.view.round ? (
            <button type="button" class="main" onClick={() => location.reload()}>
              Show round {people.round}
            </button>
          ) : (
            !search.session.readOnly && <Closing round={people.round} close={close} />
          )}
        </>
      )}
    </details>
  );
}

function Own({ people: { round, own } }: { people: PeopleAnswer }) {
  const { grader, graded, decoys, sensitivity, specificity } = own;
  return (
    <section aria-label="You">
      <p>
        {grader}, round {round}: {graded} graded.
      </p>
      {decoys &&
        (sensitivity === null && specificity === null ? (
          <p class="muted">
            Some of the objects are known. How you do on them is shown from the tenth of them on, ten at a
            time.
          </p>
        ) : (
          <dl class="figures">
            <Figure name="Lenses found" share={sensitivity} />
            <Figure name="Others passed" share={specificity} />
          </dl>
        ))}
    </section>
  );
}

const Figure = ({ name, share }: { name: string; share: Share | null }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <Value share={share} />
    </dd>
  </div>
);

/** A share, its interval, and what was counted. */
function Value({ share }: { share: Share | null }) {
  if (share === null) return <>–</>;
  const { value, low, high, right, of } = share;
  return (
    <>
      {value.toFixed(2)}{" "}
      <span class="interval" title={`${right} of ${of}; 95 % interval`}>
        {low.toFixed(2)}–{high.toFixed(2)}
      </span>
    </>
  );
}

interface EverybodyProps {
  closed: NonNullable<PeopleAnswer["closed"]>;
  round: number;
}

function Everybody({ closed: { graders, shared, agreement }, round }: EverybodyProps) {
  const some = (of: (one: (typeof graders)[number]) => unknown) => graders.some((one) => of(one) != null);
  const columns = [
    { name: "Lenses found", of: (one: (typeof graders)[number]) => one.sensitivity },
    { name: "Others passed", of: (one: (typeof graders)[number]) => one.specificity },
    { name: "Same again", of: (one: (typeof graders)[number]) => one.same },
  ].filter(({ of }) => some(of));
  return (
    <section aria-label="Everybody">
      <h3>Until round {round - 1}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scrolls" tabIndex={0} aria-label="Graders">
        <table>
          <thead>
            <tr>
              <th scope="col">Grader</th>
              <th scope="col">Graded</th>
              {columns.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              {some(({ above }) => above) && <th scope="col">Above others</th>}
              {some(({ truth }) => truth) && <th scope="col">Right (D–S)</th>}
            </tr>
          </thead>
          <tbody>
            {graders.map((one) => (
              <tr key={one.grader}>
                <th scope="row">{one.grader}</th>
                <td>{one.graded}</td>
                {columns.map(({ name, of }) => (
                  <td key={name}>
                    <Value share={of(one)} />
                  </td>
                ))}
                {some(({ above }) => above) && <td>{signed(one.above)}</td>}
                {some(({ truth }) => truth) && <td>{one.truth?.toFixed(2) ?? "–"}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="muted">
        {shared === 0
          ? "No object has two graders yet."
          : `Krippendorff’s alpha of ${shared} objects with two graders: ${agreement.map(alphaText).join(", ")}.`}
      </p>
    </section>
  );
}

const signed = (value: number | null): string =>
  value === null ? "–" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

const alphaText = ({ level, alpha, low, high }: EverybodyProps["closed"]["agreement"][number]): string =>
  alpha === null
    ? `${level} not known`
    : `${level} ${alpha.toFixed(2)}${low === null || high === null ? "" : ` (${low.toFixed(2)}–${high.toFixed(2)})`}`;

interface ClosingProps {
  round: number;
  close: (disagreements: boolean) => void;
}

/** Closing can't be undone, so it is asked twice. */
function Closing({ round, close }: ClosingProps) {
  const [asking, ask] = useState(false);
  const [again, setAgain] = useState(true);
  if (!asking)
    return (
      <button type="button" onClick={() => ask(true)}>
        Close round {round} …
      </button>
    );
  return (
    <div class="notice">
      <p>For everybody: grades of round {round} then stay as they are, and all graders see how all did.</p>
      <label class="check">
        <input type="checkbox" checked={again} onChange={(event) => setAgain(event.currentTarget.checked)} />
        <span>Look again at what graders disagree on</span>
      </label>
      <button type="button" class="main" onClick={() => close(again)}>
        Close round {round} for everybody
      </button>
      <button type="button" onClick={() => ask(false)}>
        Not yet
      </button>
    </div>
  );
}
