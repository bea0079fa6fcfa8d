/**
 * Reads a pickle without executing it: Python's pickles are programs, and one from a stranger may do anything. Here
 * only the few instructions that `torch.save` uses are supported; they build plain values, and by name only tensors
 * (opcodes as documented in Python's `pickletools`).
 */
import { ArcletError } from "../../foundation/errors.ts";
import type { DType } from "../dtype.ts";

/** A storage: named in the pickle, its bytes kept elsewhere. */
export class Storage {
  readonly dtype: DType;
  readonly key: string;
  readonly length: number;
  constructor(dtype: DType, key: string, length: number) {
    this.dtype = dtype;
    this.key = key;
    this.length = length;
  }
}

/** A tensor as the pickle describes it: a strided view of a storage. */
export class TensorView {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** A Python name that the pickle refers to. */
class Global {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const MARK = Symbol("mark");

const STORAGES: Readonly<Record<string, DType>> = {
  DoubleStorage: "float64",
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
};

/** The functions that may be called, by name; every other name is refused. */
const MAKERS: Readonly<Record<string, (args: unknown[], refuse: () => never) => unknown>> = {
  "torch._utils._rebuild_tensor_v2": ([storage, offset, shape, strides], refuse) => {
    const whole = (list: unknown): list is number[] =>
      Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!(storage instanceof Storage) || !Number.isSafeInteger(offset) || !whole(shape) || !whole(strides))
      return refuse();
    if ((offset as number) < 0 || shape.length !== strides.length) return refuse();
    return new TensorView(storage, offset as number, shape, strides);
  },
  "torch._utils._rebuild_parameter": ([value], refuse) => (value instanceof TensorView ? value : refuse()),
  "torch._utils._rebuild_parameter_with_state": ([value], refuse) =>
    value instanceof TensorView ? value : refuse(),
  "collections.OrderedDict": ([pairs = []], refuse) => {
    if (!Array.isArray(pairs)) return refuse();
    return new Map(pairs.map((pair) => (Array.isArray(pair) ? [pair[0], pair[1]] : refuse())));
  },
  "torch.Size": ([list]) => list,
  "torch.device": ([name]) => name,
};

/** @throws ArcletError when the pickle is broken, or asks for anything but tensors, naming it */
export function readPickle(path: string, data: Buffer): unknown {
  try {
    return new Reader(path, data).run();
  } catch (error) {
    if (error instanceof ArcletError) throw error;
    throw new ArcletError({ where: path, code: "broken", problem: "its pickle is broken" }, { cause: error });
  }
}

class Reader {
  private readonly path: string;
  private readonly data: Buffer;
  private at = 0;
  private readonly stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();

  constructor(path: string, data: Buffer) {
    this.path = path;
    this.data = data;
  }

  run(): unknown {
    for (;;) {
      const code = this.byte();
      if (code === 0x2e) return this.pop(); // .
      const step = STEPS[code];
      if (step === undefined)
        throw new ArcletError({
          where: this.path,
          code: "unsupported",
          problem: `its pickle has instruction 0x${code.toString(16)}, which no tensor needs`,
        });
      step(this);
    }
  }

  push(value: unknown): void {
    this.stack.push(value);
  }
  pop(): unknown {
    if (this.stack.length === 0) throw new RangeError("empty stack");
    return this.stack.pop();
  }
  top(): unknown {
    if (this.stack.length === 0) throw new RangeError("empty stack");
    return this.stack.at(-1);
  }
  /** Takes what is above the last mark, and removes the mark. */
  marked(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw new RangeError("no mark");
    const values = this.stack.splice(mark);
    return values.slice(1);
  }
  last(count: number): unknown[] {
    if (this.stack.length < count) throw new RangeError("short stack");
    return this.stack.splice(this.stack.length - count);
  }

  take(length: number): Buffer {
    if (this.at + length > this.data.length) throw new RangeError("cut short");
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }
  byte(): number {
    return this.take(1)[0]!;
  }
  text(length: number): string {
    return this.take(length).toString("utf8");
  }
  line(): string {
    const end = this.data.indexOf(10, this.at);
    if (end < 0) throw new RangeError("cut short");
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  remember(key = this.memo.size): void {
    this.memo.set(key, this.top());
  }
  recall(key: number): void {
    if (!this.memo.has(key)) throw new RangeError("unknown memo");
    this.push(this.memo.get(key));
  }

  global(module: unknown, name: unknown): void {
    const full = `${module}.${name}`;
    const known =
      Object.hasOwn(MAKERS, full) || (module === "torch" && Object.hasOwn(STORAGES, String(name)));
    if (!known) throw this.refused(full);
    this.push(new Global(full));
  }
  make(): void {
    const [callable, args] = this.last(2);
    if (!(callable instanceof Global) || !Object.hasOwn(MAKERS, callable.name) || !Array.isArray(args))
      throw this.refused(callable instanceof Global ? callable.name : "something that is not a name");
    const broken = () => {
      throw new RangeError(`${callable.name} with other arguments`);
    };
    this.push(MAKERS[callable.name]!(args, broken));
  }
  /** ("storage", its type, key, device, length) */
  persistent(): void {
    const [kind, type, key, , length] = this.pop() as unknown[];
    const dtype = type instanceof Global ? STORAGES[type.name.slice("torch.".length)] : undefined;
    if (kind !== "storage" || dtype === undefined || typeof key !== "string" || !Number.isSafeInteger(length))
      throw new RangeError("not a storage");
    this.push(new Storage(dtype, key, length as number));
  }
  set(pairs: readonly unknown[]): void {
    const target = this.top();
    if (!(target instanceof Map) || pairs.length % 2 !== 0) throw new RangeError("not a dictionary");
    for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i], pairs[i + 1]);
  }
  append(values: readonly unknown[]): void {
    const target = this.top();
    if (!Array.isArray(target)) throw new RangeError("not a list");
    for (const value of values) target.push(value);
  }
  /** A dictionary's attributes (PyTorch's `_metadata`) are ignored; nothing else may have any. */
  build(): void {
    this.pop();
    if (!(this.top() instanceof Map)) throw this.refused("an object of another class");
  }
  long(): number {
    const bytes = this.take(this.byte());
    let value = 0n;
    for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return Number(bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, value));
  }

  private refused(name: string): ArcletError {
    return new ArcletError({
      where: this.path,
      code: "unsupported",
      problem: `asks for ${name}, which is not a tensor: refused`,
    });
  }
}

const STEPS: Readonly<Record<number, (r: Reader) => void>> = {
  128: (r) => void r.byte(), // PROTO
  149: (r) => void r.take(8), // FRAME
  40: (r) => r.push(MARK),
  125: (r) => r.push(new Map()), // }
  93: (r) => r.push([]), // ]
  41: (r) => r.push([]), // )
  78: (r) => r.push(null), // N
  136: (r) => r.push(true),
  137: (r) => r.push(false),
  74: (r) => r.push(r.take(4).readInt32LE()), // J
  75: (r) => r.push(r.byte()), // K
  77: (r) => r.push(r.take(2).readUInt16LE()), // M
  138: (r) => r.push(r.long()), // LONG1
  71: (r) => r.push(r.take(8).readDoubleBE()), // G
  88: (r) => r.push(r.text(r.take(4).readUInt32LE())), // X
  140: (r) => r.push(r.text(r.byte())), // SHORT_BINUNICODE
  141: (r) => r.push(r.text(Number(r.take(8).readBigUInt64LE()))), // BINUNICODE8
  84: (r) => r.push(r.text(r.take(4).readUInt32LE())), // T
  85: (r) => r.push(r.text(r.byte())), // U
  113: (r) => r.remember(r.byte()), // q
  114: (r) => r.remember(r.take(4).readUInt32LE()), // r
  148: (r) => r.remember(),
  104: (r) => r.recall(r.byte()), // h
  106: (r) => r.recall(r.take(4).readUInt32LE()), // j
  99: (r) => r.global(r.line(), r.line()), // c
  147: (r) => r.global(...(r.last(2) as [unknown, unknown])), // STACK_GLOBAL
  81: (r) => r.persistent(), // Q
  116: (r) => r.push(r.marked()), // t
  133: (r) => r.push(r.last(1)),
  134: (r) => r.push(r.last(2)),
  135: (r) => r.push(r.last(3)),
  97: (r) => r.append([r.pop()]), // a
  101: (r) => r.append(r.marked()), // e
  115: (r) => r.set(r.last(2)), // s
  117: (r) => r.set(r.marked()), // u
  82: (r) => r.make(), // R
  98: (r) => r.build(), // b
  48: (r) => void r.pop(), // 0
};
