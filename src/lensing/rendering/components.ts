/** A batch's components of light, grouped by what can be computed together. */
import { fluxOf, type Survey } from "../../sky/survey.ts";
import { imageModel, type SourceImage } from "../profiles/light/image.ts";
import type { LightModel } from "../profiles/light/model.ts";
import { sersicRing } from "../profiles/light/ring.ts";
import { sersic } from "../profiles/light/sersic.ts";
import { spiral } from "../profiles/light/spiral.ts";
import type { Light, Scene } from "../scene.ts";

/** A component of light, and the image that it is added to. */
export interface Part {
  light: Light;
  /** Index of the image on the canvas. */
  row: number;
  /** Index of its lens among the batch's lenses; null in front of the lens. */
  lens: number | null;
}

export interface Group {
  model: LightModel<Light>;
  lensed: boolean;
  parts: Part[];
}

const models = { plain: sersic, ring: sersicRing, arms: spiral };

const kindOf = ({ ring, arms, image }: Light): "plain" | "ring" | "arms" | "image" =>
  image ? "image" : arms ? "arms" : ring ? "ring" : "plain";

/** The profile of a single component. */
function modelOf(light: Light): LightModel<Light> {
  const kind = kindOf(light);
  const model = kind === "image" ? imageModel(light.image!) : models[kind];
  return model as unknown as LightModel<Light>;
}

/**
 * The batch's extended components, by kind and by whether they are lensed. Groups have a fixed order, so that a scene's
 * components are added in the same order in every batch.
 *
 * @param arcsRow index of the image on the canvas for the lensed light of a scene
 */
export function groupsOf(
  scenes: readonly Scene[],
  lensing: readonly number[],
  arcsRow: (scene: number) => number,
): Group[] {
  const groups = new Map<string, Group>();
  const images = new Map<SourceImage, number>();
  const lensOf = new Map(lensing.map((scene, k) => [scene, k]));
  for (const [i, { lights }] of scenes.entries()) {
    for (const [k, light] of lights.entries()) {
      if (light.point) continue;
      const lens = light.lensed ? (lensOf.get(i) ?? null) : null;
      // Images that are k-th in their scenes come together, so that a scene's own order decides
      if (light.image && !images.has(light.image)) images.set(light.image, images.size);
      const picture = light.image ? ` ${String(k).padStart(4, "0")} ${images.get(light.image)}` : "";
      const key = `${kindOf(light)}${picture} ${lens !== null}`;
      const group = groups.get(key) ?? { model: modelOf(light), lensed: lens !== null, parts: [] };
      group.parts.push({ light, row: lens === null ? i : arcsRow(i), lens });
      groups.set(key, group);
    }
  }
  return [...groups.keys()].sort().map((key) => groups.get(key)!);
}

/** Flux in a pixel, in the survey's units, where a component's profile is 1: one for each component and band. */
export function unitFluxes({ model, parts }: Group, survey: Survey): Float64Array {
  const area = survey.pixelScale ** 2;
  return Float64Array.from(
    parts.flatMap(({ light }) => {
      const unit = model.flux(light);
      return survey.bands.map((_, band) => (fluxOf(light.magnitudes[band]!, survey.zeroPoint) * area) / unit);
    }),
  );
}

/**
 * The typical brightness of a component, in its profile's unit: half its flux over the area onto which it and the PSF
 * (of the given sigma, arcsec) spread it. The tolerance of `refine` is a fraction of it.
 */
export function typicalBrightness(model: LightModel<Light>, light: Light, sigma: number): number {
  const { R, ring = 0, image } = light;
  const squared = image ? (image.width * image.height * image.scale ** 2) / (4 * Math.PI) : R * (ring + R);
  return model.flux(light) / (2 * Math.PI * (squared + 2 * sigma ** 2));
}
