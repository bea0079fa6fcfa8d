/**
 * Arithmetic that overwrites its first operand: memory takes most of a simulation's time, and a chain of operators on
 * one tensor stays in the cache. Only operators that round the same way everywhere, so that a value does not depend on its
 * position in a batch: libtorch's fused multiply-add, `pow` and `atan2` round differently at the end of an array.
 */
import { call } from "../../torch/call.ts";
import type { Tensor } from "../../torch/tensor.ts";

type Other = Tensor | InPlace;

const operand = (other: Other): Tensor => (other instanceof InPlace ? other.tensor : other);

export class InPlace {
  readonly tensor: Tensor;

  /** @param tensor just made by the caller, of the result's shape: it will hold the result */
  constructor(tensor: Tensor) {
    this.tensor = tensor;
  }

  private apply(operator: string, other?: Other | number): this {
    if (other === undefined) call(`aten::${operator}_`, this.tensor);
    else if (typeof other === "number") call(`aten::${operator}_.Scalar`, this.tensor, other);
    else call(`aten::${operator}_.Tensor`, this.tensor, operand(other));
    return this;
  }

  add(other: Other | number): this {
    return this.apply("add", other);
  }
  sub(other: Other | number): this {
    return this.apply("sub", other);
  }
  mul(other: Other | number): this {
    return this.apply("mul", other);
  }
  div(other: Other | number): this {
    return this.apply("div", other);
  }
  square(): this {
    return this.mul(this.tensor);
  }
  sqrt(): this {
    return this.apply("sqrt");
  }
  abs(): this {
    return this.apply("abs");
  }
  exp(): this {
    return this.apply("exp");
  }
  log(): this {
    return this.apply("log");
  }
  log1p(): this {
    return this.apply("log1p");
  }
  atan(): this {
    return this.apply("atan");
  }
  cos(): this {
    return this.apply("cos");
  }
}

/** Starts a chain of operators that overwrite `tensor`, just made by the caller. */
export const inPlace = (tensor: Tensor): InPlace => new InPlace(tensor);
