/**
 * Fitting a dataset to a model. What needs neither loss nor choice is done and noted: bands are taken by name, in the
 * model's order. What changes pixels is done if the user allows it: other pixel scales and sizes, and composites of
 * flux. Everything else is refused, naming the way out.
 */
import { ArcletError } from "../../../foundation/errors.ts";
import { eightBit } from "../../../sky/stretch.ts";
import { tidy } from "../../../torch/scope.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import type { ImageDomain, ImageInfo } from "../../dataset.ts";
import { indices } from "../../images.ts";
import { ChangedImages } from "../changed-images.ts";
import { applyPreprocessing, fitPreprocessing } from "../preprocess.ts";
import type { Fitting } from "./config.ts";
import { middle, resample } from "./resample.ts";

/** What images a model takes. */
export interface Needs {
  /** Bands by name, in the model's order. */
  bands: readonly string[];
  /** Arcsec per pixel. */
  pixelScale: number;
  /** What pixels hold. */
  pixels: "flux" | "display";
  /** [C, H, W] */
  shape: readonly [number, number, number];
}

/** Pixel scales that differ by less than this part are the same. */
const CLOSE = 0.01;

interface Step {
  info: ImageInfo;
  change: (images: Tensor) => Tensor;
  note: string;
}

/**
 * @returns the dataset with changed images, and a line for each change; the dataset itself if it fits already
 * @throws ArcletError for a dataset that the model can't take, or only by changes that are not allowed
 */
export function fitImages(
  domain: ImageDomain,
  needs: Needs,
  fitting: Fitting,
): { domain: ImageDomain; notes: string[] } {
  const steps: Step[] = [];
  let fitted = domain;
  for (const plan of [regridded, composed, banded]) {
    const step = plan(fitted, needs, fitting);
    if (step === null) continue;
    steps.push(step);
    fitted = new ChangedImages(fitted, step.info, step.change);
  }
  return { domain: fitted, notes: steps.map(({ note }) => note) };
}

function regridded({ info }: ImageDomain, needs: Needs, { resample: allowed }: Fitting): Step | null {
  const [bands, ...has] = info.shape;
  const [, ...wants] = needs.shape;
  const step = needs.pixelScale / info.pixelScale;
  const same = Math.abs(step - 1) <= CLOSE;
  if (same && has.join() === wants.join()) return null;
  const [from, to] = [has.join(" × "), wants.join(" × ")];
  const small = has.some((side, i) => (same ? side < wants[i]! : side / step < wants[i]! - 0.5));
  const next = { ...info, shape: [bands, ...wants] as ImageInfo["shape"] };
  if (small && (same || allowed))
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem: `has images of ${from} pixels of ${info.pixelScale} arcsec, the model was made for ${to} of ${needs.pixelScale}: cut larger ones`,
    });
  if (!same && !allowed)
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem: `has a pixel scale of ${info.pixelScale} arcsec, the model was made for ${needs.pixelScale} arcsec (--resample resamples the images)`,
    });
  if (!allowed)
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem: `has images of ${info.shape.join(" × ")}, the model was made for ${needs.shape.join(" × ")} (--resample crops them to their middle)`,
    });
  if (same)
    return {
      info: next,
      change: (images) => middle(images, wants),
      note: `the middle ${to} of ${from} pixels is taken`,
    };
  return {
    info: { ...next, pixelScale: needs.pixelScale },
    change: (images) => resample(images, info.pixels, step, wants),
    note:
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
        problem: `must be left out, since the model was made for ${needs.pixels} images too`,
      });
    return null;
  }
  if (info.pixels === "display")
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem:
        "has display pixels, the model was made for flux, and a stretch can't be undone: import the flux itself, or train on display images",
    });
  if (display === null)
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem:
        "has flux pixels, the model was made for display images (--display humvi or --display lupton makes composites)",
    });
  const composite = fitPreprocessing(domain, display, [0], stretch);
  const bands = "show" in composite ? composite.show : info.bands;
  return {
    info: { ...info, pixels: "display", bands, shape: [bands.length, info.shape[1], info.shape[2]] },
    change: (images) => eightBit(applyPreprocessing(composite, images)),
    note: `${display} composites of ${bands.join(", ")} are made from the flux`,
  };
}

function banded({ info }: ImageDomain, { bands, shape }: Needs): Step | null {
  if (info.bands.join() === bands.join()) return null;
  const missing = bands.filter((name) => !info.bands.includes(name));
  if (missing.length > 0)
    throw new ArcletError({
      where: info.name,
      code: "conflict",
      problem: `has bands ${info.bands.join(", ")}, the model was made for ${bands.join(", ")}: it lacks ${missing.join(", ")} (bands go by name: import them under the model's names, or train without them)`,
    });
  const surplus = info.bands.filter((name) => !bands.includes(name));
  const dropped = surplus.length === 0 ? "" : ` (${surplus.join(", ")} dropped)`;
  const order = bands.map((name) => info.bands.indexOf(name));
  return {
    info: { ...info, bands: [...bands], shape: [shape[0], info.shape[1], info.shape[2]] },
    change: (images) => tidy(() => images.indexSelect(1, indices(order))),
    note: `bands ${info.bands.join(", ")} are taken as ${bands.join(", ")}${dropped}`,
  };
}
