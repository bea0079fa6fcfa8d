/**
 * From stored pixels to a network's input. The recipe is plain numbers and travels with the model: what was
 * measured on the source's training images is applied unchanged to every other domain.
 */
import { z } from "zod";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { call, type Tensor, tensor, tidy } from "../torch/index.ts";
import { type ImageDomain, type ImageInfo, nameOf, type Rows } from "./dataset.ts";

const about = {
  version: z.literal(1),
  /** The data it was made for. */
  bands: z.array(z.string()).min(1),
  /** Arcsec per pixel. */
  pixelScale: z.number().positive(),
  pixels: z.enum(["flux", "display"]),
};
const perBand = z.array(z.number());
const positivePerBand = z.array(z.number().positive());

export const recipe = z.discriminatedUnion("kind", [
  /** x / 255, for display images. */
  z.strictObject({ kind: z.literal("unit"), ...about }),
  /** (x − mean) / sd, band by band. */
  z.strictObject({ kind: z.literal("standardise"), ...about, mean: perBand, sd: positivePerBand }),
  /** (x − min) / (max − min) of each image over all its bands; zeros for a constant image. */
  z.strictObject({ kind: z.literal("minmax"), ...about }),
  /** asinh(x / scale), band by band, for flux: linear in the noise, logarithmic in the light. */
  z.strictObject({ kind: z.literal("asinh"), ...about, scale: positivePerBand }),
]);

export type Recipe = z.output<typeof recipe>;
export type RecipeKind = Recipe["kind"];
export const RECIPE_KINDS = ["unit", "standardise", "minmax", "asinh"] as const satisfies RecipeKind[];

const CHUNK = 256;
/** Images out of which a band's noise is estimated. */
const NOISE_SAMPLE = 512;
/** Standard deviation of a normal distribution over its median absolute deviation. */
const SIGMA_OF_MAD = 1.4826;

/**
 * Makes a recipe from images, as a rule the source's training rows. `standardise` takes each band's mean and
 * standard deviation over all of them; `asinh` takes each band's noise as scale (1.4826 × the median absolute
 * deviation over up to 512 images, evenly spaced in `rows`), because most pixels are sky.
 *
 * @throws ArcletError when the kind does not suit the pixels, there are no rows, or a band has no spread
 */
export function fitRecipe(domain: ImageDomain, kind: RecipeKind, rows: Rows): Recipe {
  const { bands, pixelScale, pixels } = domain.info;
  const where = `preprocessing of ${nameOf(domain)}`;
  if (kind === "unit" && pixels !== "display") refuse(where, "kind", "other than unit for flux", kind);
  if (kind === "asinh" && pixels !== "flux") refuse(where, "kind", "other than asinh for display", kind);
  if (rows.length === 0) refuse(where, "rows", "at least one", "none");
  const shared = { version: 1 as const, bands, pixelScale, pixels };
  if (kind === "standardise") return { kind, ...shared, ...momentsOf(domain, rows, where) };
  if (kind === "asinh") return { kind, ...shared, scale: noiseOf(domain, rows, where) };
  return { kind, ...shared };
}

/**
 * Applies a recipe.
 *
 * @param images (B, C, H, W) as stored
 * @returns (B, C, H, W) float32
 */
export function applyRecipe(recipe: Recipe, images: Tensor): Tensor {
  const channels = recipe.bands.length;
  if (images.ndim !== 4 || images.shape[1] !== channels)
    refuse("preprocessing", "images", `(B, ${channels}, H, W)`, images.shape);
  const banded = (values: number[]) => tensor(values, [1, channels, 1, 1], { device: images.device });
  return tidy(() => {
    const x = images.to("float32");
    if (recipe.kind === "unit") return x.div(255);
    if (recipe.kind === "standardise") return x.sub(banded(recipe.mean)).div(banded(recipe.sd));
    if (recipe.kind === "asinh") return x.div(banded(recipe.scale)).asinh();
    const low = x.min([1, 2, 3], true);
    const range = x.max([1, 2, 3], true).sub(low); // (B, 1, 1, 1)
    return x.sub(low).div(range.add(range.eq(0).to("float32")));
  });
}

/**
 * Refuses data that a recipe (so a model) was not made for: other bands, other pixels, or a pixel scale that is
 * more than 1 % off.
 */
export function checkRecipe(recipe: Recipe, info: ImageInfo): void {
  const wrong = (what: string, has: unknown, needs: unknown) =>
    new ArcletError(`${info.name}: has ${what} ${has}, the model was made for ${needs}`);
  if (info.bands.join() !== recipe.bands.join()) throw wrong("bands", info.bands, recipe.bands);
  if (info.pixels !== recipe.pixels) throw wrong("pixels", info.pixels, recipe.pixels);
  if (Math.abs(info.pixelScale / recipe.pixelScale - 1) > 0.01)
    throw wrong("a pixel scale of", `${info.pixelScale} arcsec`, `${recipe.pixelScale} arcsec`);
}

/** Mean and standard deviation of each band, summed in float64 about the first chunk's mean. */
function momentsOf(domain: ImageDomain, rows: Rows, where: string): { mean: number[]; sd: number[] } {
  const { bands, shape } = domain.info;
  const sum = bands.map(() => 0);
  const squares = bands.map(() => 0);
  let origin: number[] | undefined;
  for (let start = 0; start < rows.length; start += CHUNK)
    tidy(() => {
      const x = domain.images(rows.slice(start, start + CHUNK)).to("float64");
      origin ??= x.mean([0, 2, 3]).numbers();
      const off = x.sub(tensor(origin, [1, bands.length, 1, 1], { dtype: "float64" }));
      const [first, second] = [off.sum([0, 2, 3]).numbers(), off.square().sum([0, 2, 3]).numbers()];
      bands.forEach((_, c) => {
        sum[c]! += first[c]!;
        squares[c]! += second[c]!;
      });
    });
  const n = rows.length * shape[1] * shape[2];
  const mean = sum.map((value, c) => origin![c]! + value / n);
  const sd = squares.map((value, c) => Math.sqrt(Math.max(0, value / n - (sum[c]! / n) ** 2)));
  sd.forEach((value, c) => {
    if (!(value > 0)) refuse(where, `band ${bands[c]}`, "of more than one value", mean[c]);
  });
  return { mean, sd };
}

function noiseOf(domain: ImageDomain, rows: Rows, where: string): number[] {
  const step = Math.max(1, rows.length / NOISE_SAMPLE);
  const sample = Array.from(
    { length: Math.min(rows.length, NOISE_SAMPLE) },
    (_, i) => rows[Math.floor(i * step)]!,
  );
  return tidy(() => {
    const images = domain.images(sample); // (N, C, H, W)
    return domain.info.bands.map((band, c) => {
      const x = images.select(1, c).reshape([-1]);
      const deviation = x.sub(medianOf(x)).abs();
      const sigma = SIGMA_OF_MAD * medianOf(deviation);
      if (!(sigma > 0)) refuse(where, `band ${band}`, "noisy (half its pixels are the same)", sigma);
      return sigma;
    });
  });
}

const medianOf = (x: Tensor): number => (call("aten::median", x) as Tensor).item();
