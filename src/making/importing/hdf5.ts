/** Images in a dataset of an HDF5 file, through h5wasm (the HDF5 library as WebAssembly). */
import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Dataset, Group } from "h5wasm/node";
import type { PixelKind } from "../../dataset/info.ts";
import { hdf5Text } from "../../foundation/errors/foreign-text.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { ArcletError, type Location, refuse, show } from "../../foundation/errors.ts";
import { fromFloat16 } from "../../foundation/float16.ts";
import { refuseWithoutWasmRoom } from "../../foundation/wasm-room.ts";
import { mayHold, notOne, type Stack, type StackOptions } from "./stack.ts";

/** Bytes to read at a time: a chunk of the file is unpacked whole, whatever is read of it. */
const BLOCK_BYTES = 2 ** 23;
/** The most bytes that one image may take. */
const MOST_IMAGE_BYTES = 2 ** 30;

/** @throws ArcletError when it is not an HDF5 file, or none or several of its datasets may hold the images */
export async function openHdf5(path: string, options: StackOptions): Promise<Stack> {
  const { dataset, channels } = options;
  if (!existsSync(path))
    throw new ArcletError({ where: path, code: "absent", problem: "no such file or folder" });
  refuseWithoutWasmRoom(path, "the HDF5 library");
  const { default: h5wasm } = await import("h5wasm/node");
  const library = await h5wasm.ready;
  // Otherwise it prints what went wrong and carries on.
  library.activate_throwing_error_handler();
  const file = rethrown({ where: path }, () => new h5wasm.File(resolve(path), "r"));
  const close = () => {
    file.close();
  };
  try {
    const { datasets, elsewhere } = rethrown({ where: path }, () => contentOf(path, h5wasm, file));
    const names = [...datasets.keys()];
    const fitting =
      dataset !== null
        ? names.filter((name) => name === dataset)
        : names.filter((name) => mayHold(datasets.get(name)!.shape ?? [], channels));
    if (fitting.length === 0) {
      const objects = objectsIn(path, datasets, options);
      if (objects !== null) return objectStack(path, objects, close);
    }
    if (fitting.length === 0 && elsewhere[0] !== undefined) throw linked(path, ...elsewhere[0]);
    if (dataset !== null && fitting.length === 0) throw unknown(path, "dataset", dataset, names);
    if (fitting.length !== 1) throw notOne(path, names, channels, fitting.length);
    return stackOf(path, fitting[0]!, datasets.get(fitting[0]!)!, close);
  } catch (error) {
    close();
    throw error;
  }
}

type Library = typeof import("h5wasm/node")["default"];
/** How deep groups within groups are searched. */
const MOST_DEPTH = 16;
/** Bytes of a file that a name in it takes at least: what has more names than that leads in circles. */
const NAME_BYTES = 16;
/** Names in a file however small. */
const FEW_NAMES = 1000;

interface Content {
  /** All datasets by their paths within the file, without the first `/`. */
  datasets: Map<string, Dataset>;
  /** Names that lead to other files, and the files: they are not read, since nobody named them. */
  elsewhere: [name: string, file: string][];
}

/** @throws ArcletError when groups lead back to themselves */
function contentOf(path: string, library: Library, file: Group): Content {
  const content: Content = { datasets: new Map(), elsewhere: [] };
  let left = FEW_NAMES + statSync(path).size / NAME_BYTES;
  const add = (group: Group, below: string, depth: number) => {
    for (const key of group.keys()) {
      if (left-- < 0)
        throw new ArcletError({ where: path, code: "broken", problem: "its groups lead back to themselves" });
      const name = below === "" ? key : `${below}/${key}`;
      // What a soft link leads to in this file has a name of its own.
      if (group.get_link(`/${name}`) !== null) continue;
      const { filename } = group.get_external_link(`/${name}`);
      if (filename !== undefined) content.elsewhere.push([name, filename]);
      else {
        const entity = group.get(key);
        if (entity instanceof library.Dataset) content.datasets.set(name, entity);
        else if (entity instanceof library.Group && depth < MOST_DEPTH) add(entity, name, depth + 1);
      }
    }
  };
  add(file, "", 0);
  return content;
}

const linked = (path: string, name: string, file: string) =>
  new ArcletError({
    where: path,
    code: "unsupported",
    problem: `${name} leads to another file, ${show(file)}, which is not read`,
    fix: "give that file itself, or copy its images into one",
  });

/** The kind of a dataset's pixels, and its values. @throws ArcletError for what is no array of numbers */
function numbersOf(where: Location, data: Dataset) {
  const { type, size, signed, virtual_sources: parts = [] } = data.metadata;
  const other = parts.find(({ file_name }) => file_name !== ".");
  if (other !== undefined) refuse(where, "dataset", "in this file", other.file_name, "unsupported");
  // HDF5's classes 0 and 1: whole numbers and floats
  if (type !== 0 && type !== 1) refuse(where, "dataset", "of numbers", `HDF5 class ${type}`, "unsupported");
  if (type === 1 && ![2, 4, 8].includes(size))
    refuse(where, "dataset", "of floats of 2, 4 or 8 bytes", `${size} bytes`, "unsupported");
  const half = type === 1 && size === 2;
  // The library knows no half-precision floats, but hands on their bits as whole numbers.
  if (half) Object.assign(data.metadata, { type: 0, signed: false });
  const pixels: PixelKind = type === 0 && size === 1 && !signed ? "display" : "flux";
  const read = (ranges: [number, number][]) => {
    const values = rethrown(where, () => data.slice(ranges as never));
    if (values instanceof BigInt64Array || values instanceof BigUint64Array)
      return Float64Array.from(values as BigInt64Array, Number);
    return (half ? fromFloat16(values as Uint16Array) : values) as Numbers;
  };
  return { pixels, size, read };
}

type Numbers = ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> };

function stackOf(path: string, name: string, data: Dataset, close: () => void): Stack {
  const where: Location = { where: path, part: name };
  const shape = data.shape ?? [];
  const { pixels, size, read } = numbersOf(where, data);
  const perImage = shape.slice(1).reduce((product, side) => product * side, 1);
  if (perImage * size > MOST_IMAGE_BYTES)
    refuse(where, "dataset", "of images below 1 GiB each", shape, "too-large");
  const chunk = Math.max(1, data.metadata.chunks?.[0] ?? 1);
  const fit = Math.max(1, Math.floor(BLOCK_BYTES / (perImage * size)));
  const block = fit > chunk ? fit - (fit % chunk) : chunk * perImage * size <= 16 * BLOCK_BYTES ? chunk : fit;
  let from = -1;
  let loaded: Numbers;
  return {
    path,
    name: basename(path),
    shape,
    pixels,
    read(index) {
      const start = index - (index % block);
      if (start !== from) {
        loaded = read([[start, Math.min(start + block, shape[0]!)]]);
        from = start;
      }
      return loaded.subarray((index - start) * perImage, (index - start + 1) * perImage);
    },
    close,
  };
}

/** Images of which each is in its own group, with the group's name as its id: one dataset, or one per band. */
interface GroupedObjects {
  ids: string[];
  /** Of each object: its dataset, or those of its bands in order. */
  parts: Dataset[][];
  shape: number[];
}

/** @returns null when the file isn't like this @throws ArcletError when it may be so in several ways, or sizes differ */
function objectsIn(
  path: string,
  datasets: ReadonlyMap<string, Dataset>,
  { dataset, channels, bands }: StackOptions,
): GroupedObjects | null {
  const byLeaf = new Map<string, Map<string, Dataset>>();
  for (const [name, data] of datasets) {
    const slash = name.lastIndexOf("/");
    if (slash < 0) continue;
    const leaf = name.slice(slash + 1);
    if (!byLeaf.has(leaf)) byLeaf.set(leaf, new Map());
    byLeaf.get(leaf)!.set(name.slice(0, slash), data);
  }
  const isImage = (shape: readonly number[]) =>
    shape.length === 3
      ? shape[0] === channels || shape[2] === channels
      : shape.length === 2 && channels === 1;
  const leaves = [...byLeaf.keys()].filter((leaf) =>
    dataset === null
      ? [...byLeaf.get(leaf)!.values()].some((data) => isImage(data.shape ?? []))
      : leaf === dataset,
  );
  if (leaves.length > 1)
    throw new ArcletError({
      where: path,
      code: "missing",
      problem: `each group has ${leaves.length} arrays that may be its image`,
      fix: `choose one by --dataset: ${leaves.join(", ")}`,
    });
  const groups = leaves.length === 1 ? byLeaf.get(leaves[0]!)! : undefined;
  const perBand = bands.map((band) => byLeaf.get(band));
  if (groups === undefined && (dataset !== null || perBand.some((band) => band === undefined))) return null;
  const names = [...(groups ?? perBand[0]!).keys()].filter((name) =>
    perBand.every((band) => groups !== undefined || band!.has(name)),
  );
  const parts = names.map((name) =>
    groups === undefined ? perBand.map((band) => band!.get(name)!) : [groups.get(name)!],
  );
  if (parts.length === 0) return null;
  const shape = [...(parts[0]![0]!.shape ?? [])];
  for (const [k, of] of parts.entries())
    for (const part of of)
      if ((part.shape ?? []).join() !== shape.join())
        throw new ArcletError({
          where: path,
          code: "conflict",
          problem: `${names[k]} has an image of shape (${part.shape?.join(", ")}), ${names[0]} of (${shape.join(", ")})`,
          fix: "write one file per size, or all images as one array",
        });
  const short = names.map((name) => name.slice(name.lastIndexOf("/") + 1));
  return { ids: new Set(short).size === names.length ? short : names, parts, shape };
}

function objectStack(path: string, { ids, parts, shape }: GroupedObjects, close: () => void): Stack {
  const perBand = parts[0]!.length > 1 || shape.length === 2;
  const numbers = parts.map((of, k) => of.map((data) => numbersOf({ where: path, part: ids[k] }, data)));
  const bytes = numbers.flat().reduce((most, { size }) => Math.max(most, size), 1);
  const all = shape.map((side): [number, number] => [0, side]);
  const perPart = shape.reduce((product, side) => product * side, 1);
  if (perPart * bytes > MOST_IMAGE_BYTES)
    refuse({ where: path }, "dataset", "of images below 1 GiB each", shape, "too-large");
  return {
    path,
    name: basename(path),
    shape: perBand ? [ids.length, parts[0]!.length, ...shape] : [ids.length, ...shape],
    pixels: numbers.flat().every(({ pixels }) => pixels === "display") ? "display" : "flux",
    ids,
    ...(perBand ? { layout: "chw" as const } : {}),
    read(index) {
      const read = numbers[index]!.map((part) => part.read(all));
      if (read.length === 1) return read[0]!;
      const together = new Float64Array(read.length * perPart);
      for (const [k, values] of read.entries()) together.set(values as ArrayLike<number>, k * perPart);
      return read.every((values) => values instanceof Uint8Array) ? Uint8Array.from(together) : together;
    },
    close,
  };
}

/** Runs a call of the library; its errors become Arclet's, with the innermost reason. */
function rethrown<T>(where: Location, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof ArcletError || !(error instanceof Error)) throw error;
    throw new ArcletError(
      { ...where, code: "broken", problem: `HDF5: ${hdf5Text(error)}` },
      { cause: error },
    );
  }
}
