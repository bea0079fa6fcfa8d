/**
 * PyTorch's `.pth` and `.pt` files: a zip file with a pickle (`data.pkl`) and the bytes of each storage (`data/0`, …).
 * The pickle is not executed (`pickle.ts`). Written by PyTorch 1.6 or newer.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { ArcletError } from "../../foundation/errors.ts";
import { guarded } from "../../foundation/files.ts";
import { checkEntry, type ZipEntry, zipEntries } from "../../foundation/zip.ts";
import { call } from "../call.ts";
import { bytesOf } from "../dtype.ts";
import { mapFile, viewAs } from "../mapped.ts";
import { keep, tidy } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { readPickle, TensorView } from "./pickle.ts";

/** Keys under which checkpoints keep the model's state, in the order in which they are tried. */
const STATE_KEYS = ["state_dict", "model_state_dict", "model", "net", "state_dict_ema", "model_ema"];
const MAX_PICKLE = 256 << 20;

/**
 * The named tensors of a PyTorch file, copied out of it and kept out of scopes: of a plain state dictionary, or of the
 * one in a checkpoint under `state_dict`, `model_state_dict`, `model`, `net`, `state_dict_ema` or `model_ema`.
 *
 * @throws ArcletError when the file is missing, broken or from PyTorch before 1.6, has no or several dictionaries of
 *   tensors, or asks for anything but tensors
 */
export function readPth(path: string): Map<string, Tensor> {
  if (!isZip(path))
    throw new ArcletError({
      where: path,
      code: "unsupported",
      problem:
        "not a zip file: convert a file from PyTorch before 1.6 with torch.save(torch.load(file), new) in a newer version",
    });
  const entries = zipEntries(path);
  for (const [name, { deflated }] of entries)
    if (deflated)
      throw new ArcletError({
        where: path,
        code: "unsupported",
        problem: `entry ${name} is compressed, which PyTorch's files are not`,
      });
  const pickle = [...entries.keys()].filter((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickle.length !== 1)
    throw new ArcletError({
      where: path,
      code: "broken",
      problem: `must hold one data.pkl, got ${pickle.length}`,
    });
  const folder = pickle[0]!.slice(0, -"data.pkl".length);
  const pickled = entries.get(pickle[0]!)!;
  checkEntry(path, pickle[0]!, pickled);
  const state = stateOf(path, readPickle(path, bytes(path, pickled)));
  const tensors = new Map<string, Tensor>();
  const checked = new Set<string>();
  const check = (key: string, entry: ZipEntry) => {
    if (!checked.has(key)) checkEntry(path, key, entry);
    checked.add(key);
  };
  try {
    for (const [name, view] of state) tensors.set(name, read(path, name, view, { entries, folder, check }));
  } catch (error) {
    for (const tensor of tensors.values()) tensor.dispose();
    throw error;
  }
  return tensors;
}

/** Whether a file begins like a zip file. */
export function isZip(path: string): boolean {
  const file = guarded(path, () => openSync(path, "r"));
  try {
    const head = Buffer.alloc(4);
    return readSync(file, head, 0, 4, 0) === 4 && head.readUInt32LE(0) === 0x04034b50;
  } finally {
    closeSync(file);
  }
}

function bytes(path: string, { offset, size }: ZipEntry): Buffer {
  if (size > MAX_PICKLE)
    throw new ArcletError({
      where: path,
      code: "too-large",
      problem: `its pickle takes ${size} bytes, more than any list of tensors needs`,
    });
  const file = guarded(path, () => openSync(path, "r"));
  try {
    const buffer = Buffer.alloc(size);
    readSync(file, buffer, 0, size, offset);
    return buffer;
  } finally {
    closeSync(file);
  }
}

function stateOf(path: string, root: unknown): Map<string, TensorView> {
  const whole = tensorsIn(root);
  if (whole.size > 0) return whole;
  const dictionaries = root instanceof Map ? [...root].filter(([, value]) => tensorsIn(value).size > 0) : [];
  const names = dictionaries.map(([name]) => String(name));
  const key = STATE_KEYS.find((name) => names.includes(name)) ?? (names.length === 1 ? names[0] : undefined);
  if (key === undefined)
    throw new ArcletError({
      where: path,
      code: "empty",
      problem:
        names.length === 0
          ? "holds no dictionary of tensors"
          : `holds several dictionaries of tensors (${names.join(", ")}) and none under ${STATE_KEYS.join(", ")}`,
    });
  return tensorsIn((root as Map<unknown, unknown>).get(key));
}

const tensorsIn = (value: unknown): Map<string, TensorView> =>
  new Map(
    [...(value instanceof Map ? value : [])].filter(
      (pair): pair is [string, TensorView] => typeof pair[0] === "string" && pair[1] instanceof TensorView,
    ),
  );

/** Where the values of a file's tensors lie. */
interface Storages {
  entries: ReadonlyMap<string, ZipEntry>;
  /** Of the entries. */
  folder: string;
  /** Holds an entry against its CRC, once. */
  check(key: string, entry: ZipEntry): void;
}

function read(
  path: string,
  name: string,
  { storage, offset, shape, strides }: TensorView,
  { entries, folder, check }: Storages,
): Tensor {
  const wrong = (problem: string) =>
    new ArcletError({ where: path, part: `tensor ${name}`, code: "broken", problem });
  const key = `${folder}data/${storage.key}`;
  const entry = entries.get(key);
  if (entry === undefined) throw wrong(`its storage ${storage.key} is not in the file`);
  const size = bytesOf[storage.dtype];
  if (storage.length < 0 || storage.length * size > entry.size)
    throw wrong(`its storage must take ${storage.length * size} bytes, got ${entry.size}`);
  const empty = shape.includes(0);
  const last = shape.reduce((sum, length, i) => sum + (length - 1) * strides[i]!, offset);
  if (!empty && last >= storage.length)
    throw wrong(`reaches value ${last} of a storage of ${storage.length}`);
  // Strides of 0 could make a huge tensor from a small file: allow at most the storage's size.
  const values = shape.reduce((product, length) => product * length, 1);
  if (values > storage.length) throw wrong(`has ${values} values, its storage ${storage.length}`);
  check(key, entry);
  return keep(
    tidy(() => {
      const stored = mapFile(path, "uint8", [storage.length * size], entry.offset).clone();
      const typed = storage.length === 0 ? stored.to(storage.dtype) : viewAs(stored, storage.dtype);
      if (empty) return typed.slice(0, 0, 0).reshape(shape);
      return (call("aten::as_strided", typed, shape, strides, offset) as Tensor).clone().contiguous();
    }),
  );
}
