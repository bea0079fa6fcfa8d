/**
 * Calls operators with junk. A child process of the tests; for a longer run, by hand:
 *
 *   node --import tsx test/torch/junk.ts NAMES.json SEED TRIALS
 *
 * Writes each operator's name to stdout before its first call, so that the last line names one that ended the
 * process, and `done` at the end.
 */
import { readFileSync, writeSync } from "node:fs";
import { call } from "../../src/torch/call.ts";
import { ones, tensor } from "../../src/torch/create.ts";
import { operator } from "../../src/torch/operator.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

const [, , list = "", seed = "1", trials = "10"] = process.argv;

/** A small generator (Park and Miller's), since libtorch's is under test. */
let state = Number(seed) * 7919 + 1;
const random = (n: number): number => {
  state = (state * 48271) % 2147483647;
  return state % n;
};
const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T;

const generator = new Generator(1);
const tensors = (): Tensor[] => [
  tensor(2.5),
  tensor([], [0]),
  tensor([1, -2, Number.NaN]),
  ones([2, 3]),
  ones([2, 3]).withGrad(),
  ones([1, 2, 4, 4]),
  ones([1, 2, 4, 4]).contiguous("channels_last"),
  ones([2, 0, 3]),
  tensor([3, 0, -1], [3], { dtype: "int64" }),
  tensor([1, 0, 1], [3], { dtype: "bool" }),
  ones([3, 3], { dtype: "float64" }),
  ones([3], { dtype: "bfloat16" }),
  ones([2, 2], { dtype: "uint8" }),
];
const ints = [0, 1, -1, 2, 3, 7, -5, 64, 2 ** 40, 2 ** 62, -(2 ** 63), 2n ** 63n - 1n];
const texts = ["", "float32", "bfloat16", "channels_last", "mean", "cpu", "cuda:99", "\0", "x".repeat(300)];
const floats = [0, 1, -1.5, 0.1, Number.NaN, Number.POSITIVE_INFINITY, 1e300];

/** What a schema asks for, of the right type with a bad value, or something else altogether. */
function junk(type: string, all: Tensor[]): unknown {
  if (random(8) === 0) return anything(all);
  const list = /\[\d*\]/.exec(type);
  if (list !== null) {
    return Array.from({ length: random(4) }, () => junk(type.replace(list[0], "").replace(/\?$/, ""), all));
  }
  if (type.endsWith("?") && random(2) === 0) return null;
  if (type.startsWith("Tensor")) return pick(all);
  if (/^(int|SymInt)/.test(type)) return pick(ints);
  if (type.startsWith("float")) return pick(floats);
  if (type.startsWith("Scalar")) return pick([...ints, ...floats, true]);
  if (type.startsWith("bool")) return random(2) === 0;
  if (type.startsWith("Generator")) return generator;
  return pick(texts);
}

function anything(all: Tensor[]): unknown {
  const disposed = ones([2]);
  disposed.dispose();
  return pick<unknown>([
    undefined,
    null,
    Number.NaN,
    2 ** 53,
    12n ** 30n,
    "junk",
    Symbol("junk"),
    {},
    { handle: Number.NaN },
    { handle: 16777216.5 },
    { handle: -1e300 },
    {
      get handle(): number {
        throw new Error("a getter");
      },
    },
    () => 1,
    new Array(5),
    new Array(2 ** 32 - 1),
    [[[]]],
    [null, undefined],
    [all[0], 1, null],
    disposed,
    generator,
    new Float32Array(3),
    new Proxy({}, {}),
  ]);
}

/** The types of a schema's arguments, in order: `int[2]`, `Tensor?`, … */
function typesOf(schema: string): string[] {
  const inside = schema.slice(schema.indexOf("(") + 1, schema.lastIndexOf(") ->"));
  return inside
    .replace(/\([^)]*\)/g, "")
    .split(/, (?![^[]*\])/)
    .filter((part) => part !== "" && part !== "*")
    .map((part) => part.split(" ")[0] as string);
}

for (const name of JSON.parse(readFileSync(list, "utf8")) as string[]) {
  writeSync(1, `${name}\n`);
  let types: string[];
  try {
    types = typesOf(operator(name).schema);
  } catch {
    continue; // an operator that JavaScript can't call
  }
  for (let trial = 0; trial < Number(trials); trial++) {
    try {
      tidy(() => {
        const all = tensors();
        const args = types.map((type) => junk(type, all));
        if (process.env.JUNK_VERBOSE) writeSync(2, `${name} ${args.map(String).join(" ; ")}\n`);
        const result = call(name, ...args);
        for (const item of Array.isArray(result) ? result : [result]) {
          if (item === null || typeof item !== "object" || !("numbers" in item)) continue;
          for (const read of ["shape", "strides", "dtype", "device"] as const) void (item as Tensor)[read];
          if ((item as Tensor).size < 1e6) (item as Tensor).numbers();
        }
      });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }
}
writeSync(1, "done\n");
