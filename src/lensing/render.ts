/**
 * From scenes to noise-free images, a batch at a time.
 *
 *   1. rays   a grid of `supersampling`² rays a pixel, deflected by each scene's lens
 *   2. light  every component's surface brightness on the rays
 *   3. bands  brightness × flux, summed over components; averaged to pixels
 *   4. PSF    convolved at pixel resolution
 *   5. arcs   the lensed light scaled to the scene's signal-to-noise
 */
import { convolve, fluxOf, gaussianPsf, moffatPsf, type Survey } from "../sky/index.ts";
import { arange, avgPool2d, call, type DType, type Tensor, tensor, tidy, zeros } from "../torch/index.ts";
import type { Positions } from "./profiles/frame.ts";
import { sersic, sersicB, sersicFlux, spiralArms } from "./profiles/light.ts";
import { shearDeflection, sieDeflection } from "./profiles/mass.ts";
import type { Light, Scene } from "./scene.ts";

export interface Rendered {
  /** (B, bands, H, W), flux units of the survey, no noise. */
  images: Tensor;
  /** Factor by which each scene's lensed light was scaled to its signal-to-noise; 1 without lens. */
  arcScale: Float64Array;
}

export interface RenderOptions {
  /** Rays along a pixel's side. */
  supersampling?: number;
  dtype?: DType;
  /** Cuts a Gaussian PSF at this many sigma. */
  truncate?: number;
}

/**
 * @param size pixels along a cutout's side
 * @returns images (B, bands, size, size), y upwards, the origin between the middle pixels
 */
export function render(
  scenes: readonly Scene[],
  survey: Survey,
  size: number,
  options: RenderOptions = {},
): Rendered {
  const { supersampling = 2, dtype = "float32", truncate } = options;
  const bands = survey.bands.length;
  const rays = size * supersampling;
  let arcScale: Float64Array = new Float64Array(scenes.length).fill(1);
  const images = tidy(() => {
    // 1. rays
    const sky = rayGrid(rays, survey.pixelScale / supersampling, dtype);
    const behind = throughLens(scenes, sky, dtype);
    // 2.–3. light in bands, (B, bands, size, size)
    const still = lightOf(scenes, (light) => !light.lensed, sky, survey, rays, dtype);
    const lensed = lightOf(scenes, (light) => light.lensed, behind, survey, rays, dtype);
    const area = survey.pixelScale ** 2;
    const toPixels = (x: Tensor) => avgPool2d(x, supersampling).mul(area);
    // 4. PSF
    const grid = fftSize(2 * size);
    const fwhm = perBand(scenes, (scene) => scene.seeing, dtype).div(survey.pixelScale); // (B, bands)
    const psf =
      survey.moffatBeta === null
        ? gaussianPsf(fwhm, grid, truncate)
        : moffatPsf(fwhm, survey.moffatBeta, grid);
    const quiet =
      still === null ? zeros([scenes.length, bands, size, size], { dtype }) : convolve(toPixels(still), psf);
    if (lensed === null) return quiet;
    const arcs = convolve(toPixels(lensed), psf);
    // 5. arcs
    arcScale = arcScales(scenes, arcs, dtype);
    return quiet.add(arcs.mul(column(Float64Array.from(arcScale), dtype).unsqueeze(-1).unsqueeze(-1)));
  });
  return { images, arcScale };
}

/** Rays of a square field: x to the right, y upwards, arcsec, (1, rays) and (rays, 1). */
function rayGrid(rays: number, step: number, dtype: DType): Positions {
  const axis = arange(0, rays, 1, { dtype })
    .sub((rays - 1) / 2)
    .mul(step);
  return { x: axis.unsqueeze(0), y: axis.unsqueeze(1) };
}

/** Source-plane positions of the rays of every scene: (B, rays, rays). Scenes without lens keep theirs. */
function throughLens(scenes: readonly Scene[], sky: Positions, dtype: DType): Positions {
  const of = (value: (mass: NonNullable<Scene["mass"]>) => number) =>
    cube(
      scenes.map((scene) => (scene.mass === null ? 0 : value(scene.mass))),
      dtype,
    );
  if (scenes.every((scene) => scene.mass === null)) return sky;
  const q = cube(
    scenes.map((scene) => scene.mass?.q ?? 0.9),
    dtype,
  );
  const place = { x: of((m) => m.x), y: of((m) => m.y), angle: of((m) => m.angle) };
  const sie = sieDeflection(
    sky,
    of((m) => m.thetaE),
    q,
    place,
  );
  const shear = shearDeflection(
    sky,
    of((m) => m.gamma1),
    of((m) => m.gamma2),
  );
  return { x: sky.x.sub(sie.x).sub(shear.x), y: sky.y.sub(sie.y).sub(shear.y) };
}

/** Surface brightness of the chosen components in every band, (B, bands, rays, rays); null where there is none. */
function lightOf(
  scenes: readonly Scene[],
  chosen: (light: Light) => boolean,
  at: Positions,
  survey: Survey,
  rays: number,
  dtype: DType,
): Tensor | null {
  const lists = scenes.map((scene) => scene.lights.filter(chosen));
  const slots = Math.max(0, ...lists.map((list) => list.length));
  if (slots === 0) return null;
  const brightness = Array.from({ length: slots }, (_, slot) =>
    tidy(() =>
      slotBrightness(
        lists.map((list) => list[slot] ?? DARK),
        at,
        rays,
        dtype,
      ),
    ),
  );
  const fluxes = lists.flatMap((list) =>
    survey.bands.flatMap((_, band) =>
      Array.from({ length: slots }, (_, slot) => {
        const light = list[slot];
        return light === undefined ? 0 : fluxOf(light.magnitudes[band]!, survey.zeroPoint);
      }),
    ),
  );
  const flux = tensor(Float64Array.from(fluxes), [scenes.length, survey.bands.length, slots]).to(dtype);
  const stacked = call("aten::stack", brightness, 1) as Tensor; // (B, slots, rays²)
  return flux.matmul(stacked).reshape([scenes.length, survey.bands.length, rays, rays]);
}

/** What fills the slots of scenes with fewer components; its flux is zero. */
const DARK: Light = { part: "none", lensed: false, magnitudes: [], R: 1, n: 1, q: 1, angle: 0, x: 0, y: 0 };

/** Brightness of one component a scene, of unit flux, per arcsec²: (B, rays²). */
function slotBrightness(lights: readonly Light[], at: Positions, rays: number, dtype: DType): Tensor {
  const of = (value: (light: Light) => number) => cube(lights.map(value), dtype);
  const place = { x: of((l) => l.x), y: of((l) => l.y), angle: of((l) => l.angle) };
  const [R, n, q] = [of((l) => l.R), of((l) => l.n), of((l) => l.q)];
  const rings = lights.some((light) => light.ring) ? of((l) => l.ring ?? 0) : undefined;
  let light = sersic(
    at,
    R,
    n,
    of((l) => sersicB(l.n)),
    q,
    place,
    rings,
  );
  if (lights.some((one) => one.arms)) {
    const arms = [
      of((l) => l.arms?.amplitude ?? 0),
      of((l) => l.arms?.count ?? 2),
      of((l) => l.arms?.pitch ?? 0.3),
    ];
    light = light.mul(spiralArms(at, R, q, place, arms[0]!, arms[1]!, arms[2]!));
  }
  // A ring's flux is 2π r₀ times its profile's across; R and n then describe that cross-section.
  const unit = of((l) => 1 / (l.ring ? ringFlux(l.ring, l.R, l.n) : sersicFlux(l.R, l.n)));
  return light.mul(unit).reshape([lights.length, rays * rays]);
}

/** Flux of exp(−b((|r − r₀| / w)^(1/n) − 1)) over the plane, by Simpson's rule out to where it has faded. */
function ringFlux(ring: number, width: number, n: number): number {
  const b = sersicB(n);
  const end = ring + 30 * width;
  const steps = 2000;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const r = (end * i) / steps;
    const value = Math.exp(-b * ((Math.abs(r - ring) / width) ** (1 / n) - 1)) * 2 * Math.PI * r;
    sum += value * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  }
  return (sum * end) / steps / 3;
}

/** The factor that gives the arcs (B, bands, H, W) each scene's signal-to-noise √(Σ arcs² / σ²). */
function arcScales(scenes: readonly Scene[], arcs: Tensor, dtype: DType): Float64Array {
  const sigma = perBand(scenes, (scene) => scene.skySigma, dtype)
    .unsqueeze(-1)
    .unsqueeze(-1);
  const snr = arcs.div(sigma).square().sum([1, 2, 3]).sqrt().numbers();
  return Float64Array.from(scenes, ({ arcSnr }, i) =>
    arcSnr === null || snr[i] === 0 ? 1 : arcSnr / snr[i]!,
  );
}

const cube = (values: number[], dtype: DType): Tensor =>
  tensor(Float64Array.from(values), [values.length, 1, 1]).to(dtype);
const column = (values: Float64Array, dtype: DType): Tensor => tensor(values, [values.length, 1]).to(dtype);
const perBand = (scenes: readonly Scene[], value: (scene: Scene) => number[], dtype: DType): Tensor =>
  tensor(Float64Array.from(scenes.flatMap(value)), [scenes.length, scenes[0]!.seeing.length]).to(dtype);

/** The next size that is a product of 2, 3 and 5, where the transform is fast. */
function fftSize(least: number): number {
  for (let size = least; ; size++) {
    let rest = size;
    for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
    if (rest === 1) return size;
  }
}
