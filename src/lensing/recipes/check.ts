/** Checks a recipe from plain values: its schema, and then what the schema can't express. */
import { unknownKey } from "../../foundation/errors/unknown.ts";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { refuse } from "../../foundation/errors.ts";
import { supportOf } from "./distribution.ts";
import { isLensKind, KINDS, type Recipe, recipeSchema } from "./recipe.ts";

/**
 * @param where the file, for errors
 * @throws ArcletError at the first wrong field: `where: field must be X, got Y`
 */
export function checkedRecipe(values: unknown, where: string): Recipe {
  const recipe = checked(where, recipeSchema, values, { whole: "the recipe" });
  checkClasses(recipe, where);
  checkLens(recipe, where);
  checkColours(recipe, where);
  return recipe;
}

function checkClasses({ classes, prevalence, lens }: Recipe, where: string): void {
  const names = Object.keys(classes);
  if (names.length < 2) refuse(where, "classes", "at least two", names);
  const numeric = names.find((name) => /^\d/.test(name) || name.trim() === "");
  if (numeric !== undefined) refuse(where, "classes", "names that begin with a letter", numeric);
  const seen = new Map<string, string>();
  const totals = { lens: 0, other: 0 };
  for (const [name, kinds] of Object.entries(classes)) {
    for (const [kind, share] of Object.entries(kinds)) {
      const field = ["classes", name, kind];
      if (!KINDS.includes(kind)) {
        const known = KINDS.map((other) => ["classes", name, other]);
        throw unknownKey(where, field, known, { fix: `a kind is one of ${KINDS.join(", ")}` });
      }
      if (seen.has(kind)) refuse(where, field, "in only one class", `it in ${seen.get(kind)} too`);
      seen.set(kind, name);
      totals[isLensKind(kind) ? "lens" : "other"] += share;
      if (kind === "lens with subhaloes" && share > 0 && lens.redshifts === null)
        refuse(where, ["lens", "redshifts"], "given: masses of subhaloes follow from them", null);
      if (kind === "group lens" && share > 0 && lens.redshifts === null)
        refuse(where, ["lens", "redshifts"], "given: masses of a group's galaxies follow from them", null);
    }
    const total = Object.values(kinds).reduce((sum, share) => sum + share, 0);
    if (!(total > 0)) refuse(where, ["classes", name], "kinds whose shares are not all zero", kinds);
  }
  checkPrevalence(totals, prevalence, where);
}

function checkPrevalence(totals: { lens: number; other: number }, prevalence: number, where: string): void {
  if (totals.other === 0 && prevalence !== 1)
    refuse(where, "prevalence", "1, since every kind in the classes is a lens", prevalence);
  if (totals.lens === 0 && prevalence !== 0)
    refuse(where, "prevalence", "0, since no kind in the classes is a lens", prevalence);
}

/** @throws ArcletError when a population's own prevalence does not fit the recipe's classes */
export function checkPrevalenceOf(recipe: Recipe, prevalence: number): void {
  if (!(prevalence >= 0 && prevalence <= 1))
    refuse(`recipe ${recipe.name}`, "prevalence", "0 to 1", prevalence);
  const totals = { lens: 0, other: 0 };
  for (const kinds of Object.values(recipe.classes))
    for (const [kind, share] of Object.entries(kinds)) totals[isLensKind(kind) ? "lens" : "other"] += share;
  checkPrevalence(totals, prevalence, `recipe ${recipe.name}`);
}

function checkLens({ lens, lookAlikes }: Recipe, where: string): void {
  const { strength, redshifts, deflector, subhaloes, vortex } = lens;
  if (strength.sigma !== undefined && redshifts === null)
    refuse(where, ["lens", "redshifts"], "given: Einstein radii follow from sigma and them", null);
  const { magnitude, absolute } = deflector;
  if (absolute && redshifts === null)
    refuse(where, ["lens", "deflector", "absolute"], "false if lens.redshifts is null", absolute);
  if (typeof magnitude === "object" && "relation" in magnitude) {
    if (magnitude.on === "sigma" && redshifts === null)
      refuse(where, ["lens", "deflector", "magnitude", "on"], "thetaE if lens.redshifts is null", "sigma");
    if (magnitude.on === "redshift" && redshifts === null)
      refuse(where, ["lens", "deflector", "magnitude", "on"], "thetaE if lens.redshifts is null", "redshift");
  }
  if (deflector.size !== null && redshifts === null)
    refuse(where, ["lens", "deflector", "size"], "null if lens.redshifts is null", deflector.size);
  if (
    typeof deflector.size === "object" &&
    deflector.size !== null &&
    "relation" in deflector.size &&
    !absolute
  )
    refuse(where, ["lens", "deflector", "size"], "null if lens.deflector.absolute is false", deflector.size);
  if (absolute && supportOf(magnitude)[0] > 0)
    refuse(
      where,
      ["lens", "deflector", "magnitude"],
      "an absolute one, below 0 (for an apparent one also say absolute: false and size: null)",
      magnitude,
    );
  const ranges = {
    "dispersions.within": lens.dispersions?.within,
    "deflector.apparent": deflector.apparent,
  };
  for (const [name, range] of Object.entries(ranges))
    if (range && !(range[1] >= range[0]))
      refuse(where, ["lens", ...name.split(".")], "[low, high] with low ≤ high", range);
  const { size } = lens.source;
  if (typeof size === "object" && "relation" in size && size.on === "magnitude")
    if (lens.source.brightness.magnitude === undefined)
      refuse(
        where,
        ["lens", "source", "size", "on"],
        "thetaE if lens.source.brightness is arcSnr",
        "magnitude",
      );
  if (!(subhaloes.most > subhaloes.least))
    refuse(where, ["lens", "subhaloes", "most"], `above least, ${subhaloes.least}`, subhaloes.most);
  for (const name of ["fraction", "length"] as const) {
    const [low, high] = vortex[name];
    if (!(low > 0 && high >= low))
      refuse(where, ["lens", "vortex", name], "[low, high], above 0", vortex[name]);
  }
  const { types } = lookAlikes.merger;
  if (!(types.blue + types.elliptical + types.spiral > 0))
    refuse(where, ["lookAlikes", "merger", "types"], "shares that are not all zero", types);
}

function checkColours({ colours, bands, galaxies }: Recipe, where: string): void {
  const { track } = colours.red;
  for (let row = 1; row < track.length; row++)
    if (!(track[row]![0] > track[row - 1]![0]))
      refuse(
        where,
        ["colours", "red", "track", row, 0],
        "a redshift above the previous row's",
        track[row]![0],
      );
  const [low, high] = galaxies.blue.sizeWithin;
  if (!(low > 0 && high >= low))
    refuse(where, ["galaxies", "blue", "sizeWithin"], "[low, high], above 0", galaxies.blue.sizeWithin);
  for (const [name, band] of Object.entries(bands)) {
    if (!("mean" in band)) continue;
    const wrong = band.mean.find((other) => !Object.hasOwn(bands, other) || "mean" in bands[other]!);
    if (wrong !== undefined) {
      const known = Object.keys(bands).filter((other) => !("mean" in bands[other]!));
      refuse(where, ["bands", name, "mean"], `from bands with a colour (${known.join(", ")})`, wrong);
    }
  }
}
