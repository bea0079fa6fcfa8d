/** Objects in FITS files: a file an object with all bands (extensions, or a cube), or a file a band. */
import { ArcletError } from "../../foundation/errors.ts";
import {
  type FitsPart,
  type Header,
  headerOf,
  type Region,
  readFitsFile,
  readFitsFiles,
  Wcs,
} from "../../sky/index.ts";
import { type Cutout, Flaw, flawOf, type ImageSource, type Place, type Wanted } from "./cutout.ts";
import { type Bands, bandOfFile, bandsIn, type Picked, planesOf, toldOf } from "./fits-bands.ts";
import { HEADER_KEYS, saturationBy, zeroPointBy } from "./photometry.ts";

/** Most pixels of an image that is not cropped when it is read. */
const MOST_PIXELS = 2 ** 27;

export class FitsSource implements ImageSource {
  private readonly bands: readonly string[];
  private readonly hdus: readonly string[];
  private readonly shownAs: (path: string) => string;

  /** @param shownAs how a file is called in messages */
  constructor(bands: readonly string[], hdus: readonly string[], shownAs: (path: string) => string) {
    this.bands = bands;
    this.hdus = hdus;
    this.shownAs = shownAs;
  }

  nameOf({ files }: Place): string {
    return files.map(this.shownAs).join(", ");
  }

  async read(places: readonly Place[], wanted: Wanted): Promise<(Cutout | Flaw)[]> {
    const paths = places.flatMap(({ files }) => files);
    const read = await readFitsFiles(paths, HEADER_KEYS);
    let at = 0;
    return places.map(({ files }) => {
      const parts: FitsPart[][] = [];
      const here = at;
      at += files.length;
      for (const [k, path] of files.entries()) {
        const got = read[here + k] ?? large(path, wanted);
        const flaw = typeof got === "string" ? flawOf(got) : got instanceof Flaw ? got : undefined;
        if (flaw !== undefined)
          return files.length === 1 ? flaw : new Flaw(flaw.kind, `${this.shownAs(path)}: ${flaw.detail}`);
        parts.push(got as FitsPart[]);
      }
      return this.cutout(files, parts);
    });
  }

  close(): void {}

  private cutout(files: readonly string[], parts: readonly FitsPart[][]): Cutout | Flaw {
    const found =
      files.length === 1 ? bandsIn(parts[0]!, this.bands, this.hdus) : this.fileABand(files, parts);
    if (found instanceof Flaw) return found;
    const { picked, rule, told } = found;
    const [, height, width] = planesOf(picked[0]!.part)!;
    const plane = height * width;
    const pixels = new Float32Array(picked.length * plane);
    for (const [k, { part, plane: p }] of picked.entries()) {
      const [, h, w] = planesOf(part)!;
      if (h !== height || w !== width)
        return new Flaw(
          "wrong shape",
          `${this.bands[k]} is ${h} × ${w} pixels, ${this.bands[0]} is ${height} × ${width}`,
        );
      pixels.set(
        p === 0 && part.data.length === plane ? part.data : part.data.subarray(p * plane, (p + 1) * plane),
        k * plane,
      );
    }
    const headers = picked.map(({ part }, k) => headerWith(part, parts[files.length === 1 ? 0 : k]![0]!));
    const zeroPoints = headers.map(zeroPointBy);
    const sky = skyOf(picked, headers, height, width);
    return {
      pixels,
      height,
      width,
      rule,
      told,
      pixelScales: sky.scales,
      zeroPoints: zeroPoints.map((zero) => zero?.value),
      zeroPointFrom: zeroPoints.find((zero) => zero !== undefined)?.card,
      saturation: headers.map(saturationBy),
      ra: sky.ra,
      dec: sky.dec,
    };
  }

  private fileABand(files: readonly string[], parts: readonly FitsPart[][]): Bands | Flaw {
    const picked: Picked[] = [];
    for (const [k, band] of this.bands.entries()) {
      const one = bandOfFile(parts[k]!, band, this.hdus[k] ?? this.hdus[0]);
      if (one instanceof Flaw) return new Flaw(one.kind, `${this.shownAs(files[k]!)}: ${one.detail}`);
      picked.push(one);
    }
    const told = this.bands.map((band, k) => toldOf(band, picked[k]!)).join(", ");
    return { rule: "a file a band", told, picked };
  }
}

/** An image's cards, and after them those of the file's first HDU, which hold where it has none of its own. */
const headerWith = (part: FitsPart, first: FitsPart): Header =>
  headerOf(part === first ? part.cards : part.cards + first.cards);

/** Pixel scales of all bands, and the middle's place on the sky by the first band that knows it. */
function skyOf(picked: readonly Picked[], headers: readonly Header[], height: number, width: number) {
  const [x, y] = [(width - 1) / 2, (height - 1) / 2];
  const known = new Map<string, { scale: number | undefined; ra?: number; dec?: number }>();
  let place: { ra?: number; dec?: number } = {};
  const scales = picked.map(({ part }, k) => {
    const first = "first" in part ? (part.first as number[]).slice(-2) : [0, 0];
    const key = `${first.join()} ${part.wcs}`;
    let one = known.get(key);
    if (one === undefined) {
      one = onSky(part.wcs, x + first[1]!, y + first[0]!);
      known.set(key, one);
    }
    if (place.ra === undefined) place = one;
    return one.scale ?? statedScale(headers[k]!);
  });
  return { scales, ra: place.ra, dec: place.dec };
}

/** A header whose coordinates can't be read is taken for one without. */
function onSky(cards: string, x: number, y: number) {
  if (!cards.includes("CTYPE1")) return { scale: undefined };
  try {
    const wcs = new Wcs(headerOf(cards), "image");
    try {
      const [ra, dec] = wcs.toSky(Float64Array.from([x, y]));
      const scale = wcs.pixelScale(x, y);
      if (!(scale > 0 && Number.isFinite(scale)) || !Number.isFinite(ra) || !Number.isFinite(dec))
        return { scale: undefined };
      return { scale, ra: ra!, dec: dec! };
    } finally {
      wcs.close();
    }
  } catch (error) {
    if (error instanceof ArcletError) return { scale: undefined };
    throw error;
  }
}

function statedScale(header: Header): number | undefined {
  const stated = header.number("PIXSCALE") ?? header.number("PIXSCAL1");
  return stated !== undefined && stated > 0 ? stated : undefined;
}

/** A file that a batch leaves out: of each image the wanted middle. */
function large(path: string, wanted: Wanted): FitsPart[] | Flaw {
  try {
    let most = 0;
    const parts = readFitsFile(path, HEADER_KEYS, (shape) => {
      const region = middleOf(shape, wanted);
      most = Math.max(
        most,
        region.size.reduce((product, side) => product * side, 1),
      );
      return most > MOST_PIXELS ? null : region;
    });
    if (most > MOST_PIXELS) return new Flaw("too large", `${most} pixels; --size reads the middle only`);
    return parts;
  } catch (error) {
    if (!(error instanceof ArcletError)) throw error;
    return flawOf(
      error.message.startsWith(path) ? error.message.slice(path.length).replace(/^:? /, "") : error.message,
    );
  }
}

/** The wanted pixels in the middle of an image's last two axes, and all of the others. */
function middleOf(shape: readonly number[], wanted: Wanted): Region {
  const first = shape.map(() => 0);
  const size = [...shape];
  const sides = wanted === null ? [] : [wanted.height, wanted.width];
  for (const [i, side] of sides.entries()) {
    const axis = shape.length - 2 + i;
    if (axis < 0 || shape[axis]! <= side) continue;
    first[axis] = (shape[axis]! - side) >> 1;
    size[axis] = side;
  }
  return { first, size };
}
