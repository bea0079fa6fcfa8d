/** Objects in pictures or `.npy` files of one object or one band each. */

import { NpyReader } from "../../dataset/npy.ts";
import { foreignError } from "../../foundation/errors/foreign.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { type Cutout, Flaw, flawOf, type ImageLocation, type ImageSource, plainCutout } from "./cutout.ts";
import { channelsFirst, type Layout } from "./layout.ts";
import { type Planes, readPicture } from "./pictures.ts";

/** The most numbers of one object's array. */
const MOST_NUMBERS = 2 ** 27;

export class PlainSource implements ImageSource {
  readonly onSky = false;
  private readonly channels: number;
  private readonly layout: Layout;
  private readonly shownAs: (path: string) => string;

  constructor(channels: number, layout: Layout, shownAs: (path: string) => string) {
    this.channels = channels;
    this.layout = layout;
    this.shownAs = shownAs;
  }

  nameOf({ files }: ImageLocation): string {
    return files.map(this.shownAs).join(", ");
  }

  async read(locations: readonly ImageLocation[]): Promise<(Cutout | Flaw)[]> {
    return locations.map(({ files }) => this.cutout(files));
  }

  close(): void {}

  private cutout(files: readonly string[]): Cutout | Flaw {
    const perFile = files.length === 1 ? this.channels : 1;
    const read: Planes[] = [];
    for (const path of files) {
      const result = this.planes(path, perFile);
      if (result instanceof Flaw)
        return files.length === 1 ? result : new Flaw(result.kind, `${this.shownAs(path)}: ${result.detail}`);
      read.push(result);
    }
    const rule = files.length === 1 ? "a file's channels" : "one file per band";
    return together(read, files.map(this.shownAs), rule);
  }

  private planes(path: string, wanted: number): Planes | Flaw {
    try {
      const all = /\.npy$/i.test(path) ? this.array(path, wanted) : readPicture(path);
      return all instanceof Flaw ? all : chosen(all, wanted);
    } catch (error) {
      // The decoders throw errors of any kind: what they can't read is broken.
      return flawOf(foreignError(path, error, "broken"));
    }
  }

  private array(path: string, channels: number): Planes | Flaw {
    const reader = new NpyReader(path);
    try {
      const { shape } = reader.header;
      const sides = shape.length === 2 ? [1, ...shape] : shape;
      if (sides.length !== 3 || sides.includes(0) || sides.reduce((a, b) => a * b, 1) > MOST_NUMBERS)
        return new Flaw("wrong shape", `(${shape.join(", ")}), (C, H, W), (H, W, C) or (H, W) was expected`);
      const [first, last] = [sides[0] === channels, sides[2] === channels];
      if (this.layout === "auto" && first && last && shape.length === 3 && sides[1] !== channels)
        throw new ArcletError({
          where: path,
          code: "missing",
          problem: "can be read both ways",
          fix: "give layout hwc or chw",
        });
      const channelsLast =
        shape.length === 3 && (this.layout === "hwc" || (this.layout === "auto" && !first));
      const [count, height, width] = channelsLast
        ? [sides[2]!, sides[0]!, sides[1]!]
        : [sides[0]!, sides[1]!, sides[2]!];
      const values = channelsFirst(reader.read(0, reader.length), count, { height, width, channelsLast });
      return { channels: count, height, width, values };
    } finally {
      reader.close();
    }
  }
}

/** One image of all bands, or of one band each. @param names of what each was read from */
export function together(read: readonly Planes[], names: readonly string[], rule: string): Cutout | Flaw {
  const { height, width } = read[0]!;
  if (read.length === 1) return plainCutout(read[0]!.values, read[0]!.channels, height, width, rule);
  const bytes = read.every(({ values }) => values instanceof Uint8Array);
  const plane = height * width;
  const pixels = bytes ? new Uint8Array(read.length * plane) : new Float32Array(read.length * plane);
  for (const [k, band] of read.entries()) {
    if (band.height !== height || band.width !== width)
      return new Flaw(
        "wrong shape",
        `${names[k]} is ${band.height} × ${band.width} pixels, ${names[0]} is ${height} × ${width}`,
      );
    pixels.set(band.values, k * plane);
  }
  return plainCutout(pixels, read.length, height, width, rule);
}

/** As many planes as are wanted: transparency is left out, and a grey picture saved in colour is one plane. */
export function chosen(all: Planes, wanted: number): Planes | Flaw {
  const { channels, height, width, values } = all;
  if (channels === wanted) return all;
  const plane = height * width;
  const part = { channels: wanted, height, width, values: values.subarray(0, wanted * plane) };
  if ((channels === 2 || channels === 4) && wanted === channels - 1) return part;
  if (wanted === 1 && channels >= 3) {
    let grey = true;
    for (let p = 0; p < plane && grey; p++)
      grey = values[p] === values[plane + p] && values[p] === values[2 * plane + p];
    if (grey) return part;
  }
  return new Flaw("wrong shape", `has ${channels} channels, ${wanted} were expected`);
}
