/** The scenes of the benchmark: SIE and shear, two elliptical Sérsic galaxies, a Gaussian PSF; lens-finders' ranges. */
import { Draws } from "../../src/foundation/random.ts";
import { axisRatioOf } from "../../src/lensing/profiles/frame.ts";
import type { Light, Scene } from "../../src/lensing/scene.ts";
import { type Survey, surveySchema } from "../../src/sky/survey.ts";

export const SIZE = 64;

/** HSC's i band as lenstronomy's SimulationAPI has it: 1 e-/s is 27 mag; sky noise in e-/s of a pixel. */
export const SURVEY: Survey = surveySchema.parse({
  name: "bench",
  title: "One band, Gaussian PSF",
  source: "lenstronomy's HSC configuration, i",
  pixelScale: 0.168,
  zeroPoint: 27,
  moffatBeta: null,
  psfPixel: 0, // as lenstronomy has it: light averaged over pixels, then a kernel that does not include them
  noiseScatter: 0,
  bands: [{ name: "i", seeing: 0.6, seeingScatter: 0, skySigma: 0.1336, skyBrightness: 19.8 }],
  display: { bands: ["i", "i", "i"], scales: [1, 1, 1], Q: 1, alpha: 0.1 },
});

/** A galaxy as lenstronomy names its numbers. */
export interface Galaxy {
  magnitude: number;
  R_sersic: number;
  n_sersic: number;
  e1: number;
  e2: number;
  center_x: number;
  center_y: number;
}
export interface Case {
  theta_E: number;
  gamma1: number;
  gamma2: number;
  lens: Galaxy;
  source: Galaxy;
}

export function caseOf(index: number): Case {
  const d = new Draws(20261124, index);
  const ellipticity = () => ({ e1: d.uniform(-0.2, 0.2), e2: d.uniform(-0.2, 0.2) });
  const centre = (most: number) => ({ center_x: d.uniform(-most, most), center_y: d.uniform(-most, most) });
  return {
    theta_E: d.uniform(0.8, 2.2),
    gamma1: d.uniform(-0.06, 0.06),
    gamma2: d.uniform(-0.06, 0.06),
    lens: {
      magnitude: d.uniform(17.5, 20.5),
      R_sersic: d.uniform(0.6, 1.3),
      n_sersic: d.uniform(2, 4.5),
      ...ellipticity(),
      ...centre(0.05),
    },
    source: {
      magnitude: d.uniform(21, 24),
      R_sersic: d.uniform(0.1, 0.4),
      n_sersic: d.uniform(0.7, 2),
      ...ellipticity(),
      ...centre(0.3),
    },
  };
}

export function sceneOf({ theta_E, gamma1, gamma2, lens, source }: Case): Scene {
  const light = (part: string, lensed: boolean, galaxy: Galaxy): Light => ({
    part,
    lensed,
    magnitudes: [galaxy.magnitude],
    R: galaxy.R_sersic,
    n: galaxy.n_sersic,
    ...axisRatioOf(galaxy.e1, galaxy.e2),
    x: galaxy.center_x,
    y: galaxy.center_y,
  });
  const place = { x: lens.center_x, y: lens.center_y };
  return {
    kind: "lens",
    mass: { thetaE: theta_E, ...axisRatioOf(lens.e1, lens.e2), ...place, gamma1, gamma2 },
    lights: [light("lens", false, lens), light("source", true, source)],
    seeing: [0.6],
    skySigma: [0.1336],
    pedestal: [0],
    arcSnr: null,
  };
}
