/** The settings of `arclet selection`. */
import { z } from "zod";
import { SPLITS } from "../../dataset/info.ts";
import { fittingFields } from "../../dataset/views/fitting/config.ts";
import { choices, count, number, seed, text, texts } from "../../foundation/field.ts";
import { paintConfig } from "../../making/painting/config.ts";
import { positiveField } from "../positive.ts";
import { scoreConfig } from "../score-config.ts";
import { SELECTION_THRESHOLDS } from "./thresholds.ts";

const PAINTING = "Painting, with --paint";

/** A field under the heading of painting. */
const underPainting = <S extends z.ZodType>(field: S): S =>
  field.meta({ ...field.meta(), group: PAINTING }) as S;

const { recipe, faintest, leastGr, leastThetaE, groupShare, leastSnr, mostSnr } = paintConfig.shape;
const { offCentre, mostOthers, redshift, seeing } = paintConfig.shape;

export const selectionConfig = z.strictObject({
  injected: text(
    "the dataset of painted or simulated lenses; with --paint, the real cutouts to paint them on",
  ),
  finders: texts(
    "the score table of INJECTED, also of arclet combine; or what scores it: a run, a model file or a finder, or several, " +
      "which are averaged",
  ),
  out: text("the folder for selection.json, tables, figures and report.html"),
  thresholds: texts(`scores from which a lens is found, each ${SELECTION_THRESHOLDS}`, {
    default: ["fpr=0.01"],
  }),
  properties: texts("columns along which completeness is counted (none: all that are known of lenses)", {
    default: null,
  }),
  maps: texts("pairs of them to draw maps of, as X:Y (none: theta_e:arc_snr)", { default: null }),
  model: texts("properties of the smooth model (none: theta_e and arc_snr)", { default: null }),
  weights: text(
    "column of INJECTED by which each injection counts, e.g. nature's density over that of the injections (none: all alike)",
    { default: null },
  ),
  population: text(
    "a dataset of lenses as nature has them: the smooth model's completeness of these is given as well",
    { default: null },
  ),
  mostCutOff: number(
    "leave out arcs with more than this share of their light on full pixels, by the column cut_off (none: keep all)",
    { least: 0, most: 1, default: null },
  ),
  where: text("only images of INJECTED that meet this condition on its table (none: all)", { default: null }),
  splits: choices(SPLITS, "splits of INJECTED that are used; test is sealed, and its opening is logged", {
    default: ["train", "val"],
  }),
  positive: positiveField("the class of injections"),
  device: scoreConfig.shape.device,
  precision: scoreConfig.shape.precision,
  ...fittingFields,
  seed: seed(),
  paint: count("arcs to paint first, on the real cutouts INJECTED", { default: null, group: PAINTING }),
  survey: text("the cutouts' survey: one that `arclet surveys` lists, or a .yaml file", {
    default: null,
    group: PAINTING,
  }),
  recipe: underPainting(recipe),
  faintest: underPainting(faintest),
  leastGr: underPainting(leastGr),
  leastThetaE: underPainting(leastThetaE),
  groupShare: underPainting(groupShare),
  leastSnr: underPainting(leastSnr),
  mostSnr: underPainting(mostSnr),
  offCentre: underPainting(offCentre),
  mostOthers: underPainting(mostOthers),
  redshift: underPainting(redshift),
  seeing: underPainting(seeing),
});
export type SelectionConfig = z.output<typeof selectionConfig>;

/** Keys that say how arcs are painted, and nothing of a dataset that has them. */
export const PAINTING_KEYS = [
  ...([
    "survey",
    "recipe",
    "faintest",
    "leastGr",
    "leastThetaE",
    "groupShare",
    "leastSnr",
    "mostSnr",
  ] as const),
  ...(["offCentre", "mostOthers", "redshift", "seeing"] as const),
];
