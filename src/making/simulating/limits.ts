/** What a survey requires of a simulation: cutouts large enough for its PSF and its lenses. */
import { refuse } from "../../foundation/errors.ts";
import { supportOf } from "../../lensing/recipes/distribution.ts";
import type { Recipe } from "../../lensing/recipes/recipe.ts";
import { psfImages } from "../../sky/psf-images.ts";
import { psfOf, type Survey } from "../../sky/survey.ts";
import type { SimulateConfig } from "./config.ts";

/**
 * @param survey on the pixels of the simulation
 * @throws ArcletError naming the field and what it may be, when the cutout is too small for the PSF or for Einstein
 *   radii, or the splits leave nothing to train on
 */
export function checkLimits(config: SimulateConfig, recipe: Recipe, survey: Survey): void {
  const { size, prevalence, valFraction, testFraction } = config;
  const atLeast = (pixels: number, why: string) => {
    if (size < pixels)
      refuse("simulate", "size", `at least ${pixels} pixels of ${survey.pixelScale}": ${why}`, size);
  };
  for (const band of survey.bands) {
    const psf = psfOf(survey, band);
    const what = `${survey.name}'s PSF in ${band.name}`;
    if (psf.kind === "image") {
      const side = Math.max(...psfImages(psf, survey.pixelScale).map((image) => image.side));
      atLeast(side, `${what} is an image of ${side}`);
    } else
      atLeast(
        Math.ceil((2 * band.seeing) / survey.pixelScale),
        `${what} (seeing ${band.seeing}") must be no wider than half the cutout`,
      );
  }
  const { least, mostOfCutout, strength } = recipe.lens;
  const seeing = Math.min(...survey.bands.map((band) => band.seeing));
  const drawn = strength.thetaE === undefined ? 0 : supportOf(strength.thetaE)[0];
  const thetaE = Math.max(drawn, least.thetaEOverSeeing * seeing);
  if ((prevalence ?? recipe.prevalence) > 0)
    atLeast(
      Math.floor((2 * thetaE) / mostOfCutout / survey.pixelScale) + 1,
      `its lenses have theta_e of ${thetaE}" and more, up to ${mostOfCutout} of half the cutout`,
    );
  if (valFraction + testFraction > 1)
    refuse("simulate", "testFraction", `at most ${1 - valFraction}, what valFraction leaves`, testFraction);
}
