/** How bright arcs are beside the sky's noise and their deflector: a lens whose arcs drown in its light is not seen as one. */
import { SIGMA_PER_FWHM } from "../../sky/fwhm.ts";
import { fluxOf } from "../../sky/survey.ts";
import { sersicB, sersicFlux } from "../profiles/light/sersic.ts";
import type { Light, Mass } from "../scene.ts";
import { around } from "./galaxies.ts";
import type { ArcEstimate } from "./imaged.ts";
import type { Observation } from "./observation.ts";

/**
 * The expected signal-to-noise √(Σ arcs² / σ²) of the arcs of a source, if all of its flux (clumps included) is imaged
 * like its disc.
 */
export function expectedSnr(
  { sharpness }: ArcEstimate,
  lights: readonly Light[],
  { survey, seeing, skySigma }: Observation,
): number {
  let sum = 0;
  for (let band = 0; band < survey.bands.length; band++) {
    const flux = lights.reduce((all, { magnitudes: m }) => all + fluxOf(m[band]!, survey.zeroPoint), 0);
    sum += ((flux * sharpness(seeing[band]! * SIGMA_PER_FWHM) * survey.pixelScale) / skySigma[band]!) ** 2;
  }
  return Math.sqrt(sum);
}

interface Arcs {
  mass: Mass;
  /** Of the whole lens. */
  thetaE: number;
  /** The source's, all imaged like the first. */
  lights: readonly Light[];
  /** The deflector's and those around it. */
  inFront: readonly Light[];
  /** The signal-to-noise to which arcs are scaled; null if they are not. */
  arcSnr: number | null;
}

/**
 * Mean surface brightness of the arcs over that of the galaxies in front where the brightest image is, in the band where it
 * is largest. Galaxies are taken to be round, their half-light radius √(R² + (seeing / 2)²).
 */
export function contrastOf(
  { mass, thetaE, lights, inFront, arcSnr }: Arcs,
  estimate: ArcEstimate,
  observation: Observation,
): number {
  const { survey, seeing } = observation;
  const scale = arcSnr === null ? 1 : arcSnr / expectedSnr(estimate, lights, observation);
  const [dx, dy] = [lights[0]!.x - mass.x, lights[0]!.y - mass.y];
  const image = around(mass, thetaE + Math.hypot(dx, dy), Math.atan2(dy, dx));
  const ratios = survey.bands.map((_, band) => {
    const flux = (light: Light) => fluxOf(light.magnitudes[band]!, survey.zeroPoint);
    const arcs = lights.reduce((sum, light) => sum + flux(light), 0) * scale;
    const sharpness = estimate.sharpness(seeing[band]! * SIGMA_PER_FWHM);
    const glare = inFront.reduce((sum, light) => {
      const R = Math.hypot(light.R, seeing[band]! / 2);
      const distance = Math.hypot(image.x - light.x, image.y - light.y);
      const fall = Math.exp(-sersicB(light.n) * ((distance / R) ** (1 / light.n) - 1));
      return sum + (flux(light) * fall) / sersicFlux(R, light.n);
    }, 0);
    return (arcs * sharpness ** 2) / estimate.magnification / glare;
  });
  return Math.max(...ratios);
}
