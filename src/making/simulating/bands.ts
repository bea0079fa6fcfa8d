/** The bands that a simulation writes: the survey's, or some of them in another order. */
import { unknown } from "../../foundation/errors/unknown.ts";
import { refuse } from "../../foundation/errors.ts";
import type { Survey } from "../../sky/survey.ts";
import type { SimulateConfig } from "./config.ts";

/** The bands of a survey's images: all for flux, those of the composite's channels for display. */
const drawnBands = (survey: Survey, pixels: SimulateConfig["pixels"]): string[] =>
  pixels === "display" ? [...survey.display.bands] : survey.bands.map(({ name }) => name);

/**
 * @returns the names of the images' bands, and which of the drawn channels they are; null for all, as drawn
 * @throws ArcletError for a band that the survey doesn't have, or one that is given twice
 */
export function writtenBands(
  survey: Survey,
  { pixels, bands }: Pick<SimulateConfig, "pixels" | "bands">,
): { names: readonly string[]; channels: readonly number[] | null } {
  const drawn = drawnBands(survey, pixels);
  if (bands === null || bands.join() === drawn.join()) return { names: drawn, channels: null };
  if (new Set(bands).size < bands.length) refuse("simulate", "bands", "each given once", bands);
  const absent = bands.find((name) => !drawn.includes(name));
  if (absent !== undefined) throw unknownBand(survey, pixels, absent, drawn);
  return { names: bands, channels: bands.map((name) => drawn.indexOf(name)) };
}

function unknownBand(survey: Survey, pixels: SimulateConfig["pixels"], band: string, drawn: string[]) {
  const composite = pixels === "display" && survey.bands.some(({ name }) => name === band);
  const whose = composite ? `${survey.name}'s composite` : survey.name;
  return unknown("simulate", "bands", band, drawn, {
    must: `bands of ${whose} (${drawn.join(", ")})`,
    ...(composite ? { or: "any of its bands with --pixels flux" } : {}),
  });
}
