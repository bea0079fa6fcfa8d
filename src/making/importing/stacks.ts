/** Arrays of many images: `.npy`, members of `.npz`, datasets of HDF5 files; read image by image. */
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { NpyReader } from "../../dataset/npy.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { ownFileName } from "../../foundation/file-name.ts";
import { checkEntry, unpackEntry, zipEntries } from "../../foundation/zip.ts";
import { type Cutout, type Flaw, type ImageLocation, type ImageSource, plainCutout } from "./cutout.ts";
import { openHdf5 } from "./hdf5.ts";
import { channelsFirst, type Laid, laidOut } from "./layout.ts";
import { mayHold, notOne, type Stack, type StackOptions } from "./stack.ts";

export class StackSource implements ImageSource {
  readonly onSky = false;
  readonly stacks: ReadonlyMap<string, Stack & Laid>;
  private readonly channels: number;

  /** @internal made by `openStacks` */
  constructor(stacks: ReadonlyMap<string, Stack & Laid>, channels: number) {
    this.stacks = stacks;
    this.channels = channels;
  }

  /** Images in all arrays. */
  private get count(): number {
    return [...this.stacks.values()].reduce((sum, { shape }) => sum + shape[0]!, 0);
  }

  /** How many images are of none of these rows. */
  unlisted(rows: Iterable<{ location: ImageLocation }>): number {
    const listed = new Map(
      [...this.stacks].map(([name, { shape }]) => [name, new Uint8Array(shape[0]!)] as const),
    );
    let count = 0;
    for (const { location } of rows) {
      const images = listed.get(location.files[0]!)!;
      if (images[location.index] === 1) continue;
      images[location.index] = 1;
      count++;
    }
    return this.count - count;
  }

  nameOf({ files, index }: ImageLocation): string {
    return `${files[0]} image ${index}`;
  }

  async read(locations: readonly ImageLocation[]): Promise<(Cutout | Flaw)[]> {
    return locations.map(({ files, index }) => {
      const stack = this.stacks.get(files[0]!)!;
      const pixels = channelsFirst(stack.read(index), this.channels, stack);
      return plainCutout(pixels, this.channels, stack.height, stack.width, "an array's channels");
    });
  }

  /** Height and width of all images. @throws ArcletError when arrays differ */
  commonSides(): [number, number] {
    const [first, ...others] = [...this.stacks.values()];
    for (const other of others)
      if (other.height !== first!.height || other.width !== first!.width)
        throw new ArcletError({
          where: other.path,
          code: "conflict",
          problem: `has images of ${other.height} × ${other.width} pixels, ${first!.name} of ${first!.height} × ${first!.width}`,
          fix: "give a size to crop to",
        });
    return [first!.height, first!.width];
  }

  close(): void {
    for (const stack of this.stacks.values()) stack.close();
  }
}

/**
 * Opens all arrays of an import; either all or none of them must be uint8.
 *
 * @throws ArcletError when one can't be read, or its shape does not have as many channels as there are bands
 */
export async function openStacks(paths: readonly string[], options: StackOptions): Promise<StackSource> {
  const stacks = new Map<string, Stack & Laid>();
  try {
    for (const path of paths) {
      const stack = await opened(path, options);
      const first = stacks.values().next().value;
      const before = stacks.get(stack.name);
      if (before === undefined) stacks.set(stack.name, stack);
      else stack.close();
      if (before)
        throw new ArcletError({
          where: path,
          code: "conflict",
          problem: `has the same file name as ${before.path}`,
          fix: "rename one",
        });
      if (first && first.pixels !== stack.pixels)
        throw new ArcletError({
          where: path,
          code: "conflict",
          problem: `holds ${stack.pixels} pixels, ${first.name} holds ${first.pixels} pixels`,
          fix: "import them separately",
        });
    }
  } catch (error) {
    for (const stack of stacks.values()) stack.close();
    throw error;
  }
  return new StackSource(stacks, options.channels);
}

async function opened(path: string, options: StackOptions): Promise<Stack & Laid> {
  const stack = /\.npy$/i.test(path)
    ? npyStack(path, new NpyReader(path))
    : /\.npz$/i.test(path)
      ? await openNpz(path, options)
      : await openHdf5(path, options);
  try {
    const { height, width, channelsLast } = laidOut(
      path,
      stack.shape,
      options.channels,
      stack.layout ?? options.layout,
    );
    return Object.assign(stack, { height, width, channelsLast });
  } catch (error) {
    stack.close();
    throw error;
  }
}

function npyStack(path: string, reader: NpyReader, onClose = () => {}): Stack {
  return {
    path,
    name: basename(path),
    shape: reader.header.shape,
    pixels: reader.header.kind === "u1" ? "display" : "flux",
    read: (index) => reader.read(index),
    close: () => {
      reader.close();
      onClose();
    },
  };
}

/** The array of an `.npz` that holds the images; a compressed one is unpacked into a file beside the dataset. */
async function openNpz(path: string, { dataset, channels, scratch }: StackOptions): Promise<Stack> {
  const entries = zipEntries(path);
  // NumPy's own entries; whatever else came into the file stays unread.
  const names = [...entries.keys()]
    .filter((name) => name.endsWith(".npy"))
    .map((name) => name.slice(0, -".npy".length));
  const open = async (name: string): Promise<Stack> => {
    const entry = entries.get(`${name}.npy`)!;
    if (!entry.deflated) {
      checkEntry(path, `${name}.npy`, entry);
      return npyStack(path, new NpyReader(path, entry));
    }
    if (scratch === null)
      throw new ArcletError({
        where: path,
        code: "unsupported",
        problem: `is compressed, and each shard would unpack all of ${name}.npy again`,
        fix: `unpack it once (unzip ${path}) and import ${name}.npy, or import it undivided`,
      });
    const unpacked = `${scratch}.${ownFileName(name)}.npy`;
    const remove = () => rmSync(unpacked, { force: true });
    try {
      remove(); // what a killed program has left
      await unpackEntry(path, `${name}.npy`, entry, unpacked);
      return npyStack(path, new NpyReader(unpacked), remove);
    } catch (error) {
      remove();
      throw error;
    }
  };
  if (dataset !== null && !names.includes(dataset)) throw unknown(path, "dataset", dataset, names);
  const tried = dataset === null ? names : [dataset];
  const fitting: Stack[] = [];
  for (const name of tried) {
    const stack = await open(name).catch((error) => {
      if (dataset !== null || !(error instanceof ArcletError) || tried.length === 1) throw error;
      if (error.code === "unsupported" && scratch === null) throw error;
      return null; // texts or objects that come with the images
    });
    if (stack === null) continue;
    if (dataset !== null || mayHold(stack.shape, channels)) fitting.push(stack);
    else stack.close();
  }
  if (fitting.length === 1) return fitting[0]!;
  for (const stack of fitting) stack.close();
  throw notOne(path, names, channels, fitting.length);
}
