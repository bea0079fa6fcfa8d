/** Distributions that never give a value of their range, and the recipe's fields that have them. */
import { ArcletError, type FieldPath } from "../../foundation/errors.ts";
import type { Distribution, Range } from "./distribution.ts";
import type { Recipe } from "./recipe.ts";

/** Draws of one value. One in ten thousand within the range is enough: that none is has odds of 5e-5. */
export const TRIES = 100_000;

/** No draw was within its range. `namingField` says whose. */
export class OutOfReach extends ArcletError {
  override readonly name = "OutOfReach";
  readonly distribution: object;

  /** @param distribution the object in the recipe, or the list that gives its range */
  constructor(distribution: Exclude<Distribution, number> | Range, within: Range, at = "") {
    const range = `${within[0]} to ${within[1]}`;
    super({
      where: "recipe",
      code: "argument",
      field: "a distribution",
      problem: `must give values of ${range}, got none in ${TRIES} draws${at}`,
      fix: "widen its range, or move the distribution",
    });
    this.distribution = distribution;
    this.within = within;
  }

  private readonly within: Range;

  /** The same, of a relation at this value of what it follows. */
  at(name: string, value: number): OutOfReach {
    const at = ` at ${name} ${Number(value.toPrecision(4))}`;
    return new OutOfReach(this.distribution as Exclude<Distribution, number>, this.within, at);
  }
}

/** Draws by a recipe. @throws ArcletError naming the recipe's field that is out of reach */
export function namingField<T>(recipe: Recipe, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof OutOfReach)) throw error;
    const field = fieldOf(recipe, error.distribution) ?? error.field!;
    throw error.with({ where: `recipe ${recipe.name}`, field });
  }
}

/** Where an object is in a tree of plain values. */
function fieldOf(tree: object, object: object): FieldPath | undefined {
  for (const [key, value] of Object.entries(tree)) {
    if (value === object) return [key];
    if (typeof value !== "object" || value === null) continue;
    const rest = fieldOf(value, object);
    if (rest !== undefined) return [key, ...rest];
  }
  return undefined;
}
