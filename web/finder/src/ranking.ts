/** Images scored in batches, best first. */
import { type Finder, scoresOf } from "./finder.ts";
import { fitted, type Image } from "./read/image.ts";

export interface Ranked {
  name: string;
  /** (C, H, W) as the finder sees it. */
  pixels: Float32Array;
  score: number;
  /** null without a calibration */
  calibrated: number | null;
}

const BATCH = 16;

/** Lets the browser draw, and take a click, between batches. */
const breath = () => new Promise<void>((resume) => setTimeout(resume));

/**
 * @param tick called with the number of images done
 * @param stopped whether to end with what is there
 * @returns ranked images, those of equal score by name, and why others were left out
 */
export async function rank(
  finder: Finder,
  images: readonly Image[],
  tick: (done: number) => void,
  stopped: () => boolean,
): Promise<{ ranked: Ranked[]; problems: string[] }> {
  const ranked: Ranked[] = [];
  const problems: string[] = [];
  for (let first = 0; first < images.length && !stopped(); first += BATCH) {
    const some = images.slice(first, first + BATCH).flatMap((image) => {
      const pixels = fitted(image, finder);
      if (typeof pixels !== "string") return [{ name: image.name, pixels }];
      problems.push(`${image.name} ${pixels}`);
      return [];
    });
    if (some.length > 0) {
      const { score, calibrated } = await scoresOf(
        finder,
        some.map(({ pixels }) => pixels),
      );
      some.forEach((one, i) => {
        ranked.push({ ...one, score: score[i]!, calibrated: calibrated?.[i] ?? null });
      });
    }
    tick(Math.min(first + BATCH, images.length));
    await breath();
  }
  ranked.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  return { ranked, problems };
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
