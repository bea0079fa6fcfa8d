/// <reference lib="esnext.disposable" preserve="true" />
/**
 * A tensor of libtorch. Methods are libtorch's own operators under their own names and semantics (broadcasting,
 * type promotion, autograd); each returns a new tensor in the innermost scope.
 */
import { aten } from "./aten.ts";
import { addCost } from "./cost.ts";
import { type Dims, dimList } from "./dims.ts";
import { arrayOf, type DType, type TypedArray } from "./dtype.ts";
import { native } from "./native.ts";
import type { MemoryFormat, Operations, Shape } from "./operations.ts";
import { type Held, track } from "./scope.ts";
import { watcher } from "./watching.ts";

/** A tensor, or a number that broadcasts to one. */
export type Operand = Tensor | number;
export type { MemoryFormat, Shape };

/** A tensor of libtorch, known by its handle. It belongs to the scope that it was made in (`tidy`), which frees it. */
export class Tensor implements Held, Operations<Tensor> {
  /** Its number at the native door; 0 once it is freed. */
  handle: number;
  /** Whether `keep` took it out of its scope. */
  kept = false;
  #shape: readonly number[] | null = null;

  /** Takes over a native handle. Tensors are made by the functions of this room, not by `new`. */
  constructor(handle: number) {
    this.handle = handle;
    track(this);
  }

  /** Length of every dimension, slowest first; empty for a scalar. */
  get shape(): readonly number[] {
    this.#shape ??= native().shape(this);
    return this.#shape;
  }
  /** Has the shape read again when it is next needed. */
  forgetShape(): void {
    this.#shape = null;
  }
  /** Number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }
  /** Number of elements. */
  get size(): number {
    return this.shape.reduce((product, length) => product * length, 1);
  }
  /** Elements from one index to the next along each dimension, in memory. */
  get strides(): readonly number[] {
    return native().strides(this);
  }
  /** The type of its elements. */
  get dtype(): DType {
    return native().dtype(this) as DType;
  }
  /** `cpu`, `cuda:0`, … */
  get device(): string {
    return native().device(this);
  }
  /** Whether it was freed. Every use of a freed tensor throws. */
  get disposed(): boolean {
    return this.handle === 0;
  }

  /** Frees the tensor now; calling it again does nothing. */
  dispose(): void {
    if (this.handle === 0) return;
    native().dispose(this.handle);
    this.handle = 0;
  }
  /** `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** A copy of the values in row-major order; 16-bit floats come as Float32Array, bool as Uint8Array of 0 and 1. */
  data(): TypedArray {
    watcher()?.read(this);
    const dtype = this.dtype;
    if (dtype === "bfloat16" || dtype === "float16") {
      const wide = this.to("float32");
      const values = wide.data();
      wide.dispose();
      return values;
    }
    const typed = arrayOf[dtype];
    if (typed === undefined) throw new TypeError(`data: no typed array holds ${dtype} values`);
    return new typed(native().toBytes(this));
  }
  /** The values as plain numbers (int64 loses digits beyond 2^53). */
  numbers(): number[] {
    return Array.from(this.data() as ArrayLike<number | bigint>, Number);
  }
  /** The value of a tensor with one element. @throws TypeError when it has not exactly one */
  item(): number {
    const values = this.data();
    if (values.length === 1) return Number(values[0]);
    throw new TypeError(`item: tensor must have one element, got shape [${this.shape}]`);
  }

  /** this + alpha · other */
  add(other: Operand, alpha?: number): Tensor {
    return new Tensor(aten.add(this, other, alpha));
  }
  sub(other: Operand): Tensor {
    return new Tensor(aten.sub(this, other));
  }
  /** number − this */
  rsub(number: number): Tensor {
    return new Tensor(aten.rsub(this, number));
  }
  mul(other: Operand): Tensor {
    return new Tensor(aten.mul(this, other));
  }
  div(other: Operand): Tensor {
    return new Tensor(aten.div(this, other));
  }
  floorDivide(other: Operand): Tensor {
    return new Tensor(aten.floorDivide(this, other));
  }
  remainder(other: Operand): Tensor {
    return new Tensor(aten.remainder(this, other));
  }
  pow(exponent: Operand): Tensor {
    return new Tensor((typeof exponent === "number" ? aten.powScalar : aten.powTensor)(this, exponent));
  }
  atan2(x: Tensor): Tensor {
    return new Tensor(aten.atan2(this, x));
  }
  maximum(other: Operand): Tensor {
    return new Tensor(aten.maximum(this, other));
  }
  minimum(other: Operand): Tensor {
    return new Tensor(aten.minimum(this, other));
  }
  clamp(min?: number | null, max?: number | null): Tensor {
    return new Tensor(aten.clamp(this, min, max));
  }
  /** this + weight · (end − this) */
  lerp(end: Tensor, weight: Operand): Tensor {
    return new Tensor((typeof weight === "number" ? aten.lerpScalar : aten.lerp)(this, end, weight));
  }
  matmul(other: Tensor): Tensor {
    const product = new Tensor(aten.matmul(this, other));
    addCost(() => product.size * this.shape.at(-1)!);
    return product;
  }
  leakyRelu(slope = 0.01): Tensor {
    return new Tensor(aten.leakyRelu(this, slope));
  }
  elu(alpha = 1): Tensor {
    return new Tensor(aten.elu(this, alpha));
  }
  prelu(weight: Tensor): Tensor {
    return new Tensor(aten.prelu(this, weight));
  }
  softmax(dim: number): Tensor {
    return new Tensor(aten.softmax(this, dim));
  }
  logSoftmax(dim: number): Tensor {
    return new Tensor(aten.logSoftmax(this, dim));
  }
  /** 2-norm over `dim`, or over everything. */
  norm(dim?: Dims, keepdim = false): Tensor {
    return new Tensor(aten.norm(this, 2, dimList(dim), keepdim));
  }

  neg(): Tensor {
    return new Tensor(aten.neg(this));
  }
  abs(): Tensor {
    return new Tensor(aten.abs(this));
  }
  sqrt(): Tensor {
    return new Tensor(aten.sqrt(this));
  }
  rsqrt(): Tensor {
    return new Tensor(aten.rsqrt(this));
  }
  square(): Tensor {
    return new Tensor(aten.square(this));
  }
  exp(): Tensor {
    return new Tensor(aten.exp(this));
  }
  log(): Tensor {
    return new Tensor(aten.log(this));
  }
  log1p(): Tensor {
    return new Tensor(aten.log1p(this));
  }
  sin(): Tensor {
    return new Tensor(aten.sin(this));
  }
  cos(): Tensor {
    return new Tensor(aten.cos(this));
  }
  atan(): Tensor {
    return new Tensor(aten.atan(this));
  }
  atanh(): Tensor {
    return new Tensor(aten.atanh(this));
  }
  asinh(): Tensor {
    return new Tensor(aten.asinh(this));
  }
  sign(): Tensor {
    return new Tensor(aten.sign(this));
  }
  floor(): Tensor {
    return new Tensor(aten.floor(this));
  }
  round(): Tensor {
    return new Tensor(aten.round(this));
  }
  reciprocal(): Tensor {
    return new Tensor(aten.reciprocal(this));
  }
  sigmoid(): Tensor {
    return new Tensor(aten.sigmoid(this));
  }
  logSigmoid(): Tensor {
    return new Tensor(aten.logSigmoid(this));
  }
  tanh(): Tensor {
    return new Tensor(aten.tanh(this));
  }
  relu(): Tensor {
    return new Tensor(aten.relu(this));
  }
  silu(): Tensor {
    return new Tensor(aten.silu(this));
  }
  gelu(): Tensor {
    return new Tensor(aten.gelu(this));
  }
  softplus(): Tensor {
    return new Tensor(aten.softplus(this));
  }
  isfinite(): Tensor {
    return new Tensor(aten.isfinite(this));
  }
  isnan(): Tensor {
    return new Tensor(aten.isnan(this));
  }

  sum(dim?: Dims, keepdim = false): Tensor {
    return new Tensor(dim === undefined ? aten.sum(this) : aten.sumDims(this, dimList(dim), keepdim));
  }
  mean(dim?: Dims, keepdim = false): Tensor {
    return new Tensor(dim === undefined ? aten.mean(this) : aten.meanDims(this, dimList(dim), keepdim));
  }
  /** Variance with divisor N − correction. */
  var(dim?: Dims, correction = 1, keepdim = false): Tensor {
    return new Tensor(aten.variance(this, dimList(dim), correction, keepdim));
  }
  max(dim: Dims = [], keepdim = false): Tensor {
    return new Tensor(aten.amax(this, dimList(dim), keepdim));
  }
  min(dim: Dims = [], keepdim = false): Tensor {
    return new Tensor(aten.amin(this, dimList(dim), keepdim));
  }
  argmax(dim?: number, keepdim = false): Tensor {
    return new Tensor(aten.argmax(this, dim, keepdim));
  }
  cumsum(dim: number): Tensor {
    return new Tensor(aten.cumsum(this, dim));
  }
  all(): Tensor {
    return new Tensor(aten.all(this));
  }
  any(): Tensor {
    return new Tensor(aten.any(this));
  }

  reshape(shape: Shape): Tensor {
    return new Tensor(aten.reshape(this, shape));
  }
  permute(order: Shape): Tensor {
    return new Tensor(aten.permute(this, order));
  }
  transpose(a: number, b: number): Tensor {
    return new Tensor(aten.transpose(this, a, b));
  }
  squeeze(dim: number): Tensor {
    return new Tensor(aten.squeeze(this, dim));
  }
  unsqueeze(dim: number): Tensor {
    return new Tensor(aten.unsqueeze(this, dim));
  }
  expand(shape: Shape): Tensor {
    return new Tensor(aten.expand(this, shape));
  }
  flatten(from = 0, to = -1): Tensor {
    return new Tensor(aten.flatten(this, from, to));
  }
  flip(dim: Dims): Tensor {
    return new Tensor(aten.flip(this, dimList(dim)));
  }
  /** Quarter turns from the first of two dimensions towards the second. */
  rot90(turns: number, plane: readonly [number, number] = [-2, -1]): Tensor {
    return new Tensor(aten.rot90(this, turns, plane));
  }
  roll(shifts: Shape, dim: Shape): Tensor {
    return new Tensor(aten.roll(this, shifts, dim));
  }
  repeat(times: Shape): Tensor {
    return new Tensor(aten.repeat(this, times));
  }
  slice(dim: number, start: number, end?: number, step = 1): Tensor {
    return new Tensor(aten.slice(this, dim, start, end, step));
  }
  select(dim: number, index: number): Tensor {
    return new Tensor(aten.select(this, dim, index));
  }
  narrow(dim: number, start: number, length: number): Tensor {
    return new Tensor(aten.narrow(this, dim, start, length));
  }
  indexSelect(dim: number, index: Tensor): Tensor {
    return new Tensor(aten.indexSelect(this, dim, index));
  }
  gather(dim: number, index: Tensor): Tensor {
    return new Tensor(aten.gather(this, dim, index));
  }
  maskedFill(mask: Tensor, value: number): Tensor {
    return new Tensor(aten.maskedFill(this, mask, value));
  }

  to(dtype: DType): Tensor {
    return new Tensor(aten.toDtype(this, dtype));
  }
  toDevice(device: string): Tensor {
    return new Tensor(aten.toDevice(this, undefined, undefined, device));
  }
  contiguous(format: MemoryFormat = "contiguous"): Tensor {
    return new Tensor(aten.contiguous(this, format));
  }
  clone(format?: MemoryFormat): Tensor {
    return new Tensor(aten.clone(this, format));
  }
  /** The same values outside the autograd graph. */
  detach(): Tensor {
    return new Tensor(aten.detach(this));
  }
  /** Overwrites the values in place; the name carries libtorch's underscore. */
  copy_(source: Tensor): this {
    native().dispose(aten.copy_(this, source));
    return this;
  }

  eq(other: Operand): Tensor {
    return new Tensor(aten.eq(this, other));
  }
  ne(other: Operand): Tensor {
    return new Tensor(aten.ne(this, other));
  }
  lt(other: Operand): Tensor {
    return new Tensor(aten.lt(this, other));
  }
  le(other: Operand): Tensor {
    return new Tensor(aten.le(this, other));
  }
  gt(other: Operand): Tensor {
    return new Tensor(aten.gt(this, other));
  }
  ge(other: Operand): Tensor {
    return new Tensor(aten.ge(this, other));
  }
  and(other: Tensor): Tensor {
    return new Tensor(aten.and(this, other));
  }
  or(other: Tensor): Tensor {
    return new Tensor(aten.or(this, other));
  }
  not(): Tensor {
    return new Tensor(aten.not(this));
  }

  /** Whether gradients are recorded for it. */
  get requiresGrad(): boolean {
    return native().requiresGrad(this);
  }
  /** Turns gradients of this leaf on or off. */
  withGrad(flag = true): this {
    native().requiresGrad(this, flag);
    return this;
  }
  /** The gradient that `backward` accumulated, or null. */
  get grad(): Tensor | null {
    const handle = native().grad(this);
    return handle === null ? null : new Tensor(handle);
  }
  /** Accumulates this scalar's gradient into its leaves. */
  backward(options: { retainGraph?: boolean; createGraph?: boolean } = {}): void {
    native().backward([this], null, options.retainGraph ?? false, options.createGraph ?? false);
  }
}
