/** What a search's page says of its selection function: read from the folder that `arclet selection` writes. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { fileHash } from "../../dataset/hash.ts";
import type { Estimate } from "../../evaluate/schema.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { readJson } from "../../foundation/files.ts";
import type { SearchFinder } from "./finders.ts";

const SELECTION_FILE = "selection.json";

/** Only what is used here; `arclet selection` writes more. */
const schema = z.looseObject({
  finders: z
    .array(z.looseObject({ kind: z.enum(["scores", "model"]), name: z.string(), sha256: z.string() }))
    .min(1),
  thresholds: z
    .array(
      z.looseObject({
        threshold: z.number(),
        completeness: z.looseObject({
          value: z.number(),
          low: z.number().nullable(),
          high: z.number().nullable(),
        }),
      }),
    )
    .min(1),
  provenance: z.looseObject({ command: z.string().optional() }).optional(),
});

export interface Selection {
  readonly file: string;
  readonly sha256: string;
  /** Why nothing shows that it is of the search's finders, or that it is of some of them; null if it is of all. */
  readonly doubt: string | null;
  /** Completeness of all injected lenses, by threshold. */
  readonly thresholds: readonly { readonly threshold: number; readonly completeness: Estimate }[];
  readonly command: string | null;
  /** Its report and pictures, as paths. */
  readonly pages: readonly string[];
}

/**
 * @param finders those of the search
 * @throws ArcletError naming the file when it is missing, not what `arclet selection` writes, or of a model that is none of
 *   the search's finders
 */
export function readSelection(folder: string, finders: readonly SearchFinder[]): Selection {
  const file = join(folder, SELECTION_FILE);
  const {
    thresholds,
    provenance,
    finders: measured,
  } = checked(file, schema, readJson(file), { code: "broken" });
  const inside = (path: string) => (existsSync(path) ? [path] : []);
  const figures = join(folder, "figures");
  const pictures = inside(figures).flatMap((at) =>
    readdirSync(at)
      .filter((name) => /\.(svg|png)$/.test(name))
      .sort()
      .map((name) => join(at, name)),
  );
  return {
    file,
    sha256: fileHash(file),
    doubt: doubtOf(file, measured, finders),
    thresholds: thresholds.map(({ threshold, completeness: { value, low, high } }) => ({
      threshold,
      completeness: { value, low, high },
    })),
    command: provenance?.command ?? null,
    pages: [...inside(join(folder, "report.html")), ...pictures],
  };
}

type Measured = z.output<typeof schema>["finders"];

function doubtOf(file: string, measured: Measured, finders: readonly SearchFinder[]): string | null {
  const table = measured.find(({ kind }) => kind === "scores");
  const unshown = "nothing shows that the selection function is of this search's finders";
  if (table !== undefined) return `${unshown}: it was measured from a table of scores, ${table.name}`;
  if (finders.length === 0) return `${unshown}, since search.yaml names none`;
  const known = new Set(finders.map(({ sha256 }) => sha256));
  const other = measured.find(({ sha256 }) => !known.has(sha256));
  if (other !== undefined)
    throw new ArcletError({
      where: file,
      code: "conflict",
      problem: `is of ${other.name}, a model that is none of the search's finders, which are ${finders
        .map(({ name }) => name)
        .join(", ")} (SHA-256 begins with ${other.sha256.slice(0, 12)})`,
      fix: "name that finder in search.yaml if it made the scores, or measure the selection function of those that did",
    });
  const used = new Set(measured.map(({ sha256 }) => sha256));
  const unused = finders.filter(({ sha256 }) => !used.has(sha256)).map(({ name }) => name);
  return unused.length === 0
    ? null
    : `the selection function is of ${measured.map(({ name }) => name).join(", ")} alone, not of ${unused.join(", ")}`;
}
