/** Images scored in batches, best first. */
import type { Choice, Wish } from "./engine/choosing.ts";
import { type Finder, scoresOf } from "./finder.ts";
import { fitted, type Image } from "./read/image.ts";

export interface Ranked {
  name: string;
  /** (C, H, W) as the finder sees it. */
  pixels: Float32Array;
  /** Of the positive class. */
  logit: number;
  score: number;
  /** null without a calibration */
  calibrated: number | null;
}

export interface Ranking {
  /** Best first, those of equal score by name. */
  ranked: Ranked[];
  /** Why others were left out. */
  problems: string[];
  /** What computed; null without an image that fits */
  choice: Choice | null;
}

/** Lets the browser draw, and take a click, between batches. */
const breath = () => new Promise<void>((resume) => setTimeout(resume));

/**
 * @param tick called with the number of images done
 * @param stopped whether to end with what is there
 * @throws Error if what was asked to compute can't
 */
export async function rank(
  finder: Finder,
  wish: Wish,
  images: readonly Image[],
  tick: (done: number) => void,
  stopped: () => boolean,
): Promise<Ranking> {
  const problems: string[] = [];
  const fitting = images.flatMap((image) => {
    const pixels = fitted(image, finder);
    if (typeof pixels !== "string") return [{ name: image.name, pixels }];
    problems.push(`${image.name} ${pixels}`);
    return [];
  });
  if (fitting.length === 0) return { ranked: [], problems, choice: null };
  const pixelsOf = (some: readonly { pixels: Float32Array }[]) => some.map(({ pixels }) => pixels);
  const choice = await finder.engine(wish, pixelsOf(fitting));
  const { engine } = choice;
  const start = performance.now();
  const ranked: Ranked[] = [];
  for (let first = 0; first < fitting.length && !stopped(); first += engine.batch) {
    const some = fitting.slice(first, first + engine.batch);
    const { logit, score, calibrated } = await scoresOf(finder, engine, pixelsOf(some));
    some.forEach((one, i) => {
      ranked.push({ ...one, logit: logit[i]!, score: score[i]!, calibrated: calibrated?.[i] ?? null });
    });
    tick(problems.length + first + some.length);
    await breath();
  }
  performance.measure(`scored ${ranked.length}`, { start, end: performance.now() });
  ranked.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  return { ranked, problems, choice };
}

/** The ranking as `arclet score` writes it, as far as a page knows it. */
export function csvOf(ranked: readonly Ranked[]): string {
  const field = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const number = (value: number | null) => (value === null ? "" : String(Number(value.toPrecision(9))));
  const rows = ranked.map(({ name, score, calibrated }, i) =>
    [field(name), i + 1, number(score), number(calibrated)].join(","),
  );
  return `${["id,rank,score,calibrated", ...rows].join("\n")}\n`;
}
