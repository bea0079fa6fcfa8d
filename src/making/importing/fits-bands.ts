/** Which image of a FITS file is which band. */
import { type FitsPart, headerOf } from "../../sky/fits-batch.ts";
import { bandOf } from "../../sky/measure/frame.ts";
import { Flaw } from "./cutout.ts";

/** A plane of an image. */
export interface Picked {
  part: FitsPart;
  plane: number;
}

/** Planes in the bands' order, the rule by which they were found, and what it gave. */
export interface Bands {
  rule: string;
  told: string;
  picked: Picked[];
}

/** Images beside the one that is meant: masks, weights, errors. */
const BESIDE = /MASK|VAR|WEIGHT|WHT|ERR|SIGMA|^DQ|_DQ|FLAG|PSF|EXPMAP|EXPOSURE/i;

/** An image's planes, height and width, axes of length 1 in front left out; undefined for what is no such image. */
export function planesOf({ shape }: FitsPart): [number, number, number] | undefined {
  const sides = [...shape];
  while (sides.length > 2 && sides[0] === 1) sides.shift();
  if (sides.length === 2) return [1, sides[0]!, sides[1]!];
  return sides.length === 3 ? (sides as [number, number, number]) : undefined;
}

/**
 * The bands of one file's images: by what was asked, else as the planes of one cube, by EXTNAME, by FILTER, or in their
 * order where there are as many.
 *
 * @param hdus EXTNAMEs or places, one a band, or one that holds all; empty: find them
 */
export function bandsIn(
  parts: readonly FitsPart[],
  bands: readonly string[],
  hdus: readonly string[],
): Bands | Flaw {
  const images = parts.filter((part) => planesOf(part) !== undefined);
  if (hdus.length > 0) return asked(images, bands, hdus);
  const plain = images.filter(({ name }) => !BESIDE.test(name));
  const main = plain[0] ?? images[0];
  if (main === undefined) return new Flaw("wrong shape", "holds no image");
  const [planes] = planesOf(main)!;
  if (planes > 1 || bands.length === 1) {
    if (planes !== bands.length)
      return new Flaw(
        "wrong shape",
        `HDU ${main.hdu} has ${planes} planes, ${bands.length} bands were asked for`,
      );
    return planes === 1 ? oneOf(main, bands[0]!) : cube(main, bands);
  }
  const flat = plain.filter((part) => planesOf(part)![0] === 1);
  const byName = matched(flat, bands, (part) => part.name.split(/[^A-Za-z0-9]+/));
  if (byName) return bandsBy("EXTNAME", byName, bands, ({ name }) => `EXTNAME ${name}`);
  const byFilter = matched(flat, bands, (part) => filtersOf(part));
  if (byFilter) return bandsBy("FILTER", byFilter, bands, (part) => `FILTER ${filtersOf(part)[0]}`);
  if (flat.length === bands.length) return bandsBy("the order of HDUs", flat, bands, () => "by order");
  const held = images.map(({ hdu, name, shape }) =>
    `HDU ${hdu} ${name} ${shape.join(" × ")}`.replace("  ", " "),
  );
  return new Flaw(
    "wrong shape",
    `none of ${bands.join(", ")} is told by a name, and there are not ${bands.length} images: ${held.join(", ")}`,
  );
}

/** The one image of a file that holds one band. */
export function bandOfFile(parts: readonly FitsPart[], band: string, hdu: string | undefined): Picked | Flaw {
  const found = bandsIn(parts, [band], hdu === undefined ? [] : [hdu]);
  return found instanceof Flaw ? found : found.picked[0]!;
}

/** How a band's image is called. */
export const toldOf = (band: string, { part }: Picked): string => {
  const filter = headerOf(part.cards).string("FILTER")?.trim();
  const facts = [part.name && `EXTNAME ${part.name}`, filter && `FILTER ${filter}`].filter(Boolean);
  return `${band} = HDU ${part.hdu}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
};

const oneOf = (part: FitsPart, band: string): Bands => {
  const picked = [{ part, plane: 0 }];
  return { rule: "the first image", told: toldOf(band, picked[0]!), picked };
};

const cube = (part: FitsPart, bands: readonly string[]): Bands => ({
  rule: "the planes of a cube",
  told: `${bands.join(", ")} = the planes of HDU ${part.hdu}, in their order`,
  picked: bands.map((_, plane) => ({ part, plane })),
});

const bandsBy = (
  rule: string,
  parts: readonly FitsPart[],
  bands: readonly string[],
  why: (part: FitsPart) => string,
): Bands => ({
  rule,
  told: bands.map((band, i) => `${band} = HDU ${parts[i]!.hdu} (${why(parts[i]!)})`).join(", "),
  picked: parts.map((part) => ({ part, plane: 0 })),
});

/** One image a band, all different, where each band is a word of exactly one; case counts if it must. */
function matched(
  parts: readonly FitsPart[],
  bands: readonly string[],
  wordsOf: (part: FitsPart) => string[],
): FitsPart[] | undefined {
  const words = parts.map(wordsOf);
  for (const fold of [(text: string) => text, (text: string) => text.toLowerCase()]) {
    const found = bands.map((band) =>
      parts.filter((_, i) => words[i]!.some((word) => fold(word) === fold(band))),
    );
    if (found.every((few) => few.length === 1) && new Set(found.flat()).size === bands.length)
      return found.flat();
  }
  return undefined;
}

/** The filter as it stands, and the band's short name. */
function filtersOf({ cards }: FitsPart): string[] {
  const header = headerOf(cards);
  return [header.string("FILTER")?.trim(), bandOf({ header })].filter(
    (one) => one !== undefined && one !== "",
  ) as string[];
}

function asked(images: readonly FitsPart[], bands: readonly string[], hdus: readonly string[]): Bands | Flaw {
  const parts: FitsPart[] = [];
  for (const which of hdus) {
    const part =
      images.find(({ name }) => name === which) ??
      images.find(({ name }) => name.toLowerCase() === which.toLowerCase()) ??
      images.find(({ hdu }) => String(hdu) === which);
    if (part === undefined) return new Flaw("wrong shape", `has no image HDU ${which}`);
    parts.push(part);
  }
  const sides = parts.map((part) => planesOf(part)!);
  if (parts.length === 1 && sides[0]![0] === bands.length && bands.length > 1) return cube(parts[0]!, bands);
  if (parts.length !== bands.length || sides.some(([planes]) => planes !== 1))
    return new Flaw(
      "wrong shape",
      `HDUs ${hdus.join(", ")} hold ${sides.map(([n]) => n).join(" + ")} planes, ${bands.length} bands were asked for`,
    );
  return {
    ...bandsBy("--hdus", parts, bands, ({ name }) => name || "no name"),
    picked: parts.map((part) => ({ part, plane: 0 })),
  };
}
