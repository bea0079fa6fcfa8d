/**
 * A dataset as a model takes it. What can be done without loss and without a choice is done and said: bands are taken by
 * name, in the model's order. What changes pixels is done where it was asked for: other pixel scales and sizes, and
 * composites of flux. Everything else is refused, naming the way out.
 */
import { ArcletError } from "../../../foundation/errors.ts";
import { eightBit } from "../../../sky/stretch.ts";
import { tidy } from "../../../torch/scope.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import type { ImageDomain, ImageInfo, Rows } from "../../dataset.ts";
import { indices } from "../../images.ts";
import type { Split } from "../../info.ts";
import { applyPreprocessing, fitPreprocessing } from "../preprocess.ts";
import type { Fitting } from "./config.ts";
import { middle, resample } from "./resample.ts";

/** What images a model takes. */
export interface Needs {
  bands: readonly string[];
  /** Arcsec per pixel. */
  pixelScale: number;
  pixels: "flux" | "display";
  /** [C, H, W] */
  shape: readonly [number, number, number];
}

/** Pixel scales so close are the same. */
const CLOSE = 0.01;

interface Step {
  info: ImageInfo;
  change: (images: Tensor) => Tensor;
  said: string;
}

/**
 * @returns the dataset with other images, and what was done, a line each; the dataset itself where nothing had to be
 * @throws ArcletError for a dataset that the model can't take, or only by what was not asked for
 */
export function fitImages(
  domain: ImageDomain,
  needs: Needs,
  adapting: Fitting,
): { domain: ImageDomain; said: string[] } {
  const steps: Step[] = [];
  let seen = domain;
  for (const plan of [regridded, composed, banded]) {
    const step = plan(seen, needs, adapting);
    if (step === null) continue;
    steps.push(step);
    seen = new ChangedImages(seen, step);
  }
  return { domain: seen, said: steps.map(({ said }) => said) };
}

function regridded({ info }: ImageDomain, needs: Needs, { resample: asked }: Fitting): Step | null {
  const [bands, ...has] = info.shape;
  const [, ...wants] = needs.shape;
  const step = needs.pixelScale / info.pixelScale;
  const same = Math.abs(step - 1) <= CLOSE;
  if (same && has.join() === wants.join()) return null;
  const [from, to] = [has.join(" × "), wants.join(" × ")];
  const small = has.some((side, i) => (same ? side < wants[i]! : side / step < wants[i]! - 0.5));
  const next = { ...info, shape: [bands, ...wants] as ImageInfo["shape"] };
  if (small && (same || asked))
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem: `has images of ${from} pixels of ${info.pixelScale} arcsec, the model was made for ${to} of ${needs.pixelScale}: cut larger ones`,
    });
  if (!same && !asked)
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem: `has a pixel scale of ${info.pixelScale} arcsec, the model was made for ${needs.pixelScale} arcsec (--resample resamples the images)`,
    });
  if (!asked)
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem: `has images of ${info.shape.join(" × ")}, the model was made for ${needs.shape.join(" × ")} (--resample takes their middle)`,
    });
  if (same)
    return {
      info: next,
      change: (images) => middle(images, wants),
      said: `the middle ${to} of ${from} pixels is taken`,
    };
  return {
    info: { ...next, pixelScale: needs.pixelScale },
    change: (images) => resample(images, info.pixels, step, wants),
    said:
      `images are resampled from ${from} pixels of ${info.pixelScale} arcsec to their middle ${to} of ` +
      `${needs.pixelScale}`,
  };
}

function composed(domain: ImageDomain, needs: Needs, { display, stretch }: Fitting): Step | null {
  const { info } = domain;
  if (info.pixels === needs.pixels) {
    const given = display !== null ? "display" : Object.values(stretch).some((v) => v !== null) && "stretch";
    if (given)
      throw new ArcletError({
        where: info.name,
        code: "conflict",
        field: given,
        problem: `must be left out, the model was made for ${needs.pixels} images too`,
      });
    return null;
  }
  if (info.pixels === "display")
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem:
        "has pixels display, the model was made for flux, and a stretch can't be undone: import the flux itself, or train on display images",
    });
  if (display === null)
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem:
        "has pixels flux, the model was made for display (--display humvi or --display lupton makes composites)",
    });
  const composite = fitPreprocessing(domain, display, [0], stretch);
  const bands = "show" in composite ? composite.show : info.bands;
  return {
    info: { ...info, pixels: "display", bands, shape: [bands.length, info.shape[1], info.shape[2]] },
    change: (images) => eightBit(applyPreprocessing(composite, images)),
    said: `${display} composites of ${bands.join(", ")} are made of the flux`,
  };
}

function banded({ info }: ImageDomain, { bands, shape }: Needs): Step | null {
  if (info.bands.join() === bands.join()) return null;
  const lacking = bands.filter((name) => !info.bands.includes(name));
  if (lacking.length > 0)
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem: `has bands ${info.bands.join(", ")}, the model was made for ${bands.join(", ")}: it lacks ${lacking.join(", ")} (bands are taken by name: import them under the model's, or train without)`,
    });
  const surplus = info.bands.filter((name) => !bands.includes(name));
  const dropped = surplus.length === 0 ? "" : ` (${surplus.join(", ")} dropped)`;
  const order = bands.map((name) => info.bands.indexOf(name));
  return {
    info: { ...info, bands: [...bands], shape: [shape[0], info.shape[1], info.shape[2]] },
    change: (images) => tidy(() => images.indexSelect(1, indices(order))),
    said: `bands ${info.bands.join(", ")} are taken as ${bands.join(", ")}${dropped}`,
  };
}

/** A domain whose images are changed as they are read. */
class ChangedImages implements ImageDomain {
  readonly info: ImageInfo;
  private readonly domain: ImageDomain;
  private readonly change: Step["change"];

  constructor(domain: ImageDomain, { info, change }: Step) {
    this.domain = domain;
    this.info = info;
    this.change = change;
  }

  get folder(): string {
    return this.domain.folder;
  }
  get count(): number {
    return this.domain.count;
  }
  get ids(): readonly string[] {
    return this.domain.ids;
  }
  get groups(): readonly string[] {
    return this.domain.groups;
  }
  get splits(): readonly Split[] {
    return this.domain.splits;
  }
  rows(...splits: Split[]): Int32Array {
    return this.domain.rows(...splits);
  }
  images(rows: Rows): Tensor {
    return tidy(() => this.change(this.domain.images(rows)));
  }
  /** Of the images as they are stored. */
  imageHashes(): readonly string[] {
    return this.domain.imageHashes();
  }
  close(): void {
    this.domain.close();
  }
}
