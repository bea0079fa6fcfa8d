/** Heat maps of a batch of images, with the pictures that they are drawn over. */
import type { ImageDomain } from "../../dataset/dataset.ts";
import type { Explainer } from "../../evaluate/explanation/explainer.ts";
import { type Explanation, heatMaps } from "../../evaluate/explanation/heat.ts";
import { inFileName } from "../../foundation/file-name.ts";
import { displayRgb, type Rgb } from "../../pictures/display.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { shownAs } from "../evaluation/report.ts";
import type { ExplainValues } from "./config.ts";

export interface BatchMaps {
  /** For each method, (B H W). */
  heats: readonly Float32Array[];
  /** The picture of image k of the batch. */
  picture: (k: number) => Rgb;
}

export function mapsOf(
  domain: ImageDomain,
  rows: readonly number[],
  explainer: Explainer,
  methods: readonly Explanation[],
  { window, stride }: Pick<ExplainValues, "window" | "stride">,
): BatchMaps {
  return tidy(() => {
    const images = domain.images(rows);
    const heats = heatMaps(explainer, images, methods, { window, stride }).map(
      (map) => map.data() as Float32Array,
    );
    return { heats, picture: pictureOf(domain, images) };
  });
}

/** The same from heats that were computed before. */
export const mapsAgain = (
  domain: ImageDomain,
  rows: readonly number[],
  heats: readonly Float32Array[],
): BatchMaps => tidy(() => ({ heats, picture: pictureOf(domain, domain.images(rows)) }));

function pictureOf(domain: ImageDomain, images: Tensor): BatchMaps["picture"] {
  const shape = images.shape as unknown as readonly [number, number, number, number];
  const stack = { data: images.data() as Uint8Array | Float32Array, shape };
  return (k) => displayRgb(stack, k, shownAs(domain.info));
}

/** Map k of `count` consecutive maps. */
export const mapAt = (maps: Float32Array, k: number, count: number): Float32Array =>
  maps.subarray((k * maps.length) / count, ((k + 1) * maps.length) / count);

/** `0001-id.svg` */
export const panelName = (index: number, id: string): string =>
  `${String(index + 1).padStart(4, "0")}-${inFileName(id).slice(0, 80)}.svg`;
