/** Buttons for looking closer, and what is to be said of it. */
import type { Heat } from "../../../src/inspect/look-keys.ts";
import type { CloserState } from "../state/use-closer.ts";
import type { SearchState } from "../state/use-search.ts";
import { AlikeStrip } from "./alike.tsx";
import { Key } from "./key.tsx";

const NAMES = [
  ["heat", "Heat map", "o"],
  ["alike", "Like this", "l"],
  ["wider", "Wider", "x"],
] as const;

const HEAT_NAMES: Record<Heat, string> = { gradcam: "Grad-CAM", occlusion: "Occlusion" };

/** In the panel of the object. */
export function CloserButtons({ closer, toggle }: { closer: CloserState; toggle: CloserState["toggle"] }) {
  return (
    <fieldset class="closer" aria-label="Look closer">
      {NAMES.map(([what, name, key]) => (
        <button key={what} type="button" aria-pressed={closer.on.has(what)} onClick={() => toggle(what)}>
          {what === "heat" && closer.on.has(what) ? HEAT_NAMES[closer.by] : name}
          <Key name={key} />
        </button>
      ))}
    </fieldset>
  );
}

/** Below the image. */
export function CloserBelow({ search, closer }: { search: SearchState; closer: CloserState }) {
  const { heat, alike, wider } = closer;
  const cold = heat.value !== null && !heat.value.some((value) => value > 0);
  const notes = [
    heat.note,
    cold ? "Heat map: no part of this image speaks for a lens." : null,
    alike.note,
    wider.note,
  ];
  return (
    <>
      <div aria-live="polite" class="notes">
        {[...new Set(notes)].map((note) => note !== null && <p key={note}>{note}</p>)}
      </div>
      {alike.value !== null && <AlikeStrip search={search} answer={alike.value} />}
    </>
  );
}
