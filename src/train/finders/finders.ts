/**
 * The trained finders that come with Arclet, `finders/NAME/`: a model and its card. A command that takes a run takes a
 * finder's name as well. A file of that name, or a run's folder, goes before the finder; any other folder doesn't.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileHash } from "../../dataset/hash.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { nearest } from "../../foundation/nearest.ts";
import { CONFIG_FILE, MODEL_FILE } from "../run-files.ts";
import { type FinderCard, readCard } from "./card.ts";

export const CARD_FILE = "card.yaml";

/** A finder that comes along. */
export interface Finder {
  /** Its name. */
  name: string;
  /** Its model's file. */
  model: string;
  /** What it is, and how good. */
  card: FinderCard;
}

/** The folder of the finders: the package's, or that of the variable ARCLET_FINDERS. */
const findersFolder = (): string =>
  process.env.ARCLET_FINDERS || fileURLToPath(new URL("../../../finders", import.meta.url));

/** The finders' names, sorted. */
export function finderNames(): string[] {
  const folder = findersFolder();
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, CARD_FILE)))
    .sort();
}

/**
 * The finder of that name, its files checked.
 *
 * @throws ArcletError for an unknown name, suggesting the nearest, and for a model that is not the card's
 */
export function finderNamed(name: string): Finder {
  const names = finderNames();
  if (!names.includes(name)) {
    if (names.length > 0) throw unknown("finders", "name", name, names);
    throw new ArcletError({
      where: "finders",
      code: "absent",
      problem: `there are none in ${findersFolder()}`,
      fix: "bench/finders/run.sh makes them",
    });
  }
  const folder = join(findersFolder(), name);
  const card = readCard(join(folder, CARD_FILE));
  const model = join(folder, MODEL_FILE);
  if (card.name !== name)
    throw new ArcletError({
      where: folder,
      code: "broken",
      problem: `its card is that of ${card.name}`,
    });
  if (fileHash(model) !== card.sha256)
    throw new ArcletError({
      where: model,
      code: "broken",
      problem: `is not the file that its card describes (SHA-256 must begin with ${card.sha256.slice(0, 12)})`,
      fix: "install Arclet again",
    });
  return { name, model, card };
}

/**
 * The finder that a path stands for; null if it is a file's, a run's, or any other path.
 *
 * @throws ArcletError as `finderNamed`, and for a path that isn't there but nearly has a finder's name
 */
export function finderInPlaceOf(path: string): Finder | null {
  if (finderNames().includes(path)) return isRunOrFile(path) ? null : finderNamed(path);
  if (existsSync(path) || /[\\/.]/.test(path)) return null;
  const near = nearest(path, finderNames());
  if (near === undefined) return null;
  throw new ArcletError({
    where: path,
    code: "absent",
    problem: "is neither a run, nor a model, nor a finder",
    near,
  });
}

/** What to say of models that were given by name: which are finders, and which only have a finder's name. */
export function finderNotes(models: readonly (string | null)[]): string[] {
  const names = finderNames();
  return [...new Set(models)].flatMap((path) => {
    if (path === null || !names.includes(path)) return [];
    if (isRunOrFile(path)) return [`${path}: taken from this folder, not the finder of that name`];
    const { survey, training } = finderNamed(path).card;
    return [
      `${path}: the finder for ${survey} that comes with Arclet, trained ${training.date} (arclet finders ${path})`,
    ];
  });
}

/** Warnings of fluxes in another unit than a finder's, when both are known. */
export function unitWarnings(models: readonly string[], zeroPoint: number | undefined): string[] {
  return models.flatMap((path) => {
    const unit = finderInPlaceOf(path)?.card.zeroPoint;
    if (unit == null || zeroPoint === undefined || Math.abs(unit - zeroPoint) < 0.01) return [];
    const factor = 10 ** (0.4 * (zeroPoint - unit));
    return [
      `warning: ${path} reads fluxes of zero point ${unit}, these are of ${zeroPoint}, ${factor.toPrecision(3)} times as ` +
        `large; import them with --to-zero-point ${unit}`,
    ];
  });
}

const isRunOrFile = (path: string): boolean =>
  existsSync(path) &&
  (!statSync(path).isDirectory() || [MODEL_FILE, CONFIG_FILE].some((file) => existsSync(join(path, file))));
