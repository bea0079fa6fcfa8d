/** How bright arcs are beside their deflector: a lens whose arcs drown in its light is not seen as one. */
import { SIGMA_PER_FWHM } from "../../sky/fwhm.ts";
import { fluxOf } from "../../sky/survey.ts";
import { sersicB, sersicFlux } from "../profiles/light/sersic.ts";
import type { Light } from "../scene.ts";
import type { Position } from "./galaxies.ts";
import type { ArcEstimate } from "./imaged.ts";
import type { Observation } from "./lens.ts";

/**
 * Mean surface brightness of the arcs over that of the galaxies in front where the brightest image is, in the band where it
 * is largest. Galaxies are taken to be round, their half-light radius √(R² + (seeing / 2)²).
 *
 * @param source the lensed lights, all imaged like the first
 * @param scale the factor that arcs are scaled by
 * @param at the brightest image
 */
export function contrastOf(
  { magnification, sharpness }: ArcEstimate,
  source: readonly Light[],
  scale: number,
  inFront: readonly Light[],
  at: Position,
  { survey, seeing }: Observation,
): number {
  const ratios = survey.bands.map((_, band) => {
    const flux = (light: Light) => fluxOf(light.magnitudes[band]!, survey.zeroPoint);
    const arcs = source.reduce((sum, light) => sum + flux(light), 0) * scale;
    const brightness = (arcs * sharpness(seeing[band]! * SIGMA_PER_FWHM) ** 2) / magnification;
    const glare = inFront.reduce((sum, light) => {
      const R = Math.hypot(light.R, seeing[band]! / 2);
      const distance = Math.hypot(at.x - light.x, at.y - light.y);
      const fall = Math.exp(-sersicB(light.n) * ((distance / R) ** (1 / light.n) - 1));
      return sum + (flux(light) * fall) / sersicFlux(R, light.n);
    }, 0);
    return brightness / glare;
  });
  return Math.max(...ratios);
}
