/** A page of images in rows and columns. A click, or the space bar, marks a candidate. */
import { useEffect, useRef } from "preact/hooks";
import type { ObjectFacts } from "../../../src/inspect/contract.ts";
import { CANDIDATE } from "../../../src/inspect/grades.ts";
import { rowsAt, type SearchState } from "../state/use-search.ts";
import { useDragging } from "./dragging.ts";
import { Pictures, px, useSize } from "./pictures.tsx";

const GAP = 6;

export function Mosaic({ search, toggle }: { search: SearchState; toggle: (row: number) => void }) {
  const { view, order, at, go, facts, images } = search;
  const { columns, rows: lines } = view;
  const { element, width, height } = useSize<HTMLDivElement>();
  const rows = rowsAt(order, at, view);
  const page = columns * lines;
  const first = Math.floor(at / page) * page;
  const cursor = at - first;
  const side = Math.max(
    16,
    Math.floor(Math.min((width - GAP * (columns - 1)) / columns, (height - GAP * (lines - 1)) / lines)),
  );
  const dragging = useDragging(search);
  const cursorCell = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const focused = document.activeElement;
    if (focused === document.body || focused?.closest(".mosaic"))
      cursorCell.current?.focus({ preventScroll: true });
  });
  const placed = rows.map((row, k) => ({
    image: images.of(row),
    x: (k % columns) * (side + GAP),
    y: Math.floor(k / columns) * (side + GAP),
    side,
  }));
  const extent = (count: number) => count * (side + GAP) - GAP;
  return (
    <div class="space" ref={element}>
      <div class="mosaic" style={{ width: px(extent(columns)), height: px(extent(lines)) }} {...dragging}>
        <Pictures width={extent(columns)} height={extent(lines)} tiles={placed} display={view.display} />
        <div
          role="grid"
          aria-label={`Objects ${first + 1} to ${first + rows.length}`}
          aria-multiselectable="true"
        >
          {Array.from({ length: Math.ceil(rows.length / columns) }, (_, line) => (
            <div role="row" key={line}>
              {rows.slice(line * columns, (line + 1) * columns).map((row, k) => {
                const index = line * columns + k;
                const { x, y } = placed[index]!;
                const known = facts.get(row);
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled for the whole page (keys.ts)
                  <div
                    key={row}
                    ref={index === cursor ? cursorCell : null}
                    role="gridcell"
                    tabIndex={index === cursor ? 0 : -1}
                    aria-selected={known?.grade === CANDIDATE}
                    aria-label={labelOf(known, first + index)}
                    class={`cell ${index === cursor ? "cursor" : ""} ${known?.grade ? `is-${known.grade}` : ""}`}
                    style={{ left: px(x), top: px(y), width: px(side), height: px(side) }}
                    onClick={() => {
                      go(first + index);
                      toggle(row);
                    }}
                  >
                    <Badge facts={known} />
                  </div>
                );
              })}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function Badge({ facts }: { facts: ObjectFacts | undefined }) {
  if (facts === undefined) return null;
  const { grade, kind, comment } = facts;
  return (
    <>
      {grade !== null && (
        <span class="badge" aria-hidden="true">
          {grade === CANDIDATE ? "★" : kind === null ? grade : `${grade} ${kind}`}
        </span>
      )}
      {comment !== "" && (
        <span class="badge noted" aria-hidden="true">
          ✎
        </span>
      )}
    </>
  );
}

function labelOf(facts: ObjectFacts | undefined, index: number): string {
  if (facts === undefined) return `Object ${index + 1}`;
  const { id, grade, kind } = facts;
  const said = grade === null ? "not graded" : grade === CANDIDATE ? "candidate" : `grade ${grade}`;
  return `${id}, ${said}${kind === null ? "" : `, ${kind}`}`;
}
