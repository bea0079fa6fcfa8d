/** Objects like the one at the cursor, as a strip of images that can be opened. */
import { useEffect, useState } from "preact/hooks";
import type { AlikeAnswer } from "../../../src/inspect/look-contract.ts";
import type { SearchState } from "../state/use-search.ts";
import { Pictures, px } from "./pictures.tsx";

/** CSS pixels. */
const SIDE = 76;
const GAP = 6;

export function AlikeStrip({ search, answer }: { search: SearchState; answer: AlikeAnswer }) {
  const { images, fail, view, order, go, change } = search;
  const [, setDrawn] = useState(0);
  const rows = answer.alike.map(({ row }) => row);
  useEffect(() => {
    let current = true;
    images.load(rows).then(() => current && setDrawn((count) => count + 1), fail);
    return () => {
      current = false;
    };
  }, [answer]);
  /** One that the list leaves out is found among all. */
  const open = (row: number) => {
    const index = order?.indexOf(row) ?? -1;
    if (index >= 0) go(index);
    else change({ show: "all", row });
    change({ mode: "single" });
  };
  const width = rows.length * (SIDE + GAP) - GAP;
  const tiles = rows.map((row, k) => ({ image: images.of(row), x: k * (SIDE + GAP), y: 0, side: SIDE }));
  return (
    <section class="alike" aria-label="Objects alike">
      <p class="muted">
        Most like it, nearest first
        {answer.done < answer.total && `; ${answer.done} of ${answer.total} objects are compared so far`}
      </p>
      <div class="strip">
        <div style={{ width: px(Math.max(width, 1)), height: px(SIDE) }}>
          <Pictures width={Math.max(width, 1)} height={SIDE} tiles={tiles} display={view.display} />
          {answer.alike.map(({ row, distance }, k) => (
            <button
              key={row}
              type="button"
              aria-label={`Open number ${k + 1}, distance ${distance.toFixed(2)}`}
              title={`distance ${distance.toFixed(2)}`}
              style={{ left: px(k * (SIDE + GAP)), width: px(SIDE), height: px(SIDE) }}
              onClick={() => open(row)}
            />
          ))}
        </div>
      </div>
    </section>
  );
}
