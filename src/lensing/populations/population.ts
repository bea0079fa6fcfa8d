/** A population: kinds of objects and how often each is drawn. Object `index` of a seed is always the same. */
import { refuse } from "../../foundation/errors.ts";
import { Draws } from "../../foundation/random.ts";
import { drawPsf, ROUND, type Survey } from "../../sky/index.ts";
import type { Light, Scene } from "../scene.ts";
import { neighbours, pedestal } from "./field.ts";
import { KNOWN_BANDS, type Setting } from "./galaxies.ts";
import { type Content, lens } from "./lens.ts";
import * as lookAlikes from "./look-alikes.ts";

type Kind = (d: Draws, setting: Setting) => Content;

/** The kinds of non-lenses and their shares among themselves. */
export const LOOK_ALIKES: Readonly<Record<string, { share: number; draw: Kind }>> = {
  companions: { share: 0.28, draw: lookAlikes.companions },
  "red core": { share: 0.08, draw: lookAlikes.redCore },
  spiral: { share: 0.26, draw: lookAlikes.spiralGalaxy },
  ring: { share: 0.08, draw: lookAlikes.ringGalaxy },
  merger: { share: 0.08, draw: lookAlikes.merger },
  "edge-on": { share: 0.06, draw: lookAlikes.edgeOn },
  elliptical: { share: 0.07, draw: lookAlikes.plainElliptical },
  group: { share: 0.05, draw: lookAlikes.group },
  irregular: { share: 0.04, draw: lookAlikes.irregular },
  "faint galaxy": { share: 0.04, draw: lookAlikes.faintGalaxy },
  star: { share: 0.02, draw: lookAlikes.starAlone },
};

export interface Population {
  survey: Survey;
  /** Pixels along a cutout's side. */
  size: number;
  /** Share of lenses among all objects. */
  prevalence: number;
  seed: number;
  /** Added to every g − r, mag. */
  colourShift?: number;
  /** Factor on the sizes of lensed sources. */
  sourceSize?: number;
}

/** @throws ArcletError when the survey has a band that the population has no colours for */
export function checkBands(survey: Survey): void {
  for (const { name } of survey.bands) {
    if (!KNOWN_BANDS.includes(name))
      refuse(
        survey.name,
        "band",
        `one of ${KNOWN_BANDS.join(", ")}, which the population has colours for`,
        name,
      );
  }
}

/** The scene of one object, the observation's seeing and noise included. */
export function sceneOf(population: Population, index: number): Scene {
  const { survey, size, prevalence, seed } = population;
  const d = new Draws(seed, index);
  const setting: Setting = {
    bands: survey.bands.map((band) => band.name),
    halfWidth: (size * survey.pixelScale) / 2,
    seeing: Math.min(...survey.bands.map((band) => band.seeing)),
  };
  const { kind, mass, lights, arcSnr } = d.chance(prevalence) ? lens(d, setting) : lookAlike(d)(d, setting);
  const psf = drawPsf(new Draws(seed, index, 4), survey);
  const night = d.normal(); // a field's bands share most of their seeing
  return {
    kind,
    mass,
    lights: [...lights, ...neighbours(d, setting)].map((light) => altered(light, population)),
    arcSnr,
    seeing: survey.bands.map(
      (band) => band.seeing * Math.max(0.6, 1 + band.seeingScatter * (0.8 * night + 0.6 * d.normal())),
    ),
    ...(psf.every((shape) => shape === ROUND) ? {} : { psf }),
    skySigma: survey.bands.map((band) => band.skySigma * Math.max(0.5, 1 + survey.noiseScatter * d.normal())),
    pedestal: pedestal(d, survey.bands.length),
  };
}

function lookAlike(d: Draws): Kind {
  const kinds = Object.values(LOOK_ALIKES);
  let rest = d.uniform(
    0,
    kinds.reduce((sum, kind) => sum + kind.share, 0),
  );
  for (const { share, draw } of kinds) {
    rest -= share;
    if (rest < 0) return draw;
  }
  return kinds[kinds.length - 1]!.draw;
}

/** A light as another population would have it: redder by `colourShift` in g, and of another size behind a lens. */
function altered(light: Light, { survey, colourShift = 0, sourceSize = 1 }: Population): Light {
  return {
    ...light,
    magnitudes: light.magnitudes.map((m, k) => (survey.bands[k]!.name === "g" ? m + colourShift : m)),
    R: light.lensed ? light.R * sourceSize : light.R,
  };
}
