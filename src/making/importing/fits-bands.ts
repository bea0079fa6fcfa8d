/** Which image of a FITS file is which band. */

import { hdusOf } from "../../sky/fits.ts";
import { type FitsPart, headerOf } from "../../sky/fits-batch.ts";
import { bandOf } from "../../sky/measure/frame.ts";
import { Flaw } from "./cutout.ts";

/** A plane of an image. */
export interface Picked {
  part: FitsPart;
  plane: number;
}

/** Planes in the bands' order, the rule by which they were found, and what it gave, in words. */
export interface Bands {
  rule: string;
  assignment: string;
  picked: Picked[];
}

/** Images that come with the one that is meant: masks, weights, errors. */
const BESIDE = /MASK|VAR|WEIGHT|WHT|ERR|SIGMA|^DQ|_DQ|FLAG|PSF|EXPMAP|EXPOSURE/i;

/** An image's planes, height and width, without leading axes of length 1; undefined if it is not such an image. */
export function planesOf({ shape }: FitsPart): [number, number, number] | undefined {
  const sides = [...shape];
  while (sides.length > 2 && sides[0] === 1) sides.shift();
  if (sides.length === 2) return [1, sides[0]!, sides[1]!];
  return sides.length === 3 ? (sides as [number, number, number]) : undefined;
}

/**
 * The bands of one file's images: by the given HDUs, or else as the planes of one cube, by EXTNAME, by FILTER, or in
 * order if there are as many.
 *
 * @param hdus EXTNAMEs or numbers, one per band, or one with all bands; empty: find them
 */
export function bandsIn(
  parts: readonly FitsPart[],
  bands: readonly string[],
  hdus: readonly string[],
): Bands | Flaw {
  const images = parts.filter((part) => planesOf(part) !== undefined);
  if (hdus.length > 0) return byHdus(images, bands, hdus);
  const plain = images.filter(({ name }) => !BESIDE.test(name));
  const main = plain[0] ?? images[0];
  if (main === undefined) return new Flaw("wrong shape", "holds no image");
  const [planes] = planesOf(main)!;
  if (planes > 1 || bands.length === 1) {
    if (planes !== bands.length)
      return new Flaw("wrong shape", `HDU ${main.hdu} has ${planes} planes, there are ${bands.length} bands`);
    return planes === 1 ? oneOf(main, bands[0]!) : cube(main, bands);
  }
  const flat = plain.filter((part) => planesOf(part)![0] === 1);
  const byName = matched(flat, bands, (part) => part.name.split(/[^A-Za-z0-9]+/));
  if (byName) return bandsBy("EXTNAME", byName, bands, ({ name }) => `EXTNAME ${name}`);
  const byFilter = matched(flat, bands, (part) => filtersOf(part));
  if (byFilter) return bandsBy("FILTER", byFilter, bands, (part) => `FILTER ${filtersOf(part)[0]}`);
  if (flat.length === bands.length) return bandsBy("the order of HDUs", flat, bands, () => "by order");
  const present = images.map(({ hdu, name, shape }) =>
    `HDU ${hdu} ${name} ${shape.join(" × ")}`.replace("  ", " "),
  );
  return new Flaw(
    "wrong shape",
    `no names identify ${bands.join(", ")}, and there are not ${bands.length} images: ${present.join(", ")}`,
  );
}

/** The image of one band in its file. */
export function bandOfFile(parts: readonly FitsPart[], band: string, hdu: string | undefined): Picked | Flaw {
  const bands = bandsIn(parts, [band], hdu === undefined ? [] : [hdu]);
  return bands instanceof Flaw ? bands : bands.picked[0]!;
}

/** Which image a band is, in words. */
export const assignmentOf = (band: string, { part }: Picked): string => {
  const { filter } = filterIn(part.cards);
  const facts = [part.name && `EXTNAME ${part.name}`, filter && `FILTER ${filter}`].filter(Boolean);
  return `${band} = HDU ${part.hdu}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
};

const oneOf = (part: FitsPart, band: string): Bands => {
  const picked = [{ part, plane: 0 }];
  return { rule: "the first image", assignment: assignmentOf(band, picked[0]!), picked };
};

const cube = (part: FitsPart, bands: readonly string[]): Bands => ({
  rule: "the planes of a cube",
  assignment: `${bands.join(", ")} = the planes of HDU ${part.hdu}, in order`,
  picked: bands.map((_, plane) => ({ part, plane })),
});

const bandsBy = (
  rule: string,
  parts: readonly FitsPart[],
  bands: readonly string[],
  why: (part: FitsPart) => string,
): Bands => ({
  rule,
  assignment: bands.map((band, i) => `${band} = HDU ${parts[i]!.hdu} (${why(parts[i]!)})`).join(", "),
  picked: parts.map((part) => ({ part, plane: 0 })),
});

/** One image per band, all different, if each band is a word of exactly one; case counts only if it must. */
function matched(
  parts: readonly FitsPart[],
  bands: readonly string[],
  wordsOf: (part: FitsPart) => string[],
): FitsPart[] | undefined {
  const words = parts.map(wordsOf);
  for (const fold of [(text: string) => text, (text: string) => text.toLowerCase()]) {
    const matches = bands.map((band) =>
      parts.filter((_, i) => words[i]!.some((word) => fold(word) === fold(band))),
    );
    if (matches.every((images) => images.length === 1) && new Set(matches.flat()).size === bands.length)
      return matches.flat();
  }
  return undefined;
}

/** FILTER as it is, and the band's short name. */
function filtersOf({ cards }: FitsPart): string[] {
  const { filter, band } = filterIn(cards);
  return [filter, band].filter((name) => name !== undefined && name !== "") as string[];
}

interface Filter {
  /** FILTER as it is. */
  filter: string | undefined;
  /** The band's short name. */
  band: string | undefined;
}

/** By the cards, which are the same in most files of a band. */
const known = new Map<string, Filter>();
const MOST_KNOWN = 256;

function filterIn(cards: string): Filter {
  let found = known.get(cards);
  if (found === undefined) {
    const header = headerOf(cards);
    found = { filter: header.string("FILTER")?.trim(), band: bandOf({ header }) };
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(cards, found);
  }
  return found;
}

function byHdus(
  images: readonly FitsPart[],
  bands: readonly string[],
  hdus: readonly string[],
): Bands | Flaw {
  const parts: FitsPart[] = [];
  for (const key of hdus) {
    const named = hdusOf(images, key);
    const found = named.length > 0 ? named : hdusOf(images, /^\d+$/.test(key) ? Number(key) : key);
    if (found.length === 0) return new Flaw("wrong shape", `has no image HDU ${key}`);
    if (found.length > 1)
      return new Flaw(
        "wrong shape",
        `has several HDUs ${key}: numbers ${found.join(", ")}; give numbers, or EXTVER as ${key}:2`,
      );
    parts.push(images.find(({ hdu }) => hdu === found[0])!);
  }
  const sides = parts.map((part) => planesOf(part)!);
  if (parts.length === 1 && sides[0]![0] === bands.length && bands.length > 1) return cube(parts[0]!, bands);
  if (parts.length !== bands.length || sides.some(([planes]) => planes !== 1))
    return new Flaw(
      "wrong shape",
      `HDUs ${hdus.join(", ")} hold ${sides.map(([n]) => n).join(" + ")} planes, there are ${bands.length} bands`,
    );
  return {
    ...bandsBy("--hdus", parts, bands, ({ name }) => name || "no name"),
    picked: parts.map((part) => ({ part, plane: 0 })),
  };
}
