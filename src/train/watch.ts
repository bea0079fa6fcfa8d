/** Signs that a run goes wrong, from an epoch's numbers. None of them uses a target label. */
import { declarationOf, type NumberDeclarations } from "../adapt/numbers.ts";
import { mean } from "../foundation/statistics.ts";

/** Predictions with a smaller standard deviation over the target's images don't depend on the image. */
const LEAST_SPREAD = 1e-3;
/** A class must not be missing if at least this many images of it are expected. */
const LEAST_EXPECTED = 10;
/** A discriminator this close to 0.5 is at chance; above the other limit it is certain and teaches nothing. */
const CHANCE = 0.02;
const CERTAIN = 0.995;

/** Summary of a network's predictions on the target. */
export interface Outlook {
  /** Number of images. */
  images: number;
  /** Share of the images that each class is predicted for (K). */
  predicted: readonly number[];
  /** Standard deviation over the images of each class's probability (K). */
  spread: readonly number[];
}

export interface Watched {
  /** The epoch's training numbers, and what the method declares of them. */
  train: Readonly<Record<string, number>>;
  numbers: NumberDeclarations;
  /** Null without a target. */
  outlook: Outlook | null;
  classes: readonly string[];
  /** The expected target prior; null if none is given: a class may then be missing. */
  prior: readonly number[] | null;
}

/** What seems wrong, in words; empty for nothing. */
export function troublesOf(watched: Watched): string[] {
  const { outlook, classes, prior } = watched;
  const troubles: string[] = [];
  if (outlook !== null) {
    if (Math.max(...outlook.spread) < LEAST_SPREAD)
      troubles.push("collapsed: the predictions are the same for every target image");
    else
      outlook.predicted.forEach((share, k) => {
        const expected = (prior?.[k] ?? 0) * outlook.images;
        if (share === 0 && expected >= LEAST_EXPECTED)
          troubles.push(
            `collapsed: no target image is predicted as ${classes[k]}, ${expected.toFixed(0)} of ${outlook.images} are expected`,
          );
      });
  }
  const accuracy = discriminatorAccuracy(watched);
  if (accuracy === null) return troubles;
  if (accuracy >= CERTAIN)
    troubles.push(
      `the discriminator is right on ${(100 * accuracy).toFixed(1)} % of the images: it teaches nothing`,
    );
  if (Math.abs(accuracy - 0.5) < CHANCE)
    troubles.push(
      `the discriminator is at chance (${accuracy.toFixed(3)}): it has learned nothing, or all is aligned`,
    );
  return troubles;
}

/** A discriminator's accuracy, the mean over both domains; null without a discriminator. */
function discriminatorAccuracy({ train, numbers }: Watched): number | null {
  const partOf = (domain: "source" | "target") =>
    Object.entries(train).flatMap(([name, value]) =>
      declarationOf(numbers, name)?.discriminated === domain ? [value] : [],
    );
  const [source, target] = [partOf("source"), partOf("target")];
  return source.length === 0 || target.length === 0 ? null : (mean(source) + mean(target)) / 2;
}
