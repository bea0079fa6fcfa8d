/**
 * Flux as a colour composite, from 0 to 1: what networks trained on display images take. The bands for red, green and
 * blue and their stretch are as given, or else those of the survey's own display.
 */
import { z } from "zod";
import { ArcletError, refuse } from "../../../foundation/errors.ts";
import { lupton as asLupton } from "../../../sky/lupton.ts";
import { humvi as asHumvi } from "../../../sky/stretch.ts";
import type { Survey } from "../../../sky/survey.ts";
import { surveyNamed } from "../../../sky/surveys/registry.ts";
import { stack } from "../../../torch/create.ts";
import type { Tensor } from "../../../torch/tensor.ts";
import { about, banded, type Fitting, kindOf, type StretchOptions } from "./kind.ts";

const positive = z.number().positive();
/** Bands for red, green and blue, or one for grey, and their factors. */
const shown = { show: z.array(z.string()).min(1).max(3), scales: z.array(positive).min(1).max(3) };

export const lupton = kindOf({
  schema: z.strictObject({
    kind: z.literal("lupton"),
    ...about,
    ...shown,
    minimum: z.number(),
    stretch: positive,
    Q: positive,
  }),
  summary: "a colour composite as Lupton et al. make it",
  pixels: "flux",
  takes: ["bands", "scales", "q", "stretch", "minimum"],
  fit(from) {
    const { options } = from;
    const show = shownBands(from);
    return {
      show,
      scales: factors(from, show, () => show.map(() => 1)),
      minimum: options.minimum ?? 0,
      stretch: options.stretch ?? 5,
      Q: options.q ?? 8,
    };
  },
  apply: (preprocessing, x) => {
    const rgb = picked(x, preprocessing.bands, preprocessing.show);
    return asLupton(rgb.mul(banded(preprocessing.scales, x)), preprocessing);
  },
  channels: ({ show }) => show.length,
});

export const humvi = kindOf({
  schema: z.strictObject({ kind: z.literal("humvi"), ...about, ...shown, Q: positive, alpha: positive }),
  summary: "a colour composite as HumVI makes it",
  pixels: "flux",
  takes: ["bands", "scales", "q", "alpha"],
  fit(from) {
    const { options } = from;
    const show = shownBands(from);
    return {
      show,
      scales: factors(from, show, () => ofSurvey(from, "scales", (display) => display.scales)),
      Q: options.q ?? ofSurvey(from, "q", ({ Q }) => Q),
      alpha: options.alpha ?? ofSurvey(from, "alpha", ({ alpha }) => alpha),
    };
  },
  apply: (preprocessing, x) => asHumvi(picked(x, preprocessing.bands, preprocessing.show), preprocessing),
  channels: ({ show }) => show.length,
});

/** (B, C, H, W) → (B, shown, H, W) */
const picked = (x: Tensor, bands: readonly string[], show: readonly string[]): Tensor =>
  stack(
    show.map((name) => x.select(1, bands.indexOf(name))),
    1,
  );

function shownBands(from: Fitting): string[] {
  const { bands } = from.domain.info;
  const show = from.options.bands ?? [...ofSurvey(from, "bands", (display) => display.bands)];
  if (show.length === 2 || show.some((name) => !bands.includes(name)))
    refuse(from.where, "stretch.bands", `one or three of ${bands.join(", ")}`, show);
  return show;
}

function factors(
  { options, where }: Fitting,
  show: readonly string[],
  defaults: () => readonly number[],
): number[] {
  const scales = [...(options.scales ?? defaults())];
  if (scales.length !== show.length) refuse(where, "stretch.scales", `${show.length} numbers`, scales);
  return scales;
}

/** A value from the display of the dataset's survey. */
function ofSurvey<T>(
  { domain, where }: Fitting,
  key: keyof StretchOptions,
  pick: (display: Survey["display"]) => T,
): T {
  const name = domain.info.survey;
  if (name === null) refuse(where, `stretch.${key}`, "given, as the dataset names no survey", null);
  try {
    return pick(surveyNamed(name as string).display);
  } catch (error) {
    throw new ArcletError(
      {
        where,
        code: "missing",
        problem: `stretch.${key} must be given, as ${name} is not a known survey`,
      },
      {
        cause: error,
      },
    );
  }
}
