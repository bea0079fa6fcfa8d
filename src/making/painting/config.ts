/** The settings of painting. */
import { z } from "zod";
import { choices, count, number, seed, text, yes } from "../../foundation/field.ts";
import { isRecipe, recipes } from "../../lensing/recipes/registry.ts";
import { isSurvey, surveys } from "../../sky/surveys/registry.ts";

/** What unpainted images can be of. */
const NEGATIVES = ["same", "others", "kept", "none"] as const;

/** The settings of `arclet paint`. */
export const paintConfig = z.strictObject({
  hosts: text("the dataset folder of real cutouts; labels in it are not read"),
  out: text("the dataset folder to write"),
  survey: z
    .string()
    .min(1)
    .refine(isSurvey, { error: () => `one of ${surveys.names.join(", ")}, or a file that ends in .yaml` })
    .describe("the hosts' survey: one that `arclet surveys` lists, or a .yaml file"),
  recipe: z
    .string()
    .min(1)
    .default("arcs")
    .refine(isRecipe, { error: () => `one of ${recipes.names.join(", ")}, or a file that ends in .yaml` })
    .describe(
      "recipe that source galaxies, shears and shapes of masses are drawn from, as for `arclet simulate`",
    ),
  count: z
    .number()
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("how many arcs; if more than deflectors, these get further, different arcs (none: one each)"),
  negatives: choices(
    NEGATIVES,
    "unpainted images, of class not-lens: same (the galaxies that are painted), others (all real objects that can't be " +
      "painted), kept (massive galaxies of every second group, which then aren't painted), or none",
    { default: ["same", "others"] },
  ),
  mostOthers: count("how many others at most (none: all)", { default: null }),
  splits: choices(["train", "val"], "splits of the hosts that are used; test is sealed, and never is", {
    default: ["train", "val"],
  }),
  where: text(
    "only hosts that meet this condition on their table's columns, e.g. \"id like 'field%'\" (none: all)",
    { default: null },
  ),
  valFraction: number("fraction of the groups in the split val, if no host that is used is in it", {
    least: 0,
    below: 1,
    default: 0.1,
  }),
  faintest: number("deflectors are at least this bright in r", { default: 21.5, unit: "mag" }),
  leastGr: number("deflectors are at least this red in g - r", { default: 0.9, unit: "mag" }),
  leastThetaE: number('smallest Einstein radius (none: the seeing of the sharpest band, and 0.7" at least)', {
    above: 0,
    default: null,
    unit: "arcsec",
  }),
  groupShare: number(
    "share of the arcs on luminous galaxies that a group's mass makes: as wide as the cutouts can show",
    { least: 0, most: 1, default: 0.4 },
  ),
  leastSnr: number("least signal-to-noise of an arc, over all pixels and bands", { above: 0, default: 25 }),
  mostSnr: number("most signal-to-noise of an arc; drawn uniformly in its logarithm", {
    above: 0,
    default: 220,
  }),
  redshift: text("column of the hosts' table with their redshifts (none: from colours and brightness)", {
    default: null,
  }),
  seeing: text(
    "column of the hosts' table with their seeing, arcsec FWHM in every band (none: the survey's median)",
    { default: null },
  ),
  offCentre: number(
    "galaxies are moved off the middle, with their cutouts, by up to this: evenly in a disc, whole pixels; a strip that " +
      "comes free shows its mirror image",
    { least: 0, default: 0, unit: "arcsec" },
  ),
  noise: yes("Poisson noise of the arcs' own light", { default: true }),
  seed: seed("one seed gives one dataset"),
});

/** Values of `paintConfig`. */
export type PaintConfig = z.output<typeof paintConfig>;
