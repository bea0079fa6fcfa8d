/** A traced call, as its ONNX form sees it. */
import { ArcletError } from "../foundation/errors.ts";
import type { DType } from "../torch/dtype.ts";
import { type AnyArgument, type AnyStep, type AnyValue, OfBatch, type Size } from "./any-batch.ts";
import type { GraphBuilder } from "./graph.ts";
import type { Constant } from "./trace.ts";
import { onnxType } from "./types.ts";

/** The ONNX form of an operator: adds nodes and returns the name of its result, or of all results. */
export type Form = (call: Call) => string | string[];

/** A zero for each image, without arithmetic on sizes, which would be in int64. */
export class BatchZeros {
  private name: string | null = null;
  private readonly builder: GraphBuilder;
  private readonly input: string;
  private readonly dims: number;

  constructor(builder: GraphBuilder, input: string, dims: number) {
    this.builder = builder;
    this.input = input;
    this.dims = dims;
  }

  /** (B) float32 */
  zeros(): string {
    if (this.name !== null) return this.name;
    const axes = Array.from({ length: this.dims - 1 }, (_, k) => k + 1);
    const least = this.builder.node("ReduceMin", [this.input], {
      axes: { ints: axes },
      keepdims: { int: 0 },
    });
    this.name = this.builder.node("Mul", [least, this.builder.scalar(0, "float32")]);
    return this.name;
  }
}

/** A traced call as the forms see it. Arguments are asked for by their names in libtorch's schema. */
export class Call {
  readonly graph: GraphBuilder;
  private readonly where: string;
  private readonly step: AnyStep;
  private readonly names: ReadonlyMap<number, string>;
  private readonly batch: BatchZeros;

  constructor(
    where: string,
    graph: GraphBuilder,
    step: AnyStep,
    names: ReadonlyMap<number, string>,
    batch: BatchZeros,
  ) {
    this.where = where;
    this.graph = graph;
    this.step = step;
    this.names = names;
    this.batch = batch;
  }

  /** The first result. */
  get result(): AnyValue {
    return this.step.results[0]!;
  }

  get results(): readonly AnyValue[] {
    return this.step.results;
  }

  given(name: string): AnyArgument {
    return this.step.args[this.step.names.indexOf(name)];
  }

  has(name: string): boolean {
    return this.given(name) != null;
  }

  /** A tensor, or a number as one, cast to a type if one is given. */
  tensor(name: string, dtype?: DType): string {
    return this.tensorOf(this.given(name), dtype);
  }

  tensorOf(argument: AnyArgument, dtype?: DType): string {
    if (typeof argument === "number" || typeof argument === "boolean")
      return this.graph.scalar(Number(argument), dtype ?? "float32");
    const { value, constant } = argument as { value?: AnyValue; constant?: Constant };
    const own = value === undefined ? this.fixed(constant!) : this.names.get(value.id)!;
    return dtype === undefined || dtype === this.dtypeOf(argument) ? own : this.cast(own, dtype);
  }

  cast(name: string, dtype: DType): string {
    return this.graph.node("Cast", [name], { to: { int: onnxType(dtype) } });
  }

  shape(name: string): readonly Size[] {
    return this.shapeOf(this.given(name));
  }

  shapeOf(argument: AnyArgument): readonly Size[] {
    const { value, constant } = argument as { value?: AnyValue; constant?: { shape: readonly number[] } };
    return (value ?? constant)?.shape ?? [];
  }

  /** Of a tensor; undefined for a number. */
  dtypeOf(argument: AnyArgument): DType | undefined {
    if (argument === null || typeof argument !== "object") return undefined;
    const { value, constant } = argument as { value?: AnyValue; constant?: { dtype: DType } };
    return (value ?? constant)?.dtype;
  }

  /** A tensor's fixed values, or null if it depends on the images. */
  constant(name: string): { data: Float32Array; shape: readonly number[] } | null {
    const argument = this.given(name);
    if (argument === null || typeof argument !== "object" || !("constant" in argument)) return null;
    const { data, shape, dtype } = argument.constant;
    return dtype === "float32" ? { data: data as Float32Array, shape } : null;
  }

  number(name: string, otherwise?: number): number {
    const argument = this.given(name) ?? otherwise;
    if (typeof argument === "bigint" || typeof argument === "boolean") return Number(argument);
    if (typeof argument !== "number") throw this.error(`its argument ${name} is no fixed number`);
    return argument;
  }

  numbers(name: string, otherwise?: readonly number[]): readonly number[] {
    const argument = this.given(name);
    if (argument == null && otherwise !== undefined) return otherwise;
    const list = Array.isArray(argument) ? argument : [argument];
    if (list.some((item) => typeof item !== "number"))
      throw this.error(`its argument ${name} is no list of fixed numbers`);
    return list as number[];
  }

  flag(name: string, otherwise = false): boolean {
    return Boolean(this.given(name) ?? otherwise);
  }

  /** An axis from 0, of a tensor with that many. */
  axis(axis: number, dims: number): number {
    return axis < 0 ? axis + dims : axis;
  }

  /** A tensor in the result's shape, or any other of the same values. */
  reshaped(name: string, shape: readonly Size[] = this.result.shape): string {
    if (shape.filter((size) => size instanceof OfBatch).length > 1)
      throw this.error("two of its dimensions grow with the batch");
    const sizes = shape.map((size) => (size instanceof OfBatch ? -1 : size));
    return this.graph.node("Reshape", [name, this.graph.sizes(sizes)]);
  }

  /** A tensor of one shape broadcast to another. */
  broadcast(name: string, from: readonly Size[], to: readonly Size[], dtype: DType): string {
    const padded = [...Array<Size>(to.length - from.length).fill(1), ...from];
    const still = to.map((size, k) => (size instanceof OfBatch ? 1 : size === padded[k] ? 1 : size));
    const wide = still.some((size) => size !== 1)
      ? this.graph.node("Expand", [name, this.graph.sizes(still)])
      : name;
    const axis = to.findIndex((size, k) => size instanceof OfBatch && !(padded[k] instanceof OfBatch));
    if (axis < 0) return wide;
    if ((to[axis] as OfBatch).each !== 1) throw this.error("it repeats a tensor by a multiple of the batch");
    const zeros = this.reshaped(
      this.batch.zeros(),
      to.map((size, k) => (k === axis ? size : 1)),
    );
    const cast = dtype === "float32" ? zeros : this.cast(zeros, dtype);
    return this.graph.node("Add", [wide, cast]);
  }

  error(problem: string): ArcletError {
    return new ArcletError({
      where: this.where,
      code: "unsupported",
      problem: `${this.step.operator} can't be written as ONNX: ${problem}`,
    });
  }

  private fixed({ data, shape, dtype }: Constant): string {
    return this.graph.constant(data, shape, dtype);
  }
}
