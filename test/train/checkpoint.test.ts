/** A checkpoint holds its trainer's state, and notices damage. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { Checkpoints, readCheckpoint, START } from "../../src/train/checkpoint.ts";
import { scratch } from "../tiny/dataset.ts";

const folder = scratch();

test("a bit that flipped in a checkpoint's state is noticed, and the way out is said", () => {
  let loaded: number[] = [];
  const trainer = {
    state: () => new Map([["weight", tensor([1, 2, 3])]]),
    load: (state: ReadonlyMap<string, Tensor>) => {
      loaded = state.get("weight")!.numbers() as number[];
    },
  };
  const holder = { trainer, generators: {} };
  const checkpoints = new Checkpoints(folder);
  tidy(() => checkpoints.write(holder, START));
  const path = checkpoints.latest()!;
  expect(readCheckpoint(path, holder)).toEqual(START);
  expect(loaded).toEqual([1, 2, 3]);
  const bytes = readFileSync(path);
  bytes[bytes.length - 2]! ^= 1;
  writeFileSync(path, bytes);
  expect(() => readCheckpoint(path, holder)).toThrow(
    /epoch-00\.safetensors: is damaged: its content is not what was written; without the file, --resume continues from the checkpoint before it$/,
  );
});
