/** A gallery of candidates as one HTML file, for colleagues: pictures inside, no script, nothing from elsewhere. */
import { type DisplayOptions, displayRgb } from "../pictures/display.ts";
import { type Html, html, joined, raw } from "../pictures/html.ts";
import { picturePng } from "../pictures/mosaic.ts";
import { shownAs } from "../reports/evaluation/report.ts";
import { REPORT_STYLE } from "../reports/report-style.ts";
import type { ObjectFacts } from "./contract.ts";
import { factsOf } from "./facts.ts";
import { CANDIDATE, type Grade, MEANING } from "./grades.ts";
import type { Search } from "./search.ts";

/** What is a candidate, in the order in which the page has them. */
const SHOWN: readonly Grade[] = ["A", "B", "C", CANDIDATE];
/** Images read at a time. */
const AT_ONCE = 100;

/** The page of a grader's own grades A, B and C and marked candidates, each best rank first. */
export function galleryHtml(search: Search, grader: string): string {
  const { objects, ranking } = search;
  const { info } = objects.domain;
  const facts = candidates(search, grader);
  const pictures = picturesOf(
    search,
    facts.map(({ row }) => row),
  );
  const names = objects.finders.map(({ name }) => name);
  const sections = SHOWN.flatMap((grade) => {
    const own = facts.filter((one) => one.grade === grade);
    if (own.length === 0) return [];
    const title = grade === CANDIDATE ? "Marked, not graded yet" : `${grade}: ${MEANING[grade]}`;
    const all = joined(
      own.map((one) => figure(one, pictures.get(one.row)!, names, ranking)),
      "\n",
    );
    return [html`<section>\n<h2>${title} (${own.length})</h2>\n<div class="mosaic">${all}</div>\n</section>`];
  });
  const { graded } = search.grading.progress(grader);
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Candidates of ${info.name}</title>
<style>${raw(REPORT_STYLE)}</style>
</head>
<body>
<main>
<header>
<h1>Candidates of ${info.name}</h1>
<p class="question">${facts.length} candidates among ${graded} objects that ${grader} graded, ${new Date().toISOString().slice(0, 10)}.
Each picture is ${sideText(info)} wide. Click a picture to enlarge it, and again to close it.${
    objects.decoys.size > 0 &&
    facts.some(({ row }) => isOfOpenRound(search, grader, objects.domain.ids[row]!))
      ? " Some may be known objects that are shown among the others: they leave this page when the round is closed."
      : null
  }</p>
</header>
${sections.length === 0 ? html`<p>There is no candidate yet.</p>` : joined(sections, "\n")}
</main>
</body>
</html>
`;
  return text;
}

const sideText = ({ shape, pixelScale }: Search["objects"]["domain"]["info"]): string =>
  `${(shape[2] * pixelScale).toFixed(1)}″`;

/** The grader's candidates, best rank of the current ranking first; what has none comes last. */
function candidates(search: Search, grader: string): ObjectFacts[] {
  const { objects, grading, ranking } = search;
  const rows = [...objects.rows].filter((row) => {
    const id = objects.domain.ids[row]!;
    const { grade } = grading.saidOf(grader, id);
    // A decoy of the open round stays: by its absence the page would say which objects are decoys.
    const known = objects.decoys.has(row) && !isOfOpenRound(search, grader, id);
    return grade !== null && SHOWN.includes(grade) && !known;
  });
  const facts = factsOf(search, grader, rows, !objects.scoresTell).map((one) => {
    // Of an object to look at again, as it was said before.
    const { grade, kind } = grading.saidOf(grader, objects.domain.ids[one.row]!);
    return { ...one, grade, kind };
  });
  const rankOf = ({ scores }: ObjectFacts) => scores?.[ranking]?.rank ?? Number.POSITIVE_INFINITY;
  return facts.sort((a, b) => (rankOf(a) === rankOf(b) ? 0 : rankOf(a) - rankOf(b)));
}

/** Whether an object was graded, or marked, in the open round. */
const isOfOpenRound = ({ grading }: Search, grader: string, id: string): boolean =>
  grading.saidOf(grader, id).grade === CANDIDATE ||
  grading.looks(grader, id).some(({ round }) => round === grading.round);

/** PNG of each row as an address that holds it. */
function picturesOf({ objects: { domain } }: Search, rows: readonly number[]): Map<number, string> {
  const [channels, height, width] = domain.info.shape;
  const options: DisplayOptions = shownAs(domain.info);
  const pictures = new Map<number, string>();
  for (let k = 0; k < rows.length; k += AT_ONCE) {
    const part = rows.slice(k, k + AT_ONCE);
    const images = domain.images(part);
    const data = images.data() as Uint8Array | Float32Array;
    images.dispose();
    const stack = { data, shape: [part.length, channels, height, width] as const };
    for (const [i, row] of part.entries()) {
      const png = picturePng(displayRgb(stack, i, options));
      pictures.set(row, `data:image/png;base64,${Buffer.from(png).toString("base64")}`);
    }
  }
  return pictures;
}

function figure(facts: ObjectFacts, source: string, finders: readonly string[], ranking: number): Html {
  const { id, grade, position, tags, comment, scores } = facts;
  const rank = scores?.[ranking]?.rank;
  const head = [grade === CANDIDATE ? "★" : grade, ...(rank === undefined ? [] : [`rank ${rank}`])].join(
    " · ",
  );
  const ranks = finders.flatMap((name, k) => {
    const given = scores?.[k];
    if (given == null) return [];
    const probability = given.calibrated === null ? "" : `, P ${given.calibrated.toPrecision(2)}`;
    return [html`<span>${name}: ${given.score.toPrecision(4)}, rank ${given.rank}${probability}</span>`];
  });
  const links = position?.links.map(
    ({ name, url }) => html`<a href="${url}" target="_blank" rel="noopener noreferrer">${name}</a>`,
  );
  const words = html`<figcaption><b>${head}</b><span class="id">${id}</span>${
    position === null
      ? null
      : html`<span class="place">${position.text}</span><span class="links">${joined(links!, " ")}</span>`
  }${ranks}${tags.length === 0 ? null : html`<span>${tags.join(", ")}</span>`}${
    comment === "" ? null : html`<span>“${comment}”</span>`
  }</figcaption>`;
  const box = html`<input type="checkbox" aria-label="enlarge ${id}">`;
  return html`<figure><label class="zoom">${box}<img src="${source}" alt="${id}"></label>${words}</figure>`;
}
