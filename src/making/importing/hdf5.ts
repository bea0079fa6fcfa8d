/** Images in a dataset of an HDF5 file, through h5wasm (the HDF5 library as WebAssembly). */
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Dataset, Group } from "h5wasm/node";
import { hdf5Text } from "../../foundation/errors/foreign-text.ts";
import { unknown } from "../../foundation/errors/unknown.ts";
import { ArcletError, type Location, refuse } from "../../foundation/errors.ts";
import { mayHold, notOne, type Stack, type StackOptions } from "./stack.ts";

/** Bytes to read at a time: a chunk of the file is unpacked whole, whatever is read of it. */
const BLOCK_BYTES = 2 ** 23;
/** The most bytes that one image may take. */
const MOST_IMAGE_BYTES = 2 ** 30;

/** @throws ArcletError when it is not an HDF5 file, or none or several of its datasets may hold the images */
export async function openHdf5(path: string, { dataset, channels }: StackOptions): Promise<Stack> {
  if (!existsSync(path))
    throw new ArcletError({ where: path, code: "absent", problem: "no such file or folder" });
  const { default: h5wasm } = await import("h5wasm/node");
  const library = await h5wasm.ready;
  // Otherwise it prints what went wrong and carries on.
  library.activate_throwing_error_handler();
  const file = rethrown({ where: path }, () => new h5wasm.File(resolve(path), "r"));
  const close = () => {
    file.close();
  };
  try {
    const datasets = rethrown({ where: path }, () => datasetsOf(h5wasm, file, ""));
    const names = [...datasets.keys()];
    if (dataset !== null && !datasets.has(dataset)) throw unknown(path, "dataset", dataset, names);
    const fitting =
      dataset !== null
        ? [dataset]
        : names.filter((name) => mayHold(datasets.get(name)!.shape ?? [], channels));
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

/** All datasets by their paths within the file, without the first `/`. */
function datasetsOf(library: Library, group: Group, below: string): Map<string, Dataset> {
  const datasets = new Map<string, Dataset>();
  for (const key of group.keys()) {
    const name = below === "" ? key : `${below}/${key}`;
    const entity = group.get(key);
    if (entity instanceof library.Dataset) datasets.set(name, entity);
    else if (entity instanceof library.Group && below.split("/").length < MOST_DEPTH)
      for (const [inner, dataset] of datasetsOf(library, entity, name)) datasets.set(inner, dataset);
  }
  return datasets;
}

function stackOf(path: string, name: string, data: Dataset, close: () => void): Stack {
  const where: Location = { where: path, part: name };
  const shape = data.shape ?? [];
  const { type, size, signed } = data.metadata;
  // HDF5's classes 0 and 1: whole numbers and floats
  if (type !== 0 && type !== 1) refuse(where, "dataset", "of numbers", `HDF5 class ${type}`, "unsupported");
  const perImage = shape.slice(1).reduce((product, side) => product * side, 1);
  if (perImage * size > MOST_IMAGE_BYTES)
    refuse(where, "dataset", "of images below 1 GiB each", shape, "too-large");
  const chunk = Math.max(1, data.metadata.chunks?.[0] ?? 1);
  const fit = Math.max(1, Math.floor(BLOCK_BYTES / (perImage * size)));
  const block = fit > chunk ? fit - (fit % chunk) : chunk * perImage * size <= 16 * BLOCK_BYTES ? chunk : fit;
  let from = -1;
  let loaded: ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> };
  return {
    path,
    name: basename(path),
    shape,
    pixels: type === 0 && size === 1 && !signed ? "display" : "flux",
    read(index) {
      const start = index - (index % block);
      if (start !== from) {
        const ranges = [[start, Math.min(start + block, shape[0]!)]];
        const values = rethrown(where, () => data.slice(ranges as never));
        loaded = (
          values instanceof BigInt64Array || values instanceof BigUint64Array
            ? Float64Array.from(values as BigInt64Array, Number)
            : values
        ) as typeof loaded;
        from = start;
      }
      return loaded.subarray((index - start) * perImage, (index - start + 1) * perImage);
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
