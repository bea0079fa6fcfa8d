/** What a search's page says of its selection function: read from the folder that `arclet selection` writes. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { fileHash } from "../../dataset/hash.ts";
import type { Estimate } from "../../evaluate/schema.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { readJson } from "../../foundation/files.ts";

const SELECTION_FILE = "selection.json";

/** Only what is shown here; `arclet selection` writes more. */
const schema = z.looseObject({
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
  /** Completeness of all injected lenses, by threshold. */
  readonly thresholds: readonly { readonly threshold: number; readonly completeness: Estimate }[];
  readonly command: string | null;
  /** Its report and pictures, as paths. */
  readonly pages: readonly string[];
}

/** @throws ArcletError naming the file when it is missing, or not what `arclet selection` writes */
export function readSelection(folder: string): Selection {
  const file = join(folder, SELECTION_FILE);
  const { thresholds, provenance } = checked(file, schema, readJson(file), { code: "broken" });
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
    thresholds: thresholds.map(({ threshold, completeness: { value, low, high } }) => ({
      threshold,
      completeness: { value, low, high },
    })),
    command: provenance?.command ?? null,
    pages: [...inside(join(folder, "report.html")), ...pictures],
  };
}
