/** Where the object is on the sky: to read, to copy, and to open elsewhere. */
import { useState } from "preact/hooks";
import type { ObjectFacts } from "../../../src/inspect/contract.ts";

export function Position({ facts: { position } }: { facts: ObjectFacts }) {
  if (position === null) return null;
  const { ra, dec, text, sexagesimal, links } = position;
  return (
    <div class="position">
      <Copied shown={text} name="degrees" text={`${ra.toFixed(6)} ${dec.toFixed(6)}`} />
      <Copied shown={sexagesimal} name="hours and degrees" text={sexagesimal} />
      <ul>
        {links.map(({ name, url }) => (
          <li key={name}>
            <a href={url} target="_blank" rel="noopener noreferrer">
              {name}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface CopiedProps {
  shown: string;
  /** What is copied, for people who don't see it. */
  name: string;
  text: string;
}

function Copied({ shown, name, text }: CopiedProps) {
  const [state, setState] = useState("copy");
  // A browser gives pages the clipboard at secure addresses alone: not at one of the network, which --host makes.
  const copy = () =>
    navigator.clipboard === undefined
      ? setState("select it")
      : navigator.clipboard.writeText(text).then(
          () => setState("copied"),
          () => setState("not copied"),
        );
  return (
    <p class="copied">
      <span class="number">{shown}</span>
      <button type="button" aria-label={`${state}: ${name}`} onClick={() => void copy()}>
        {state}
      </button>
    </p>
  );
}
