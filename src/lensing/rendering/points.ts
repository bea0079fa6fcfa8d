/** Point sources: the PSF itself, at positions between the pixels. */
import { gammaPerFwhm, SIGMA_PER_FWHM } from "../../sky/fwhm.ts";
import { offsetsOver, pixelResponse } from "../../sky/pixel-response.ts";
import { psfsAt } from "../../sky/psf.ts";
import { fluxOf, type Psf, psfOf, type Survey } from "../../sky/survey.ts";
import { psfReach, ROUND, starTransfer } from "../../sky/survey-psf.ts";
import { arange, stack, tensor } from "../../torch/create.ts";
import type { DType } from "../../torch/dtype.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { axisRatioOf } from "../profiles/frame.ts";
import { inPlace } from "../profiles/in-place.ts";
import { componentsOf, type Mass, type Scene } from "../scene.ts";
import { fftSize } from "./blur.ts";
import { imagesOfPoint } from "./solve.ts";

/** A point of light as it appears, after lensing. */
export interface SeenPoint {
  scene: number;
  /** Whether it is one of the arcs. */
  lensed: boolean;
  /** Arcsec. */
  x: number;
  y: number;
  /** Flux per band, survey's units. */
  flux: number[];
}

/** The scenes' point sources; of those behind a lens, every image, magnified. */
export function pointsOf(scenes: readonly Scene[], survey: Survey, size: number): SeenPoint[] {
  // Images just outside the field still shine into it
  const reach = (size * survey.pixelScale) / 2 + 2 * Math.max(...survey.bands.map(({ seeing }) => seeing));
  return scenes.flatMap(({ mass, lights }, scene) =>
    lights.flatMap((light): SeenPoint[] => {
      if (!light.point) return [];
      const flux = light.magnitudes.map((m) => fluxOf(m, survey.zeroPoint));
      if (!light.lensed || mass === null) return [{ scene, lensed: false, x: light.x, y: light.y, flux }];
      return imagesOfPoint(mass, light, Math.min(reach, extentOf(mass, light))).map(
        ({ x, y, magnification }) => {
          const factor = Math.abs(magnification);
          return { scene, lensed: true, x, y, flux: flux.map((value) => value * factor) };
        },
      );
    }),
  );
}

/**
 * A distance from the middle within which all images of a point are: |θ| ≤ (|β| + |α|) / (1 − γ), since an isothermal lens
 * deflects by at most 1.1 θ_E whatever its axis ratio. Infinite for masses whose deflection has no such bound.
 */
export function extentOf(mass: Mass, { x, y }: { x: number; y: number }): number {
  let most = Math.hypot(x, y);
  let gamma = 0;
  for (const component of componentsOf(mass)) {
    if (component.profile === "shear") gamma += Math.hypot(component.gamma1, component.gamma2);
    else if (component.profile === "truncatedSis") most += component.b;
    else if (component.profile === "sie" || component.profile === "sis") most += 1.1 * component.thetaE;
    else return Number.POSITIVE_INFINITY;
  }
  return gamma < 1 ? most / (1 - gamma) + 0.2 : Number.POSITIVE_INFINITY;
}

/**
 * Images of points: their flux times the PSF of unit integral, averaged over as much of a pixel as it does not include.
 *
 * @returns (points, bands, size, size)
 */
export function pointImages(
  points: readonly SeenPoint[],
  scenes: readonly Scene[],
  survey: Survey,
  size: number,
  dtype: DType,
): Tensor {
  const drawing = { points, scenes, survey, size, dtype };
  return tidy(() =>
    stack(
      survey.bands.map((band, k) => {
        const psf = psfOf(survey, band);
        return psf.kind === "image" ? sampledImages(drawing, k) : profileImages(drawing, k, psf);
      }),
      1,
    ),
  );
}

/** What is drawn, and the grid to draw it on. */
interface Drawing {
  points: readonly SeenPoint[];
  scenes: readonly Scene[];
  survey: Survey;
  size: number;
  dtype: DType;
}

/** One number per point, (points, 1, 1). */
const perPoint = ({ points, dtype }: Drawing, value: (point: SeenPoint) => number): Tensor =>
  tensor(Float64Array.from(points, value), [points.length, 1, 1], { dtype });

/** Distances from each point in pixels, along the rows (points, 1, size) and the columns (points, size, 1). */
function distances(drawing: Drawing): { dx: Tensor; dy: Tensor } {
  const { size, dtype } = drawing;
  const { pixelScale } = drawing.survey;
  const axis = arange(0, size, 1, { dtype }).sub((size - 1) / 2); // pixels
  return {
    dx: axis.reshape([1, 1, size]).sub(perPoint(drawing, ({ x }) => x / pixelScale)),
    dy: axis.reshape([1, size, 1]).sub(perPoint(drawing, ({ y }) => y / pixelScale)),
  };
}

/** With a PSF that is an image, in band k: (points, size, size). */
function sampledImages(drawing: Drawing, k: number): Tensor {
  const { points, scenes, survey, size, dtype } = drawing;
  const reach = psfReach(survey, survey.bands[k]!) + 1;
  const grid = fftSize(size + 2 * reach); // a PSF just outside of the image ends before its other side
  const at = points.map(({ x, y }) => ({
    x: x / survey.pixelScale + (size - 1) / 2,
    y: y / survey.pixelScale + (size - 1) / 2,
  }));
  const far = (position: number) => position < -reach || position > size - 1 + reach;
  const seen = at.map(({ x, y }) => !far(x) && !far(y));
  const transfer = starTransfer(
    survey,
    k,
    points.map(({ scene }) => scenes[scene]!),
    grid,
    dtype,
  );
  const images = psfsAt(transfer, at).narrow(1, 0, size).narrow(2, 0, size);
  const fluxes = points.map(({ flux }, i) => (seen[i] ? flux[k]! : 0));
  return images.mul(tensor(Float64Array.from(fluxes), [points.length, 1, 1], { dtype }));
}

/** With an elliptical Gaussian or Moffat profile, in band k: (points, size, size). */
function profileImages(drawing: Drawing, k: number, psf: Exclude<Psf, { kind: "image" }>): Tensor {
  const { points, scenes, survey } = drawing;
  const { dx, dy } = distances(drawing);
  // Squared elliptical radius over its unit: σ² of a Gaussian, γ² of Moffat's profile
  const fwhm = (point: SeenPoint) => scenes[point.scene]!.seeing[k]! / survey.pixelScale;
  const unit = psf.kind === "gaussian" ? SIGMA_PER_FWHM : gammaPerFwhm(psf.beta);
  const form = points.map((point) => {
    const { e1, e2 } = scenes[point.scene]!.psf?.[k] ?? ROUND;
    const { q, angle } = axisRatioOf(e1, e2);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const over = 1 / (unit * fwhm(point)) ** 2;
    return {
      xx: over * (q * c * c + (s * s) / q),
      yy: over * (q * s * s + (c * c) / q),
      xy: 2 * over * (q - 1 / q) * c * s,
      over,
    };
  });
  const per = (name: keyof (typeof form)[number]) =>
    tensor(
      Float64Array.from(form, (entry) => entry[name]),
      [points.length, 1, 1],
      { dtype: drawing.dtype },
    );
  // the integral of exp(−r² / 2) is 2π, that of (1 + r²)^(−β) is π / (β − 1)
  const whole = psf.kind === "gaussian" ? 2 * Math.PI : Math.PI / (psf.beta - 1);
  const [xx, yy, xy] = [per("xx"), per("yy"), per("xy")];
  const profileAt = (x: number, y: number): Tensor => {
    const [u, v] = [dx.add(x), dy.add(y)];
    const r2 = inPlace(u.mul(u).mul(xx).add(v.mul(v).mul(yy))).add(u.mul(v).mul(xy));
    return (psf.kind === "gaussian" ? r2.mul(-0.5).exp() : r2.log1p().mul(-psf.beta).exp()).tensor;
  };
  const offsets = offsetsOver(pixelResponse(survey).lacking);
  const sum = inPlace(profileAt(offsets[0]!, offsets[0]!));
  for (const [k, [x, y]] of offsets.flatMap((y) => offsets.map((x) => [x, y] as const)).entries())
    if (k > 0) tidy(() => sum.add(profileAt(x, y)).tensor);
  const profile = sum.mul(1 / offsets.length ** 2).tensor;
  return profile.mul(perPoint(drawing, ({ flux }) => flux[k]! / whole)).mul(per("over"));
}
