/** What travels with an exported graph, as texts by key: what a reader must know to use it, without Arclet. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { version } from "../../foundation/version.ts";
import { howText } from "../calibrate.ts";
import { CARD_FILE, type Finder } from "../finders/finders.ts";
import { leakText } from "../leak.ts";
import type { Model } from "../model.ts";
import type { GraphOptions } from "./whole-model.ts";

/** @param finder that the model is; null for any other model */
export function exportMetadata(
  { info, path }: Model,
  { positive, calibrated }: GraphOptions,
  finder: Finder | null,
): Record<string, string> {
  const { preprocessing, shape, classes, encoder, head, method, seed, leak, oracle } = info;
  const card = finder && readFileSync(join(dirname(finder.model), CARD_FILE), "utf8");
  const zeroPoint = finder?.card.zeroPoint ?? null;
  return {
    arclet: version(),
    model_sha256: fileHash(path),
    bands: JSON.stringify(preprocessing.bands),
    pixel_scale: String(preprocessing.pixelScale),
    size: JSON.stringify(shape.slice(1)),
    pixels: preprocessing.pixels,
    ...(zeroPoint !== null && { zero_point: String(zeroPoint) }),
    classes: JSON.stringify(classes),
    positive: classes[positive]!,
    ...(calibrated && {
      calibration: howText(info.calibration!, calibrated.by, calibrated.by),
      prior: JSON.stringify(calibrated.prior),
      source_prior: JSON.stringify(info.calibration!.prior),
    }),
    preprocessing: JSON.stringify(preprocessing),
    encoder: JSON.stringify(encoder),
    head: JSON.stringify(head),
    method,
    seed: String(seed),
    ...(leak !== null && { leak: leakText(leak) }),
    ...(oracle && { oracle: "target labels had a part in choosing it" }),
    ...(card !== null && { card }),
  };
}
