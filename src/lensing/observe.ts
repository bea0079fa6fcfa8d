/** From noise-free images to observed ones: the sky's and the detector's effects. */
import { keyOf } from "../foundation/random.ts";
import { correlated } from "../sky/correlation.ts";
import { photonsPerUnit, type Survey } from "../sky/survey.ts";
import { call } from "../torch/call.ts";
import { stack, tensor, zeros } from "../torch/create.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { type ArtefactPlanes, artefactPlanes } from "./observing/artefacts.ts";
import { drawDefects } from "./observing/defects.ts";
import { filled } from "./observing/fill.ts";
import type { Scene } from "./scene.ts";

export interface Observed {
  /** (B, bands, H, W), flux units. */
  images: Tensor;
  /** (B, bands, H, W) bool: bad, masked or saturated. */
  mask: Tensor;
}

/**
 * Observes images:
 *
 *   0. artefacts  light of spikes, wings, ghosts and trails; sky sigma where the stack has another depth
 *   1. noise      left-over sky, sky noise (read noise included), and the objects' own Poisson noise in its normal
 *                 limit; correlated between neighbouring pixels as the survey says
 *   2. hits       cosmic rays
 *   3. saturation pixels are cut off at the band's limit, and masked
 *   4. masks      bad columns and masked patches, filled as the survey says; then the artefacts' levels, masked too
 *
 * Each object has its own seed, so its pixels do not depend on the others of a batch.
 *
 * @param images (B, bands, H, W), flux units, no noise
 * @param seeds one per object
 */
export function observe(
  images: Tensor,
  scenes: readonly Scene[],
  seeds: readonly number[],
  survey: Survey,
): Tensor {
  return tidy(() => observeMasked(images, scenes, seeds, survey).images);
}

/** `observe`, with the mask of unreliable pixels. */
export function observeMasked(
  images: Tensor,
  scenes: readonly Scene[],
  seeds: readonly number[],
  survey: Survey,
): Observed {
  return tidy(() => {
    const planes = scenes.map((scene) => artefactPlanes(scene, survey, images.shape[3]!));
    const lit = withLight(images, planes);
    const noisy = withNoise(lit, scenes, seeds, survey, planes);
    const { defects } = survey;
    let mask = zeros(images.shape, { dtype: "bool" });
    let observed = noisy;
    const lists = defects === undefined ? null : defectsOf(images, scenes, seeds, survey);
    if (lists !== null && lists.hits.length > 0) {
      const charge = tensor(Float32Array.from(lists.charges)).to(observed.dtype);
      call("aten::index_add_", observed.reshape([-1]), 0, indices(lists.hits), charge);
    }
    if (survey.bands.some((band) => band.saturation !== undefined)) {
      const limit = ofBands(survey, ({ saturation = Infinity }) => saturation).to(observed.dtype);
      mask = observed.ge(limit);
      observed = observed.minimum(limit);
    }
    if (lists !== null && lists.masked.length > 0) {
      const bad = zeros(images.shape, { dtype: "bool" });
      call("aten::index_fill_.int_Scalar", bad.reshape([-1]), 0, indices(lists.masked), 1);
      mask = mask.or(bad);
      observed = filled(observed, bad, defects!.fill);
    }
    return withLevels({ images: observed, mask }, planes);
  });
}

type Planes = readonly (ArtefactPlanes | null)[];

function withLight(images: Tensor, planes: Planes): Tensor {
  const rows = [...planes.keys()].filter((b) => planes[b]?.light);
  if (rows.length === 0) return images;
  const [, bands, height, width] = images.shape as [number, number, number, number];
  const light = stack(rows.map((b) => tensor(planes[b]!.light!, [bands, height, width]).to(images.dtype)));
  return call("aten::index_add", images, 0, indices(rows), light) as Tensor;
}

function withLevels({ images, mask }: Observed, planes: Planes): Observed {
  const size = images.shape.slice(1).reduce((product, side) => product * side, 1);
  const all = planes.flatMap((plane, b) =>
    (plane?.values ?? []).map(({ pixel, value }) => ({ pixel: b * size + pixel, value })),
  );
  if (all.length === 0) return { images, mask };
  // A pixel that several artefacts set has the last one's value.
  const last = new Map(all.map(({ pixel, value }) => [pixel, value]));
  const at = indices([...last.keys()]);
  const values = tensor(Float32Array.from(last.values())).to(images.dtype);
  const replaced = call("aten::index_copy", images.reshape([-1]), 0, at, values) as Tensor;
  const bad = zeros(images.shape, { dtype: "bool" });
  call("aten::index_fill_.int_Scalar", bad.reshape([-1]), 0, at, 1);
  return { images: replaced.reshape(images.shape), mask: mask.or(bad) };
}

/** Factors on the sky's sigma, or null if all are 1. */
function depthOf(planes: Planes, shape: readonly number[]): Tensor | null {
  if (!planes.some((plane) => plane?.depth)) return null;
  const size = shape.slice(1).reduce((product, side) => product * side, 1);
  const factors = new Float32Array(planes.length * size).fill(1);
  for (const [b, plane] of planes.entries()) if (plane?.depth) factors.set(plane.depth, b * size);
  return tensor(factors, shape);
}

function withNoise(
  images: Tensor,
  scenes: readonly Scene[],
  seeds: readonly number[],
  survey: Survey,
  planes: Planes,
): Tensor {
  const [, bands, height, width] = images.shape as [number, number, number, number];
  const draw = (margin = 0) =>
    stack(seeds.map((seed) => new Generator(seed).normal([bands, height + 2 * margin, width + 2 * margin])));
  const noise =
    survey.noiseCorrelation === undefined
      ? draw()
      : correlated(survey.noiseCorrelation, [height, width], draw);
  const per = (value: (scene: Scene) => number[]) =>
    tensor(Float32Array.from(scenes.flatMap(value)), [scenes.length, bands, 1, 1]);
  const sigma = per((scene) => scene.skySigma);
  const photons = ofBands(survey, (band) => photonsPerUnit(survey, band));
  const depth = depthOf(planes, images.shape);
  const photon = images.clamp(0).div(photons);
  const usual = sigma.square().add(photon);
  const variance = depth === null ? usual : usual.mul(depth.square());
  const pedestal = per((scene) => scene.pedestal).mul(sigma);
  return images.add(pedestal).add(noise.mul(variance.sqrt()));
}

/** One number per band, (1, bands, 1, 1). */
const ofBands = (survey: Survey, value: (band: Survey["bands"][number]) => number): Tensor =>
  tensor(Float32Array.from(survey.bands, value), [1, survey.bands.length, 1, 1]);

const indices = (list: readonly number[]): Tensor => tensor(BigInt64Array.from(list, BigInt));

/** The batch's defects, as indices into all of its pixels. */
function defectsOf(images: Tensor, scenes: readonly Scene[], seeds: readonly number[], survey: Survey) {
  const [, bands, height, width] = images.shape as [number, number, number, number];
  const lists: { hits: number[]; charges: number[]; masked: number[] } = {
    hits: [],
    charges: [],
    masked: [],
  };
  for (const [b, seed] of seeds.entries()) {
    for (let band = 0; band < bands; band++) {
      const first = (b * bands + band) * height * width;
      const defects = drawDefects(survey.defects!, survey, height, width, keyOf(seed, band));
      for (const { pixel, charge } of defects.hits) {
        lists.hits.push(first + pixel);
        lists.charges.push(charge * scenes[b]!.skySigma[band]!);
      }
      for (const pixel of defects.masked) lists.masked.push(first + pixel);
    }
  }
  return lists;
}
