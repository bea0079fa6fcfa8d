/** Signs that a run goes wrong, read from an epoch's numbers. None of them looks at a target label. */
import { declarationOf, type NumberDeclarations } from "../adapt/numbers.ts";
import { mean } from "../foundation/statistics.ts";

/** Predictions whose standard deviation over the target's images is below this don't depend on the image. */
const LEAST_SPREAD = 1e-3;
/** A class that should have this many of the images that were looked at must not be missing. */
const EXPECTED = 10;
/** A discriminator this near to 0.5 knows nothing; one this near to 1 teaches nothing. */
const CHANCE = 0.02;
const CERTAIN = 0.995;

/** What a network says of the target's images, in short. */
export interface Outlook {
  /** Images looked at. */
  images: number;
  /** Part of them that each class is predicted for (K). */
  predicted: readonly number[];
  /** Standard deviation over the images of each class's probability (K). */
  spread: readonly number[];
}

export interface Watched {
  /** The epoch's training numbers, and what the method declares of them. */
  train: Readonly<Record<string, number>>;
  numbers: NumberDeclarations;
  /** Null where there is no target. */
  outlook: Outlook | null;
  classes: readonly string[];
  /** The expected target prior; null when none was given: a missing class is then no wonder. */
  prior: readonly number[] | null;
}

/** What is wrong, in words; empty when nothing is. */
export function troubles(watched: Watched): string[] {
  const { outlook, classes, prior } = watched;
  const found: string[] = [];
  if (outlook !== null) {
    if (Math.max(...outlook.spread) < LEAST_SPREAD)
      found.push("collapsed: the predictions are the same for every target image");
    else
      outlook.predicted.forEach((part, k) => {
        const expected = (prior?.[k] ?? 0) * outlook.images;
        if (part === 0 && expected >= EXPECTED)
          found.push(
            `collapsed: no target image is called ${classes[k]}, ${expected.toFixed(0)} of ${outlook.images} are expected`,
          );
      });
  }
  const accuracy = discriminatorAccuracy(watched);
  if (accuracy === null) return found;
  if (accuracy >= CERTAIN)
    found.push(
      `the discriminator is right on ${(100 * accuracy).toFixed(1)} % of the images: it teaches nothing`,
    );
  if (Math.abs(accuracy - 0.5) < CHANCE)
    found.push(
      `the discriminator is at chance (${accuracy.toFixed(3)}): it has learned nothing, or all is aligned`,
    );
  return found;
}

/** The mean over the domains of the part that a discriminator finds out; null where none is at work. */
function discriminatorAccuracy({ train, numbers }: Watched): number | null {
  const partOf = (domain: "source" | "target") =>
    Object.entries(train).flatMap(([name, value]) =>
      declarationOf(numbers, name)?.discriminated === domain ? [value] : [],
    );
  const [source, target] = [partOf("source"), partOf("target")];
  return source.length === 0 || target.length === 0 ? null : (mean(source) + mean(target)) / 2;
}
