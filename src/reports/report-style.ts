import { TABLE_WIDTHS } from "../pictures/html-table.ts";

/** A table says that it scrolls where it is wider than its place. */
const HINTS = TABLE_WIDTHS.map(
  (width) => `@container (max-width: ${width}px) { .over-${width} .hint { display: block; } }`,
).join("\n");

/** The report's style sheet: one column that widens, light or dark as the reader's system is. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --page: #fbfbf9; --panel: #ffffff; --ink: #1c2230; --soft: #5c6577; --line: #dcdfe5; --accent: #2b62a8;
  --warn: #9a4a12;
  --series-1: #2f73b5; --series-2: #cf6422; --series-3: #2b8a5e; --series-4: #b0446a; --series-5: #7a5cbc;
  --series-6: #777c24;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11141a; --panel: #181c24; --ink: #e4e7ee; --soft: #9aa3b4; --line: #2c323e; --accent: #8bb8ee;
    --warn: #f0a56b;
    --series-1: #6aaef0; --series-2: #f2995b; --series-3: #62c998; --series-4: #e98bad; --series-5: #b49df0;
    --series-6: #c2c665;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
}
main { max-width: 1180px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
header { border-bottom: 1px solid var(--line); margin-bottom: 1.5rem; }
h1 { font-size: clamp(1.5rem, 4vw, 2.1rem); line-height: 1.2; margin: 0 0 0.6rem; text-wrap: balance; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 0.8rem; }
h3 { font-size: 0.98rem; margin: 1.1rem 0 0.5rem; }
p { max-width: 70ch; margin: 0.5rem 0; }
.question { color: var(--soft); font-size: 1.06rem; margin-bottom: 1.3rem; }
.note, figcaption { color: var(--soft); font-size: 0.94rem; }
.headlines { display: grid; grid-template-columns: repeat(auto-fit, minmax(145px, 1fr)); gap: 0.8rem; margin: 0; }
.headlines div { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 0.8rem 1rem; }
.headlines dt { color: var(--soft); font-size: 0.85rem; }
.headlines dd { margin: 0; font-size: 1.75rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.headlines dd.detail { color: var(--soft); font-size: 0.85rem; font-weight: 400; }
.scrolls { container-type: inline-size; }
.scrolls .hint { display: none; margin: 0 0 0.3rem; color: var(--soft); font-size: 0.87rem; }
${HINTS}
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
table { border-collapse: collapse; width: 100%; font-size: 0.88rem; }
th, td { padding: 0.45rem 0.6rem; text-align: left; vertical-align: baseline; }
thead th { color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--line); }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th { font-weight: 600; white-space: nowrap; }
tr > th:first-child { position: sticky; left: 0; background: var(--panel); }
td { white-space: nowrap; }
td.long { white-space: normal; overflow-wrap: anywhere; min-width: 11rem; }
td.number { font-variant-numeric: tabular-nums; }
.interval { display: block; color: var(--soft); font-size: 0.9em; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 1rem; }
.figures figure {
  margin: 0; padding: 0.2rem 1rem 0.9rem; background: var(--panel); border: 1px solid var(--line); border-radius: 8px;
  min-width: 0;
}
.figures figcaption { margin-top: 0.5rem; }
.figures svg { display: block; width: 100%; max-width: 600px; height: auto; }
.figures figure.wide { grid-column: 1 / -1; }
.figures figure.wide svg { max-width: 1000px; }
.mosaic { display: grid; grid-template-columns: repeat(auto-fill, minmax(172px, 1fr)); gap: 1.1rem 0.9rem; }
.mosaic figure { margin: 0; min-width: 0; }
.mosaic img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: #000; border-radius: 4px;
  image-rendering: pixelated; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 540px), 1fr)); gap: 1rem; }
.panels figure { margin: 0; min-width: 0; }
.panels svg { display: block; width: 100%; max-width: 700px; height: auto; border-radius: 8px; }
.mosaic figcaption { line-height: 1.35; padding-top: 0.25rem; font-size: 0.87rem; }
.mosaic b { color: var(--ink); font-variant-numeric: tabular-nums; }
.mosaic figcaption > * { display: block; }
.mosaic .id, .mosaic .place { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.mosaic .links { display: flex; flex-wrap: wrap; gap: 0 0.6rem; }
a { color: var(--accent); }
.zoom { display: block; cursor: zoom-in; }
.zoom input { position: absolute; opacity: 0; width: 1px; height: 1px; }
.zoom input:focus-visible + img { outline: 3px solid var(--accent); outline-offset: 2px; }
.zoom input:checked + img {
  position: fixed; inset: 0; z-index: 2; margin: auto; width: min(92vw, 92vh); height: auto; cursor: zoom-out;
  box-shadow: 0 0 0 100vmax rgb(0 0 0 / 0.85);
}
.seal { border-left: 3px solid var(--accent); padding-left: 0.8rem; }
.seal.broken { border-color: var(--warn); color: var(--warn); }
pre {
  background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 0.8rem 1rem; overflow-x: auto;
  font: 0.85rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace;
}
.versions { display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; font-size: 0.87rem; color: var(--soft); margin: 0; }
.versions div { display: flex; gap: 0.4rem; }
.versions dd { margin: 0; color: var(--ink); font-variant-numeric: tabular-nums; }
@media print { .figures figure, .mosaic figure, .table { break-inside: avoid; } }
`;
