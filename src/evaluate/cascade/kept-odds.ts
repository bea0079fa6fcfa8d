/**
 * A file that keeps what a finder says of images: its log odds, of each dataset by its content hash. A student's threshold, loss
 * and seed can then be tried without asking the finder again, which takes most of the time; and work that was stopped goes on.
 */
import { existsSync } from "node:fs";
import { z } from "zod";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { tensor } from "../../torch/create.ts";
import { readSafetensors, writeSafetensors } from "../../torch/safetensors.ts";
import { tidy } from "../../torch/scope.ts";

const METADATA_KEY = "arclet_finder_odds";

const aboutSchema = z.strictObject({
  /** SHA-256 of the finder's file. */
  finder: z.string(),
  /** The class of the odds. */
  positive: z.string(),
  precision: z.enum(["float32", "bfloat16"]),
});

/** Of which finder, class and arithmetic log odds are. */
export type AboutOdds = z.output<typeof aboutSchema>;

export class KeptOdds {
  private readonly path: string | null;
  private readonly about: AboutOdds;
  /** By content hash, of all rows; NaN of a row that has none. */
  private readonly known = new Map<string, Float64Array>();

  /**
   * @param path null keeps nothing
   * @throws ArcletError for a file that is none of these, is damaged, or is of another finder, class or precision
   */
  constructor(path: string | null, about: AboutOdds) {
    this.path = path;
    this.about = about;
    if (path === null || !existsSync(path)) return;
    const { tensors, metadata } = readSafetensors(path);
    try {
      const had = checked(path, aboutSchema, parsed(metadata[METADATA_KEY]), {
        whole: "its metadata",
        code: "broken",
      });
      for (const key of ["finder", "positive", "precision"] as const)
        if (had[key] !== about[key])
          throw new ArcletError({
            where: path,
            code: "conflict",
            problem: `keeps scores of another ${key}: ${had[key]}, here it is ${about[key]}`,
            fix: "give another --scores",
          });
      for (const [hash, odds] of tensors) this.known.set(hash, Float64Array.from(odds.numbers()));
    } finally {
      for (const one of tensors.values()) one.dispose();
    }
  }

  /**
   * @param count of all rows of the dataset
   * @returns log odds of the rows, NaN where they are not known
   */
  of(contentHash: string, count: number, rows: Int32Array): Float64Array {
    const odds = this.known.get(contentHash);
    return Float64Array.from(rows, (row) => (odds?.length === count ? odds[row]! : Number.NaN));
  }

  /** Adds log odds of rows, and writes the file. */
  add(contentHash: string, count: number, rows: Int32Array, odds: Float64Array): void {
    if (this.path === null) return;
    const all = this.known.get(contentHash);
    const own = all?.length === count ? all : new Float64Array(count).fill(Number.NaN);
    rows.forEach((row, i) => {
      own[row] = odds[i]!;
    });
    this.known.set(contentHash, own);
    tidy(() => {
      const tensors = [...this.known].map(([hash, values]) => [hash, tensor(values)] as const);
      writeSafetensors(this.path!, new Map(tensors), { [METADATA_KEY]: JSON.stringify(this.about) });
    });
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
