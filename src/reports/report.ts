/** The report: one HTML file that needs no network and reads as a page one would show. */
import { writeFileWhole } from "../foundation/files.ts";
import { escapeHtml, htmlTable } from "../pictures/html.ts";
import { picturePng, type Tile } from "../pictures/mosaic.ts";
import type { Table } from "../pictures/table.ts";
import { REPORT_STYLE } from "./report-style.ts";

/** Everything that is text is escaped; only `svg` goes in as it is and must come from our own figures. */
export interface ReportContent {
  readonly title: string;
  /** What was asked, in a sentence or a few. */
  readonly asked: string;
  /** The few numbers a reader takes home. */
  readonly headlines?: readonly Headline[];
  readonly data: readonly ReportData[];
  readonly split: ReportSplit;
  readonly tables: readonly ReportTable[];
  readonly figures: readonly ReportFigure[];
  readonly mosaics?: readonly ReportMosaic[];
  /** How the finders were trained. */
  readonly training?: readonly ReportFigure[];
  /** Commands that repeat the result, one a line. */
  readonly commands: readonly string[];
  /** E.g. `arclet` → `0.1.0`, `libtorch` → `1.13.1`. */
  readonly versions: Readonly<Record<string, string>>;
  /** What a reader must know: limits, rows set aside, deviations. */
  readonly notes?: readonly string[];
}

export interface Headline {
  /** E.g. `AUROC, ADDA, look-alikes`. */
  readonly label: string;
  /** E.g. `0.812`. */
  readonly value: string;
  /** E.g. `95 % interval 0.771 to 0.849`. */
  readonly detail?: string;
}

export interface ReportData {
  /** E.g. `source`, `target`. */
  readonly role: string;
  readonly name: string;
  readonly images: number;
  /** Images by class; absent where labels are not known or not to be seen. */
  readonly classes?: Readonly<Record<string, number>>;
  /** Content hash of the dataset. */
  readonly hash: string;
  readonly origin?: string;
}

export interface ReportSplit {
  /** How rows were divided and what was tested on. */
  readonly text: string;
  /** The opening of the sealed split; null where none was sealed. */
  readonly seal: { readonly split: string; readonly time: string; readonly openedBefore: number } | null;
}

export interface ReportTable {
  readonly title: string;
  readonly table: Table;
  readonly note?: string;
}

export interface ReportFigure {
  readonly title: string;
  /** From this room's figures. */
  readonly svg: string;
  readonly caption: string;
  /** Across the whole page, for pictures of several columns. */
  readonly wide?: boolean;
}

export interface ReportMosaic {
  readonly title: string;
  readonly caption: string;
  /** Least width of a tile on the page, CSS pixels, for pictures that are no squares; default: small squares. */
  readonly wide?: number;
  readonly tiles: readonly Tile[];
}

/** Writes the report. @throws ArcletError naming the file when it can't be written */
export function writeReport(path: string, content: ReportContent): void {
  writeFileWhole(path, reportHtml(content));
}

/** The report as HTML. */
export function reportHtml(content: ReportContent): string {
  const sections = [
    content.headlines?.length ? headlines(content.headlines) : "",
    section("Results", content.tables.map(tableBlock).join("")),
    section("Figures", grid(content.figures.map(figure))),
    ...(content.mosaics ?? []).map(mosaic),
    section("Training", grid((content.training ?? []).map(figure))),
    section("Data", htmlTable(dataTable(content.data))),
    section("Split and seal", split(content.split)),
    content.notes?.length ? section("To be known", list(content.notes)) : "",
    section(
      "How to repeat it",
      `<pre>${escapeHtml(content.commands.join("\n"))}</pre>${versions(content.versions)}`,
    ),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(content.title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(content.title)}</h1>
<p class="asked">${escapeHtml(content.asked)}</p>
</header>
${sections.filter(Boolean).join("\n")}
</main>
</body>
</html>
`;
}

function section(title: string, inner: string): string {
  return inner === "" ? "" : `<section>\n<h2>${escapeHtml(title)}</h2>\n${inner}\n</section>`;
}

function headlines(entries: readonly Headline[]): string {
  const one = ({ label, value, detail }: Headline) =>
    `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>` +
    `${detail === undefined ? "" : `<dd class="detail">${escapeHtml(detail)}</dd>`}</div>`;
  return `<dl class="headlines">${entries.map(one).join("")}</dl>`;
}

function tableBlock({ title, table, note }: ReportTable): string {
  const after = note === undefined ? "" : `<p class="note">${escapeHtml(note)}</p>`;
  return `<h3>${escapeHtml(title)}</h3>\n${htmlTable(table)}\n${after}`;
}

function grid(figures: readonly string[]): string {
  return figures.length === 0 ? "" : `<div class="figures">${figures.join("\n")}</div>`;
}

function figure({ title, svg, caption, wide }: ReportFigure): string {
  return `<figure${wide ? ' class="wide"' : ""}><h3>${escapeHtml(title)}</h3>${svg}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

function mosaic({ title, caption, tiles, wide }: ReportMosaic): string {
  if (tiles.length === 0) return "";
  const one = (tile: Tile) => {
    const source = `data:image/png;base64,${Buffer.from(picturePng(tile.picture)).toString("base64")}`;
    const label = tile.label === undefined ? "" : `<span class="label">${escapeHtml(tile.label)}</span>`;
    return (
      `<figure><img src="${source}" alt="${escapeHtml(tile.id)}" loading="lazy">` +
      `<figcaption><b>${escapeHtml(tile.caption)}</b>${label}` +
      `<span class="id" title="${escapeHtml(tile.id)}">${escapeHtml(tile.id)}</span></figcaption></figure>`
    );
  };
  const kind = wide === undefined ? `class="mosaic"` : `class="mosaic wide" style="--tile: ${wide}px"`;
  const tilesHtml = `<div ${kind}>${tiles.map(one).join("\n")}</div>`;
  return section(title, `<p class="note">${escapeHtml(caption)}</p>${tilesHtml}`);
}

function dataTable(data: readonly ReportData[]): Table {
  const classes = (counts: ReportData["classes"]) =>
    counts === undefined
      ? "not used"
      : Object.entries(counts)
          .map(([name, count]) => `${name} ${count}`)
          .join(", ");
  return {
    columns: ["role", "dataset", "images", "labels", "origin", "content hash"],
    rows: data.map((entry) => [
      entry.role,
      entry.name,
      entry.images,
      classes(entry.classes),
      entry.origin ?? null,
      entry.hash,
    ]),
  };
}

function split({ text, seal }: ReportSplit): string {
  const paragraph = `<p>${escapeHtml(text)}</p>`;
  if (seal === null) return `${paragraph}<p class="seal">No split was sealed.</p>`;
  const before =
    seal.openedBefore === 0
      ? "It had not been opened before."
      : `It had been opened ${seal.openedBefore} time${seal.openedBefore === 1 ? "" : "s"} before: these numbers are not of an unseen test.`;
  const opened = `The sealed split “${seal.split}” was opened on ${seal.time}. ${before}`;
  return `${paragraph}<p class="seal${seal.openedBefore === 0 ? "" : " broken"}">${escapeHtml(opened)}</p>`;
}

function list(notes: readonly string[]): string {
  return `<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`;
}

function versions(entries: Readonly<Record<string, string>>): string {
  const items = Object.entries(entries).map(
    ([name, version]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(version)}</dd></div>`,
  );
  return `<dl class="versions">${items.join("")}</dl>`;
}
