/** What is written of a cutout: its flux, or the colour composite that the survey shows, as finders of composites take it. */
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { composite } from "../../sky/stretch.ts";
import { surveyNamed } from "../../sky/surveys/registry.ts";
import { tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { CutoutsConfig } from "./config.ts";

export interface Written {
  readonly pixels: "flux" | "display";
  /** Of the channels, in their order. */
  readonly bands: readonly string[];
  /** @param flux bands × height × width, in the order of the bands that are cut */
  of(flux: Float32Array): Float32Array | Uint8Array;
}

/** @throws ArcletError for composites of no known survey, without one of its bands, or in another unit of flux */
export function writtenOf(
  config: Pick<CutoutsConfig, "pixels" | "bands" | "survey" | "size" | "zeroPoint">,
): Written {
  const { pixels, bands, size, zeroPoint } = config;
  if (pixels === "flux") return { pixels, bands, of: (flux) => flux };
  if (config.survey === null) refuse("cutouts", "--survey", "given for --pixels display: it says how", null);
  const survey = surveyNamed(config.survey);
  const shown = survey.display.bands;
  const absent = shown.filter((band) => !bands.includes(band));
  if (absent.length > 0)
    throw new ArcletError({
      where: "cutouts",
      code: "missing",
      problem: `composites of ${survey.name} are made of ${shown.join(", ")}; --bands has no ${absent.join(", ")}`,
    });
  if (zeroPoint !== null && zeroPoint !== survey.zeroPoint)
    refuse("cutouts", "--zero-point", `${survey.zeroPoint}, that of ${survey.name}'s composites`, zeroPoint);
  // Only the bands that are shown, in the cutout's order.
  const own = { ...survey, bands: bands.map((name) => ({ ...survey.bands[0]!, name })) };
  return {
    pixels,
    bands: shown,
    of: (flux) =>
      tidy(() => composite(tensor(flux, [1, bands.length, size, size]), own).data() as Uint8Array),
  };
}
