/** All keys, in a dialogue. */
import { useEffect, useRef } from "preact/hooks";
import { KEYS, MEANING } from "../../../src/inspect/grades.ts";
import { LOOK_KEYS } from "../../../src/inspect/look-keys.ts";
import { keyFor } from "../state/keys-in-force.ts";

const OTHERS: readonly (readonly [string, string])[] = [
  ["← → ↑ ↓", "move"],
  ["space", "mosaic: candidate or not; one by one: next"],
  ["n", "mosaic: none of the others is a lens (X), and on to the next page"],
  ["Page Up, Page Down", "page before, next page"],
  ["enter, escape", "one by one, mosaic"],
  ["m", "mosaic or one by one"],
  ["u, backspace", "undo, as often as you like"],
  ["c", "comment; enter saves it"],
  ["y", "tag; enter saves it, escape leaves it"],
  ...LOOK_KEYS,
  ["?", "this help"],
];

export function Help({ open, close }: { open: boolean; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const grades = Object.entries(KEYS).map(
    ([key, { grade, kind }]) =>
      [keyFor(key), kind === null ? `${grade}: ${MEANING[grade!]}` : `X: ${kind}`] as const,
  );
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="help">
      <h2 id="help">Keys</h2>
      <div class="keys">
        <KeyList keys={grades} />
        <KeyList keys={OTHERS.map(([keys, meaning]) => [inForce(keys), meaning] as const)} />
      </div>
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  );
}

/** Keys as the help names them, in several parts: each as it is here. */
const inForce = (keys: string): string =>
  keys
    .split(/(, | )/)
    .map((part) => (part === "space" ? keyFor(" ").replace(/^ $/, part) : keyFor(NAMED[part] ?? part)))
    .map((part) => Object.entries(NAMED).find(([, key]) => key === part)?.[0] ?? part)
    .join("");
const NAMED: Readonly<Record<string, string>> = { backspace: "Backspace", "−": "-" };

const KeyList = ({ keys }: { keys: readonly (readonly [string, string])[] }) => (
  <dl>
    {keys.map(([key, meaning]) => (
      <div key={key}>
        <dt>
          <kbd>{key}</kbd>
        </dt>
        <dd>{meaning}</dd>
      </div>
    ))}
  </dl>
);
