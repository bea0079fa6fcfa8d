/** Tensors, scopes, operators, autograd, randomness, devices and safetensors: libtorch from TypeScript. */
export * from "./autograd.ts";
export { call } from "./call.ts";
export { multiplyAdds } from "./cost.ts";
export * from "./create.ts";
export type { Dims } from "./dims.ts";
export { type DType, isFloating, type TypedArray } from "./dtype.ts";
export * from "./machine.ts";
export { mapFile } from "./mapped.ts";
export * from "./neural.ts";
export type { Operations } from "./operations.ts";
export { operators } from "./operator.ts";
export { isZip, readPth } from "./pth/read.ts";
export { Generator } from "./random.ts";
export * from "./safetensors.ts";
export { keep, liveBytes, liveTensors, tidy } from "./scope.ts";
export { type MemoryFormat, type Operand, type Shape, Tensor } from "./tensor.ts";
