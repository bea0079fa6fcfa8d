/** Arcs: a source galaxy behind a host, lensed and observed as by the survey. */
import { Draws, keyOf } from "../../foundation/random.ts";
import { shear } from "../../lensing/populations/deflectors.ts";
import { source } from "../../lensing/populations/source.ts";
import { draw } from "../../lensing/recipes/draw.ts";
import { namingField } from "../../lensing/recipes/out-of-reach.ts";
import { render } from "../../lensing/render.ts";
import type { Mass, Scene } from "../../lensing/scene.ts";
import { correlated } from "../../sky/correlation.ts";
import { composite } from "../../sky/stretch.ts";
import { photonsPerUnit, type Survey } from "../../sky/survey.ts";
import { drawPsf, ROUND } from "../../sky/survey-psf.ts";
import { stack, tensor } from "../../torch/create.ts";
import { Generator } from "../../torch/random.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { PaintConfig } from "./config.ts";
import { drawStrength, type Strength } from "./deflector.ts";
import { type Deflector, fluxOfImages, type Hosts } from "./hosts.ts";
import { movedLens, type Shift, shifted, shiftOf } from "./shifting.ts";
import { keptFull } from "./uncomposite.ts";

/** A host and what is added to it: the scene has only the light behind the deflector. */
export interface Painting {
  deflector: Deflector;
  strength: Strength;
  scene: Scene;
  /** How far the host is moved, with the lens. */
  shift: Shift;
}

/**
 * The arc of one image. The mass has the position of the host's light, and about its orientation; axis ratio, shear and
 * source galaxy are the recipe's.
 *
 * @returns null if the galaxy's scatter gave no Einstein radius that can be shown
 */
export function paintingOf(
  deflector: Deflector,
  index: number,
  hosts: Hosts,
  config: PaintConfig,
): Painting | null {
  return namingField(hosts.recipe, () => drawnPainting(deflector, index, hosts, config));
}

function drawnPainting(
  deflector: Deflector,
  index: number,
  { survey, side, recipe }: Hosts,
  { seed, leastSnr, mostSnr, groupShare, offCentre }: PaintConfig,
): Painting | null {
  const d = new Draws(seed, index);
  const strength = drawStrength(d, deflector.r, deflector.z, deflector.range, groupShare);
  if (strength === null) return null;
  const { seeing } = deflector;
  const setting = {
    bands: survey.bands.map((band) => band.name),
    halfWidth: (side * survey.pixelScale) / 2,
    seeing: Math.min(...seeing),
    recipe,
  };
  const { massQ, misalignment } = recipe.lens.deflector;
  const mass: Mass = {
    thetaE: strength.thetaE,
    q: draw(d, massQ, { lightQ: deflector.q }),
    angle: deflector.angle + draw(d, misalignment),
    x: deflector.x,
    y: deflector.y,
    ...shear(d, setting),
  };
  const psf = drawPsf(new Draws(seed, index, 4), survey);
  const shift = shiftOf(seed, index, offCentre / survey.pixelScale);
  const scene: Scene = {
    kind: "painted",
    ...movedLens({ mass, lights: source(d, mass, setting) }, shift, survey.pixelScale),
    seeing,
    ...(psf.every((shape) => shape === ROUND) ? {} : { psf }),
    skySigma: deflector.sigma,
    pedestal: survey.bands.map(() => 0),
    arcSnr: d.logUniform(leastSnr, mostSnr),
  };
  return { deflector, strength, scene, shift };
}

export interface Painted {
  /** (B, C, S, S): uint8 for `display`, float32 for `flux`. */
  pixels: Uint8Array | Float32Array;
  /** Factor by which each source's light was scaled. */
  arcScale: Float64Array;
  /**
   * The fraction of each arc's light on pixels that can't show it: where a channel of the host is clipped, at 0 or 255; of
   * flux, where a band is saturated with the arc. Null if the survey states no saturation.
   */
  cutOff: Float64Array | null;
}

/** @param indices of the images, which their noise depends on */
export function painted(
  paintings: readonly Painting[],
  indices: readonly number[],
  hosts: Hosts,
  config: PaintConfig,
): Painted {
  const { survey, side, domain, display } = hosts;
  const scenes = paintings.map(({ scene }) => scene);
  const { images, arcScale } = render(scenes, survey, side);
  let cutOff: Float64Array | null = null;
  const result = tidy(() => {
    const arcs = images.flip(2); // row 0 at the top, as pictures are
    const host = shifted(
      domain.images(paintings.map(({ deflector }) => deflector.row)),
      paintings.map(({ shift }) => shift),
    );
    const seeds = indices.map((index) => keyOf(config.seed, index, 1));
    const added = config.noise ? withPhotonNoise(arcs, seeds, hosts) : arcs;
    const flux = fluxOfImages(host, hosts).add(added);
    const lost = display ? host.eq(255).or(host.eq(0)) : saturatedIn(flux, survey);
    if (lost !== null) {
      const all = arcs.flatten(1).sum([1]);
      cutOff = Float64Array.from(arcs.mul(lost.to("float32")).flatten(1).sum([1]).div(all).numbers());
    }
    return display ? keptFull(composite(flux, survey), host).contiguous() : flux.contiguous();
  });
  images.dispose();
  const pixels = result.data() as Uint8Array | Float32Array;
  result.dispose();
  return { pixels, arcScale, cutOff };
}

/** Where a band is saturated (B, C, S, S); null if the survey doesn't say when. */
function saturatedIn(flux: Tensor, { bands }: Survey): Tensor | null {
  if (bands.every(({ saturation }) => saturation === undefined)) return null;
  const levels = Float32Array.from(bands, ({ saturation = Number.POSITIVE_INFINITY }) => saturation);
  return flux.ge(tensor(levels, [1, bands.length, 1, 1]));
}

/** Arcs with the Poisson noise of their own photons, in its normal limit; the host has all other noise. */
function withPhotonNoise(arcs: Tensor, seeds: readonly number[], { survey, side }: Hosts): Tensor {
  const bands = survey.bands.length;
  const draw = (margin = 0) =>
    stack(seeds.map((seed) => new Generator(seed).normal([bands, side + 2 * margin, side + 2 * margin])));
  const noise =
    survey.noiseCorrelation === undefined ? draw() : correlated(survey.noiseCorrelation, [side, side], draw);
  const photons = tensor(
    Float32Array.from(survey.bands, (band) => photonsPerUnit(survey, band)),
    [1, bands, 1, 1],
  );
  return arcs.add(noise.mul(arcs.clamp(0).div(photons).sqrt()));
}
