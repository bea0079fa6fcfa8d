/** A population: kinds of objects and their shares. Object `index` of a seed is always the same. */
import { refuse } from "../../foundation/errors.ts";
import { Draws } from "../../foundation/random.ts";
import type { Survey } from "../../sky/survey.ts";
import { drawPsf, ROUND } from "../../sky/survey-psf.ts";
import { checkPrevalenceOf } from "../recipes/check.ts";
import { DEFAULT } from "../recipes/default.ts";
import { supportOf } from "../recipes/distribution.ts";
import { chosen, draw } from "../recipes/draw.ts";
import { namingField } from "../recipes/out-of-reach.ts";
import { isLensKind, type LookAlikeKind, type Recipe } from "../recipes/recipe.ts";
import type { Light, Scene } from "../scene.ts";
import { artefactsOf } from "./artefacts.ts";
import { neighbours, pedestal } from "./field.ts";
import { around, type Setting } from "./galaxies.ts";
import { lens } from "./lens.ts";
import { LOOK_ALIKE_DRAWS } from "./look-alikes.ts";

/** The default recipe's kinds of non-lenses, and their shares among these. */
export const LOOK_ALIKES: Readonly<Record<string, { share: number }>> = Object.fromEntries(
  Object.entries(DEFAULT.classes["not-lens"]!)
    .filter(([, share]) => share > 0)
    .map(([kind, share]) => [kind, { share }]),
);

/** What objects are drawn from: a survey, a recipe, a seed. */
export interface Population {
  /** Whose pixels, bands and depth they are drawn for. */
  survey: Survey;
  /** Pixels along a cutout's side. */
  size: number;
  /** Share of lenses among all objects; null for the recipe's. */
  prevalence: number | null;
  /** One seed gives the same objects. */
  seed: number;
  /** By default `default`. */
  recipe?: Recipe;
  /** Added to every g − r, mag. */
  colourShift?: number;
  /** Factor on the sizes of lensed sources. */
  sourceSize?: number;
}

/** @throws ArcletError when the survey has a band for which the recipe has no colours */
export function checkBands(survey: Survey, recipe: Recipe = DEFAULT): void {
  const known = Object.keys(recipe.bands);
  for (const { name } of survey.bands)
    if (!known.includes(name))
      refuse(survey.name, "band", `one of ${known.join(", ")}, for which the recipe has colours`, name);
}

/** A recipe's kinds and their shares, separately for lenses and others; and each kind's class. */
interface Shares {
  lens: Record<string, number>;
  other: Record<string, number>;
  label: Record<string, string>;
}
const sharesByRecipe = new WeakMap<Recipe, Shares>();

function sharesOf(recipe: Recipe): Shares {
  const cached = sharesByRecipe.get(recipe);
  if (cached) return cached;
  const shares: Shares = { lens: {}, other: {}, label: {} };
  for (const [label, kinds] of Object.entries(recipe.classes))
    for (const [kind, share] of Object.entries(kinds)) {
      shares[isLensKind(kind) ? "lens" : "other"][kind] = share;
      shares.label[kind] = label;
    }
  sharesByRecipe.set(recipe, shares);
  return shares;
}

/** The kinds that a population has: those with a share, without groups if they don't fit into its cutouts. */
export function kindsOf({ survey, size, recipe = DEFAULT }: Population): string[] {
  const { lens: lenses, other } = sharesOf(recipe);
  const shares = { ...shownIn(lenses, { halfWidth: (size * survey.pixelScale) / 2, recipe }), ...other };
  return Object.keys(shares).filter((kind) => shares[kind]! > 0);
}

/**
 * The scene of one object, with its observation's seeing and noise.
 *
 * @throws ArcletError when the prevalence does not fit the recipe's classes, none of the recipe's lenses can be seen, or
 *   one of its distributions gives no value of its range
 */
export function sceneOf(population: Population, index: number): Scene {
  const { recipe = DEFAULT } = population;
  return namingField(recipe, () => drawnScene({ ...population, recipe }, index));
}

function drawnScene(population: Population & { recipe: Recipe }, index: number): Scene {
  const { survey, size, seed, recipe } = population;
  const prevalence = population.prevalence ?? recipe.prevalence;
  checkPrevalenceOf(recipe, prevalence);
  const d = new Draws(seed, index);
  const setting: Setting = {
    bands: survey.bands.map((band) => band.name),
    halfWidth: (size * survey.pixelScale) / 2,
    seeing: Math.min(...survey.bands.map((band) => band.seeing)),
    recipe,
  };
  const psf = drawPsf(new Draws(seed, index, 4), survey);
  const observation = { survey, ...observationOf(new Draws(seed, index, 5), survey) };
  const { lens: lenses, other, label } = sharesOf(recipe);
  const kind = chosen(d, d.chance(prevalence) ? shownIn(lenses, setting) : other);
  const content = isLensKind(kind)
    ? lens(kind, d, setting, observation)
    : LOOK_ALIKE_DRAWS[kind as LookAlikeKind](d, setting);
  const { central = 0, arcSnr, truth } = content;
  const { mass, lights } = moved(content, population, index);
  const shown = [...lights, ...neighbours(d, setting)].map((light) => altered(light, population));
  const artefacts = artefactsOf(new Draws(seed, index, 6), shown, setting);
  return {
    kind,
    label: label[kind]!,
    mass,
    lights: shown,
    central,
    arcSnr,
    ...(truth === undefined ? {} : { truth }),
    seeing: observation.seeing,
    ...(psf.every((shape) => shape === ROUND) ? {} : { psf }),
    skySigma: observation.skySigma,
    pedestal: pedestal(d, setting),
    ...(artefacts.length === 0 ? {} : { artefacts }),
  };
}

/** A group's least Einstein radius must be so much below the largest of a cutout, or few draws would fit. */
const MARGIN = 1.1;

/** Shares of the kinds of lenses without groups, if other lenses are left and groups don't fit into the cutout. */
function shownIn(
  lenses: Record<string, number>,
  { halfWidth, recipe }: Pick<Setting, "halfWidth" | "recipe">,
): Record<string, number> {
  const { "group lens": group = 0, ...others } = lenses;
  const { mostOfCutout, group: drawn } = recipe.lens;
  const fits = MARGIN * supportOf(drawn.thetaE)[0] < mostOfCutout * halfWidth;
  return fits || group === 0 || !Object.values(others).some((share) => share > 0) ? lenses : others;
}

/**
 * Where the object is that would be in the middle. Behind a lens that is elsewhere, external shear about the middle moves
 * the source too.
 */
function moved(
  content: Pick<Scene, "mass" | "lights">,
  population: Population & { recipe: Recipe },
  index: number,
) {
  const { offCentre } = population.recipe;
  if (offCentre === 0) return content;
  const d = new Draws(population.seed, index, 8);
  const { x: dx, y: dy } = around({ x: 0, y: 0 }, draw(d, offCentre), d.uniform(0, 2 * Math.PI));
  const { gamma1 = 0, gamma2 = 0 } = content.mass ?? {};
  const [sx, sy] = [dx - gamma1 * dx - gamma2 * dy, dy - gamma2 * dx + gamma1 * dy];
  const lights = content.lights.map((light) =>
    light.lensed
      ? { ...light, x: light.x + sx, y: light.y + sy }
      : { ...light, x: light.x + dx, y: light.y + dy },
  );
  const { mass } = content;
  if (mass === null) return { mass, lights };
  const also = mass.also?.map((component) =>
    "x" in component ? { ...component, x: component.x + dx, y: component.y + dy } : component,
  );
  return { lights, mass: { ...mass, x: mass.x + dx, y: mass.y + dy, ...(also && { also }) } };
}

function observationOf(d: Draws, survey: Survey): { seeing: number[]; skySigma: number[] } {
  const night = d.normal(); // a field's bands share most of their seeing
  return {
    seeing: survey.bands.map(
      (band) => band.seeing * Math.max(0.6, 1 + band.seeingScatter * (0.8 * night + 0.6 * d.normal())),
    ),
    skySigma: survey.bands.map((band) => band.skySigma * Math.max(0.5, 1 + survey.noiseScatter * d.normal())),
  };
}

/** A light as the population changes it: fainter in g by `colourShift`, and of another size behind a lens. */
function altered(light: Light, { survey, colourShift = 0, sourceSize = 1 }: Population): Light {
  return {
    ...light,
    magnitudes: light.magnitudes.map((m, k) => (survey.bands[k]!.name === "g" ? m + colourShift : m)),
    R: light.lensed ? light.R * sourceSize : light.R,
  };
}
