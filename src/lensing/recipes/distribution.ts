/** A quantity in a recipe: a number, a distribution, or a relation to another quantity; and its allowed range. */
import { z } from "zod";
import { nearest } from "../../foundation/nearest.ts";

/** Lowest and highest value. */
export type Range = readonly [low: number, high: number];

/**
 * A value outside this range is drawn again. A relation without scatter, which would give the same again, is held at the
 * nearer end.
 */
interface Within {
  within?: Range;
}

/**
 * How a quantity follows another, x, with a scatter that is normal (in the quantity's unit) or, for `exponential`,
 * lognormal (the standard deviation of the natural logarithm):
 *   linear       value + slope (x − at)
 *   logarithmic  value + slope log10(x / at)
 *   exponential  value × 10^(slope (x − at))
 */
export interface Relation extends Within {
  relation: "linear" | "logarithmic" | "exponential";
  on: string;
  at: number;
  value: number;
  slope: number;
  scatter?: number;
}

/** What a number of a recipe is drawn from. */
export type Distribution =
  | number
  | { uniform: Range }
  /** Uniform in the logarithm. */
  | { logUniform: Range }
  /** Whole numbers, both ends included. */
  | { integers: Range }
  /** Mean and standard deviation. */
  | ({ normal: readonly [mean: number, sigma: number] } & Within)
  /** Median, and the standard deviation of the natural logarithm. */
  | ({ lognormal: readonly [median: number, sigma: number] } & Within)
  /** dN/dx ∝ x^slope. */
  | { powerLaw: number; within: Range }
  /** Number counts: dN/dm ∝ 10^(slope m). */
  | { counts: number; within: Range }
  /** dN/dx ∝ (x / scale)^alpha exp(−(x / scale)^beta) / x. */
  | { schechter: { alpha: number; beta: number; scale: number }; within: Range }
  /** Redshifts of objects of constant comoving density, in the recipe's cosmology. */
  | { volume: Range }
  /** Expectation of a Poisson count. */
  | ({ poisson: number } & Within)
  /** Values and their shares. */
  | { choice: Record<string, number> }
  | Relation;

type Kind = Exclude<Distribution, number> extends infer D ? (D extends D ? keyof D : never) : never;

/** The keys that name a distribution, each with its further keys. */
const KINDS: Partial<Record<Kind, readonly string[]>> = {
  uniform: [],
  logUniform: [],
  integers: [],
  normal: ["within"],
  lognormal: ["within"],
  powerLaw: ["within"],
  counts: ["within"],
  schechter: ["within"],
  volume: [],
  poisson: ["within"],
  choice: [],
  relation: ["on", "at", "value", "slope", "scatter", "within"],
};
const DISTRIBUTIONS: readonly string[] = Object.keys(KINDS);
const FORMS = ["linear", "logarithmic", "exponential"];
/** A Poisson count is drawn by a product, which is slow for a larger expectation. */
const LARGEST_EXPECTATION = 50;

interface Wrong {
  path: (string | number)[];
  must: string;
  /** The distribution that was probably meant. */
  near?: string | undefined;
}
const wrong = (must: string, ...path: (string | number)[]): Wrong => ({ path, must });

export interface Allowed {
  /** The range of every draw. */
  range: Range;
  unit?: string;
  /** Quantities that it may follow. */
  on?: readonly string[];
  /** Whether it is a count. */
  whole?: boolean;
  /** Whether it is a redshift, which may fill a volume. */
  redshift?: boolean;
}

/** The schema of a quantity, all of whose values are in its range. */
export const quantity = (allowed: Allowed) =>
  z.custom<Distribution>().superRefine((value, context) => {
    const problem = problemOf(value, allowed);
    if (problem)
      context.addIssue({
        code: "custom",
        path: problem.path,
        message: problem.must,
        params: { near: problem.near },
      });
  });

export const isDistribution = (value: unknown): boolean =>
  typeof value === "number" ||
  (isRecord(value) && Object.keys(value).some((key) => Object.hasOwn(KINDS, key)));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isPair = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(isNumber);

function problemOf(value: unknown, allowed: Allowed): Wrong | undefined {
  const { range, unit = "", on = [], whole = false } = allowed;
  const limits = `${range[0]} to ${range[1]}${unit && ` ${unit}`}`;
  const must = Number.isFinite(range[0] + range[1]) ? `a quantity of ${limits}` : "a quantity";
  if (!isNumber(value) && !isRecord(value)) return wrong(must);
  const formal = isRecord(value) ? formProblem(value, on) : undefined;
  if (formal) return formal;
  if (isRecord(value) && "volume" in value && allowed.redshift !== true)
    return wrong("another distribution: volume is for redshifts");
  const distribution = value as Distribution;
  const [low, high] = supportOf(distribution);
  if (!(low >= range[0] && high <= range[1])) {
    const unbounded = !Number.isFinite(high - low);
    return wrong(
      unbounded ? `kept in its range, ${limits}, by \`within: [low, high]\`` : `${must} everywhere`,
    );
  }
  if (whole && !isWhole(distribution))
    return wrong("a count: a whole number, integers, poisson or choice of whole numbers");
  return undefined;
}

function isWhole(value: Distribution): boolean {
  if (typeof value === "number") return Number.isInteger(value);
  if ("choice" in value) return Object.keys(value.choice).every((key) => Number.isInteger(Number(key)));
  return "integers" in value || "poisson" in value;
}

/** What is wrong with the form of a distribution, whatever it is for. */
function formProblem(value: Record<string, unknown>, on: readonly string[]): Wrong | undefined {
  const keys = Object.keys(value);
  const kinds = keys.filter((key) => Object.hasOwn(KINDS, key));
  if (kinds.length !== 1) {
    const near = keys.map((key) => nearest(key, DISTRIBUTIONS)).find((name) => name !== undefined);
    const problem = wrong(`a number or one of ${DISTRIBUTIONS.join(", ")}`);
    return kinds.length === 0 ? { ...problem, near } : problem;
  }
  const kind = kinds[0] as Kind;
  const known = KINDS[kind]!;
  const unknown = keys.find((key) => key !== kind && !known.includes(key));
  if (unknown !== undefined)
    return wrong(
      known.length === 0 ? `left out: ${kind} takes no further keys` : `one of ${known.join(", ")}`,
      unknown,
    );
  const { within } = value;
  if (within !== undefined && !(isPair(within) && within[0] <= within[1]))
    return wrong("[low, high] with low ≤ high", "within");
  const needsRange = ["powerLaw", "counts", "schechter"].includes(kind);
  if (needsRange && within === undefined)
    return wrong("[low, high]: without it the range has no end", "within");
  return CHECKS[kind as keyof typeof CHECKS](value, on);
}

const ordered =
  (kind: string, positive = false) =>
  (value: Record<string, unknown>): Wrong | undefined => {
    const pair = value[kind];
    if (!isPair(pair) || pair[0] > pair[1]) return wrong("[low, high] with low ≤ high", kind);
    return positive && !(pair[0] > 0) ? wrong("[low, high] with low > 0", kind) : undefined;
  };
const spread =
  (kind: string, positive: boolean) =>
  (value: Record<string, unknown>): Wrong | undefined => {
    const pair = value[kind];
    if (!isPair(pair) || pair[1] < 0 || (positive && !(pair[0] > 0)))
      return wrong(positive ? "[median > 0, sigma ≥ 0]" : "[mean, sigma ≥ 0]", kind);
    return undefined;
  };

const CHECKS: Record<string, (value: Record<string, unknown>, on: readonly string[]) => Wrong | undefined> = {
  uniform: ordered("uniform"),
  logUniform: ordered("logUniform", true),
  integers: (value) =>
    ordered("integers")(value) ??
    ((value.integers as number[]).every(Number.isInteger)
      ? undefined
      : wrong("two whole numbers", "integers")),
  volume: ordered("volume"),
  normal: spread("normal", false),
  lognormal: spread("lognormal", true),
  powerLaw: ({ powerLaw, within }) => {
    if (!isNumber(powerLaw)) return wrong("the slope, a number", "powerLaw");
    const [low] = within as Range;
    const least = powerLaw > -1 ? low >= 0 : low > 0;
    return least ? undefined : wrong(powerLaw > -1 ? "at least 0" : "above 0", "within");
  },
  counts: ({ counts }) => (isNumber(counts) ? undefined : wrong("the slope, a number", "counts")),
  schechter: ({ schechter, within }) => {
    const shape = isRecord(schechter) ? schechter : {};
    const names = ["alpha", "beta", "scale"];
    if (!names.every((name) => isNumber(shape[name])) || Object.keys(shape).length !== names.length)
      return wrong("numbers alpha, beta and scale", "schechter");
    for (const name of ["beta", "scale"])
      if (!((shape[name] as number) > 0)) return wrong("> 0", "schechter", name);
    return (within as Range)[0] > 0 ? undefined : wrong("above 0", "within");
  },
  poisson: ({ poisson }) =>
    isNumber(poisson) && poisson >= 0 && poisson <= LARGEST_EXPECTATION
      ? undefined
      : wrong(`an expectation of 0 to ${LARGEST_EXPECTATION}`, "poisson"),
  choice: ({ choice }) => {
    if (!isRecord(choice)) return wrong("values and their shares", "choice");
    for (const [key, share] of Object.entries(choice)) {
      if (!isNumber(Number(key)) || key.trim() === "") return wrong("shares of numbers", "choice");
      if (!isNumber(share) || share < 0) return wrong("a share, at least 0", "choice", key);
    }
    const total = Object.values(choice as Record<string, number>).reduce((sum, share) => sum + share, 0);
    return total > 0 ? undefined : wrong("shares that are not all zero", "choice");
  },
  relation: (value, on) => {
    if (!FORMS.includes(value.relation as string)) return wrong(`one of ${FORMS.join(", ")}`, "relation");
    if (on.length === 0) return wrong("a distribution: there is nothing here for it to follow");
    if (!on.includes(value.on as string)) return wrong(`one of ${on.join(", ")}`, "on");
    for (const name of ["at", "value", "slope"]) if (!isNumber(value[name])) return wrong("a number", name);
    const { scatter = 0 } = value;
    if (!isNumber(scatter) || scatter < 0) return wrong("a number, at least 0", "scatter");
    if (value.relation === "logarithmic" && !((value.at as number) > 0)) return wrong("> 0", "at");
    return undefined;
  },
};

/** The range of a distribution's values. */
export function supportOf(value: Distribution): Range {
  if (typeof value === "number") return [value, value];
  if ("within" in value && value.within !== undefined) return value.within;
  if ("uniform" in value) return value.uniform;
  if ("logUniform" in value) return value.logUniform;
  if ("integers" in value) return value.integers;
  if ("volume" in value) return value.volume;
  if ("choice" in value) {
    const values = Object.entries(value.choice).flatMap(([key, share]) => (share > 0 ? [Number(key)] : []));
    return [Math.min(...values), Math.max(...values)];
  }
  if ("poisson" in value) return value.poisson === 0 ? [0, 0] : [0, Number.POSITIVE_INFINITY];
  if ("normal" in value && value.normal[1] === 0) return [value.normal[0], value.normal[0]];
  if ("lognormal" in value) return [0, Number.POSITIVE_INFINITY];
  return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}
