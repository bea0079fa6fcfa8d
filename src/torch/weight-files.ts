/** A network's named tensors from whatever files hold them: one safetensors or PyTorch file, or shards with an index. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { isZip, readPth } from "./pth/read.ts";
import { readSafetensors } from "./safetensors.ts";
import type { Tensor } from "./tensor.ts";

/** `model.safetensors.index.json`, and PyTorch's alike: which file beside it has which tensor. */
const indexFile = z.object({ weight_map: z.record(z.string(), z.string().min(1)) });

const isIndex = (path: string): boolean => path.endsWith(".json");

/**
 * All files of which weights are made: the file itself, then the shards that an index names.
 *
 * @throws ArcletError for an index that is broken, or one of whose shards is missing
 */
export function weightFiles(path: string): string[] {
  return isIndex(path) ? [path, ...new Set(shardsOf(path).values())] : [path];
}

/**
 * The tensors, copied out of their files and kept out of scopes.
 *
 * @throws ArcletError as `weightFiles`, `readPth` and `readSafetensors`, and for a shard without a tensor that the index says
 *   it has
 */
export function readTensors(path: string): Map<string, Tensor> {
  if (!isIndex(path)) return readFile(path);
  const shards = shardsOf(path);
  const tensors = new Map<string, Tensor>();
  try {
    for (const file of new Set(shards.values()))
      for (const [name, tensor] of readFile(file)) {
        if (shards.get(name) === file) tensors.set(name, tensor);
        else tensor.dispose();
      }
    for (const [name, file] of shards)
      if (!tensors.has(name))
        throw new ArcletError({
          where: file,
          code: "broken",
          problem: `has no tensor ${name}, which ${path} says it has`,
          fix: "download both again, of one version",
        });
  } catch (error) {
    for (const tensor of tensors.values()) tensor.dispose();
    throw error;
  }
  return tensors;
}

const readFile = (path: string): Map<string, Tensor> =>
  isZip(path) ? readPth(path) : readSafetensors(path).tensors;

/** Each tensor's file. */
function shardsOf(path: string): Map<string, string> {
  const text = guarded(path, () => readFileSync(path, "utf8"));
  const { weight_map: files } = checked(path, indexFile, parsed(path, text));
  const missing = [...new Set(Object.values(files))].filter((file) => !existsSync(join(dirname(path), file)));
  if (missing.length > 0)
    throw new ArcletError({
      where: path,
      code: "absent",
      problem: `names ${missing.length} files that are not beside it: ${missing.join(", ")}`,
      fix: "download them into the same folder",
    });
  return new Map(Object.entries(files).map(([name, file]) => [name, join(dirname(path), file)]));
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const problem = "is not JSON: an index of shards has a weight_map of names to files";
    throw new ArcletError({ where: path, code: "broken", problem }, { cause: error });
  }
}
