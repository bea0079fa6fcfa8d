/** A finder as looking uses it: what its scores rest on, and its features. */
import { z } from "zod";
import type { ImageDomain } from "../dataset/dataset.ts";
import { fileHash } from "../dataset/hash.ts";
import { fittingFields } from "../dataset/views/fitting/config.ts";
import { fitImages } from "../dataset/views/fitting/fit.ts";
import type { Explainer } from "../evaluate/explanation/explainer.ts";
import { heatMaps } from "../evaluate/explanation/heat.ts";
import { positiveOf } from "../evaluate/positive.ts";
import { tidy } from "../torch/scope.ts";
import { loadModel, type Model, needsOf } from "../train/model.ts";
import { featureRows } from "../train/predict.ts";
import type { Heat } from "./look-keys.ts";
import type { LoadedFinder } from "./look-tasks.ts";

/** What changes pixels would show heat of another image than the one on the page. */
const AS_THEY_ARE = z.object(fittingFields).parse({ resample: false, stretch: {} });

/** Patches of a sixth of the image's side, two on each pixel of a row. */
const occlusionOf = (side: number) => {
  const window = Math.max(2, Math.round(side / 6));
  return { window, stride: Math.ceil(window / 2) };
};

export class LookFinder {
  readonly loaded: LoadedFinder;
  readonly #model: Model;
  readonly #domain: ImageDomain;
  readonly #explainer: Explainer;

  private constructor(name: string, model: Model, domain: ImageDomain) {
    this.loaded = { name, sha256: fileHash(model.path) };
    this.#model = model;
    this.#domain = domain;
    const { classes, preprocessing } = model.info;
    const classIndex = positiveOf(classes, null);
    this.#explainer = { network: model.network, preprocessing, classIndex, output: "logit" };
  }

  /**
   * Loads a finder on the CPU. Bands are taken by name; images that it was not made for are refused.
   *
   * @param name a run, a model's file or a finder's name
   * @throws ArcletError as `loadModel` and `fitImages`
   */
  static open(name: string, domain: ImageDomain): LookFinder {
    const model = loadModel(name, "cpu");
    const fitted = fitImages(domain, needsOf(model.info), AS_THEY_ARE);
    return new LookFinder(name, model, fitted.domain);
  }

  /** Of a row: (H, W); Grad-CAM's is ≥ 0, occlusion's in logits. */
  heat(row: number, by: Heat): Float32Array<ArrayBuffer> {
    return tidy(() => {
      const images = this.#domain.images([row]);
      const [heat] = heatMaps(this.#explainer, images, [by], occlusionOf(Math.min(...images.shape.slice(2))));
      return heat!.data() as Float32Array<ArrayBuffer>;
    });
  }

  /** Between head and classifier: (N, F). */
  async features(rows: readonly number[]): Promise<Float32Array<ArrayBuffer>> {
    const { values } = await featureRows(this.#model, this.#domain, rows);
    return values as Float32Array<ArrayBuffer>;
  }
}
