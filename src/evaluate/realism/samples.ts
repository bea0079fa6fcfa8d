/** The images that are compared: drawn of each kind, alike in form, as numbers. */
import type { ImageDomain } from "../../dataset/dataset.ts";
import { applyPreprocessing } from "../../dataset/views/preprocess.ts";
import { rowsWhere } from "../../dataset/where.ts";
import { refuse } from "../../foundation/errors.ts";
import { permutation } from "../../foundation/random.ts";
import { noGrad } from "../../torch/autograd.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Model } from "../../train/model.ts";
import type { Sample } from "./realism.ts";

/** The images of one kind that were compared. */
export interface Side {
  domain: ImageDomain;
  folder: string;
  condition: string | null;
  rows: Int32Array;
}

/** Refuses two sides that a classifier would tell apart by their format alone. */
export function checkAlike(simulated: ImageDomain, real: ImageDomain, folder: string): void {
  const [a, b] = [simulated.info, real.info];
  const same = (what: string, expected: unknown, got: unknown) => {
    if (String(expected) !== String(got)) refuse(folder, what, `${expected}, as the simulation has`, got);
  };
  same("bands", a.bands, b.bands);
  same("pixels", a.pixels, b.pixels);
  same("shape", a.shape.join(" × "), b.shape.join(" × "));
  if (Math.abs(a.pixelScale / b.pixelScale - 1) > 0.02) same("pixel scale", a.pixelScale, b.pixelScale);
}

/** Rows that meet a condition on the table (null: all), `count` of them at most, drawn at random. */
export async function drawnSide(
  domain: ImageDomain,
  folder: string,
  condition: string | null,
  count: number,
  key: number,
): Promise<Side> {
  const rows = condition === null ? domain.rows() : await rowsWhere(folder, condition);
  const order = permutation(rows.length, key).slice(0, count).sort();
  return { domain, folder, condition, rows: order.map((index) => rows[index]!) };
}

/** A side's images as the probes take them. @throws ArcletError naming the first row with a pixel that is not finite */
export function sampleOf({ domain, rows, folder }: Side): Sample {
  const images = tidy(() => {
    const raw = domain.images(rows).to("float32");
    return domain.info.pixels === "display" ? raw.div(255) : raw;
  });
  const bad = tidy(() => images.isfinite().flatten(1).to("float32").min([1]).data() as Float32Array).indexOf(
    0,
  );
  if (bad >= 0)
    refuse(
      { where: folder, row: rows[bad]! + 1, id: domain.ids[rows[bad]!] },
      "pixels",
      "finite",
      "NaN or infinite",
    );
  return { images, groups: Array.from(rows, (row) => domain.groups[row]!) };
}

/** What an encoder sees in images (B, C, H, W) as stored: (B, F). */
export function featuresOf({ network, info }: Model, images: Tensor): Tensor {
  network.train(false);
  return noGrad(() =>
    network.features(applyPreprocessing(info.preprocessing, images).contiguous("channels_last")),
  );
}
