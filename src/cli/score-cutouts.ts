/** Cutouts that are not a dataset: imported the way a model takes them, scored, and the dataset removed again. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { INFO_FILE, shardName, TABLE_FILE } from "../dataset/info.ts";
import { SET_ASIDE_FILE } from "../dataset/set-aside.ts";
import { line } from "../foundation/command-line.ts";
import { ArcletError } from "../foundation/errors.ts";
import { UNFINISHED_FILE } from "../foundation/files.ts";
import { progress } from "../foundation/progress.ts";
import type { ImportOptions } from "../making/importing/config.ts";
import { importImages } from "../making/importing/import.ts";
import { inputsOf } from "../making/importing/listing.ts";
import { finderInPlaceOf } from "../train/finders/finders.ts";
import { needsOf, readModelInfo } from "../train/model.ts";

/** Whether a path holds images that `import` could read, and is no dataset, nor a folder of some. */
export function areCutouts(path: string): boolean {
  if (!existsSync(path)) return false;
  if (statSync(path).isDirectory()) {
    const dataset = (folder: string) =>
      // With a table or a shard it is a damaged dataset.
      [INFO_FILE, UNFINISHED_FILE, TABLE_FILE, shardName(0)].some((file) => existsSync(join(folder, file)));
    if (dataset(path) || readdirSync(path).some((name) => dataset(join(path, name)))) return false;
  }
  const { stacks, files } = inputsOf([path]);
  return stacks.length + files.length > 0;
}

/**
 * Imports cutouts with a model's bands, pixel scale and size into a folder beside `out`, which is removed after `work`.
 *
 * @param model whose needs are met; the others of an ensemble may be fitted as any dataset is
 * @throws ArcletError for cutouts that can't be imported so, with the command that imports them by other settings
 */
export async function withCutouts<T>(
  data: string,
  model: string,
  { out, zeroPoint }: { out: string; zeroPoint: readonly number[] | null },
  work: (dataset: string) => Promise<T>,
): Promise<T> {
  const options = settingsFor(data, model, zeroPoint);
  const parent = dirname(resolve(out));
  mkdirSync(parent, { recursive: true });
  const scratch = mkdtempSync(join(parent, ".arclet-score-"));
  try {
    const folder = join(scratch, "images");
    await imported(data, { ...options, out: folder }, setAsideBeside(out), model);
    return await work(folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

type Settings = Omit<ImportOptions, "out">;

function settingsFor(data: string, model: string, zeroPoint: readonly number[] | null): Settings {
  const { bands, pixelScale, shape } = needsOf(readModelInfo(model).info);
  const unit = finderInPlaceOf(model)?.card.zeroPoint ?? null;
  return {
    images: [data],
    name: basename(resolve(data)),
    bands: [...bands],
    pixelScale,
    size: shape[1],
    // Pictures, whose pixels state no scale, stay as they are.
    resample: true,
    ...(zeroPoint === null ? {} : { zeroPoint: [...zeroPoint] }),
    ...(unit === null ? {} : { toZeroPoint: unit }),
    fractions: [1, 0, 0],
  };
}

async function imported(
  data: string,
  options: ImportOptions,
  setAsideFile: string,
  model: string,
): Promise<void> {
  const bar = (total: number, already: number) => progress("import", total, "images", already);
  const command = importCommand(data, options);
  try {
    const { info, setAside, notes } = await importImages(options, { bar });
    console.log(
      `${data}: no dataset, so ${info.count} images are read with ${model}'s bands (${options.bands.join(", ")}), ` +
        `${options.pixelScale} arcsec a pixel if their files don't say, and the middle ${options.size} pixels`,
    );
    for (const note of notes) console.log(`${data}: ${note}`);
    console.log(`to keep them as a dataset: ${command}`);
    const unused = Object.values(setAside).reduce((sum, count) => sum + count, 0);
    if (unused === 0) return;
    copyFileSync(join(options.out, SET_ASIDE_FILE), setAsideFile);
    console.log(`${data}: ${unused} images set aside in ${setAsideFile}`);
  } catch (error) {
    if (!(error instanceof ArcletError) || error.code === "interrupted") throw error;
    const unitNotGiven = options.toZeroPoint != null && options.zeroPoint == null;
    const first = unitNotGiven ? "give --zero-point if the files state none, or " : "";
    throw error.with({ fix: `${first}${command}, with settings that suit them, makes a dataset to score` });
  }
}

const setAsideBeside = (out: string): string => `${out.replace(/\.[^./]+$/, "")}-${SET_ASIDE_FILE}`;

/** The command that makes the same dataset for keeps. */
const importCommand = (data: string, options: ImportOptions): string =>
  line([
    ...["import", data, "--bands", options.bands.join(","), "--size", String(options.size)],
    ...["--pixel-scale", String(options.pixelScale), ...(options.resample ? ["--resample"] : [])],
    ...(options.zeroPoint ? ["--zero-point", options.zeroPoint.join(",")] : []),
    ...(options.toZeroPoint == null ? [] : ["--to-zero-point", String(options.toZeroPoint)]),
    ...["--out", join("data", String(options.name))],
  ]);
