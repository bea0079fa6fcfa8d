/** Objects in FITS files: one file per object with all bands (extensions, or a cube), or one file per band. */
import { ArcletError } from "../../foundation/errors.ts";
import type { Region } from "../../sky/fits.ts";
import { type FitsPart, headerOf, readFitsFile, readFitsFiles } from "../../sky/fits-batch.ts";
import type { HeaderNumber } from "../../sky/measure/frame.ts";
import type { PixelAxes } from "../../sky/wcs.ts";
import { type Cutout, Flaw, flawOf, type ImageLocation, type ImageSource, type Wanted } from "./cutout.ts";
import { assignmentOf, type Bands, bandOfFile, bandsIn, type Picked, planesOf } from "./fits-bands.ts";
import { HEADER_KEYS, saturationBy, zeroPointBy, zeroPointByArea } from "./photometry.ts";

/** Most pixels of an image that is not cropped when it is read. */
const MOST_PIXELS = 2 ** 27;

/** Headers whose statements are remembered. */
const MOST_KNOWN = 256;

/** What a header states of its image. */
interface Stated {
  zeroPoint: HeaderNumber | undefined;
  saturation: number | undefined;
  pixelScale: number | undefined;
}

export class FitsSource implements ImageSource {
  readonly onSky = true;
  readonly ahead = 2;
  private readonly bands: readonly string[];
  private readonly hdus: readonly string[];
  private readonly shownAs: (path: string) => string;
  /** By the cards themselves, which are the same in most files of a band. */
  private readonly known = new Map<string, Stated>();

  /** @param shownAs a file's name in messages */
  constructor(bands: readonly string[], hdus: readonly string[], shownAs: (path: string) => string) {
    this.bands = bands;
    this.hdus = hdus;
    this.shownAs = shownAs;
  }

  nameOf({ files }: ImageLocation): string {
    return files.map(this.shownAs).join(", ");
  }

  async read(locations: readonly ImageLocation[], wanted: Wanted): Promise<(Cutout | Flaw)[]> {
    const paths = locations.flatMap(({ files }) => files);
    const read = await readFitsFiles(paths, HEADER_KEYS);
    let next = 0;
    return locations.map(({ files }) => {
      const parts: FitsPart[][] = [];
      const first = next;
      next += files.length;
      for (const [k, path] of files.entries()) {
        const result = read[first + k] ?? large(path, wanted);
        const flaw =
          result instanceof ArcletError ? flawOf(result) : result instanceof Flaw ? result : undefined;
        if (flaw !== undefined)
          return files.length === 1 ? flaw : new Flaw(flaw.kind, `${this.shownAs(path)}: ${flaw.detail}`);
        parts.push(result as FitsPart[]);
      }
      return this.cutout(files, parts);
    });
  }

  close(): void {}

  private cutout(files: readonly string[], parts: readonly FitsPart[][]): Cutout | Flaw {
    const bands =
      files.length === 1 ? bandsIn(parts[0]!, this.bands, this.hdus) : this.filePerBand(files, parts);
    if (bands instanceof Flaw) return bands;
    const { picked, rule, assignment } = bands;
    const [, height, width] = planesOf(picked[0]!.part)!;
    const plane = height * width;
    const planes: Float32Array[] = [];
    for (const [k, { part, plane: p }] of picked.entries()) {
      const [, h, w] = planesOf(part)!;
      if (h !== height || w !== width)
        return new Flaw(
          "wrong shape",
          `${this.bands[k]} is ${h} × ${w} pixels, ${this.bands[0]} is ${height} × ${width}`,
        );
      planes.push(part.data.subarray(p * plane, (p + 1) * plane));
    }
    const pixels = together(planes);
    const stated = picked.map(({ part }, k) => {
      const first = parts[files.length === 1 ? 0 : k]![0]!;
      const known = this.stated(part, first);
      if (known.zeroPoint !== undefined || !(part.cards + first.cards).includes("Jy")) return known;
      const header = headerOf(part === first ? part.cards : part.cards + first.cards);
      return { ...known, zeroPoint: zeroPointByArea(header, part.pixelScale ?? known.pixelScale) };
    });
    const sky = picked
      .map(({ part }) => part.sky)
      .find((position) => position !== undefined && Number.isFinite(position[0]!));
    return {
      pixels,
      height,
      width,
      rule,
      assignment,
      pixelScales: picked.map(({ part }, k) => part.pixelScale ?? stated[k]!.pixelScale),
      zeroPoints: stated.map(({ zeroPoint }) => zeroPoint?.value),
      zeroPointFrom: stated.find(({ zeroPoint }) => zeroPoint !== undefined)?.zeroPoint?.card,
      saturation: stated.map(({ saturation }) => saturation),
      ra: sky?.[0],
      dec: sky?.[1],
      axes: sharedAxes(picked.map(({ part }) => part.axes)),
    };
  }

  /** What an image's cards state, or else those of the file's first HDU. */
  private stated(part: FitsPart, first: FitsPart): Stated {
    const cards = part === first ? part.cards : part.cards + first.cards;
    let known = this.known.get(cards);
    if (known === undefined) {
      const header = headerOf(cards);
      const scale = header.number("PIXSCALE") ?? header.number("PIXSCAL1");
      known = {
        zeroPoint: zeroPointBy(header),
        saturation: saturationBy(header),
        pixelScale: scale !== undefined && scale > 0 ? scale : undefined,
      };
      if (this.known.size >= MOST_KNOWN) this.known.clear();
      this.known.set(cards, known);
    }
    return known;
  }

  private filePerBand(files: readonly string[], parts: readonly FitsPart[][]): Bands | Flaw {
    const picked: Picked[] = [];
    for (const [k, band] of this.bands.entries()) {
      const image = bandOfFile(parts[k]!, band, this.hdus[k] ?? this.hdus[0]);
      if (image instanceof Flaw) return new Flaw(image.kind, `${this.shownAs(files[k]!)}: ${image.detail}`);
      picked.push(image);
    }
    const assignment = this.bands.map((band, k) => assignmentOf(band, picked[k]!)).join(", ");
    return { rule: "one file per band", assignment, picked };
  }
}

/** Degrees that bands may be turned against each other: half a pixel at the edge of 100. */
const MOST_TURN = 0.5;

/** The first band's axes that are known, if all that are known agree. */
function sharedAxes(axes: readonly (PixelAxes | undefined)[]): PixelAxes | null {
  const known = axes.filter((one) => one !== undefined);
  const [first] = known;
  if (first === undefined) return null;
  const turn = ({ angle }: PixelAxes) => Math.abs(((angle - first.angle + 540) % 360) - 180);
  return known.every((one) => one.mirrored === first.mirrored && turn(one) <= MOST_TURN) ? first : null;
}

/** Planes as one array: without a copy if they follow one another in memory, as a batch reads them. */
function together(planes: readonly Float32Array[]): Float32Array {
  const [first] = planes as [Float32Array];
  const size = planes.length * first.length;
  if (
    planes.every(
      ({ buffer, byteOffset }, k) =>
        buffer === first.buffer && byteOffset === first.byteOffset + k * first.byteLength,
    )
  )
    return new Float32Array(first.buffer, first.byteOffset, size);
  const pixels = new Float32Array(size);
  for (const [k, plane] of planes.entries()) pixels.set(plane, k * first.length);
  return pixels;
}

/** Reads a file that is too large for a batch: the wanted middle of each image. */
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
    if (most > MOST_PIXELS) return new Flaw("too large", `${most} pixels; --size reads only the middle`);
    return parts;
  } catch (error) {
    if (!(error instanceof ArcletError)) throw error;
    return flawOf(error);
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
