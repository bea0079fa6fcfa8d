/** Random numbers from explicit generators, each with a seed and a state that can be saved and restored. */
import type { TensorOptions } from "./create.ts";
import { native } from "./native.ts";
import { handleOf } from "./operator.ts";
import { type Shape, Tensor } from "./tensor.ts";

const op = {
  randn: handleOf("aten::randn.generator"),
  rand: handleOf("aten::rand.generator"),
  randint: handleOf("aten::randint.low_generator"),
  randperm: handleOf("aten::randperm.generator"),
  bernoulli: handleOf("aten::bernoulli"),
  poisson: handleOf("aten::poisson"),
  gamma: handleOf("aten::_standard_gamma"),
  multinomial: handleOf("aten::multinomial"),
};

const collected = new FinalizationRegistry<number>((handle) => native().disposeGenerator(handle));

/** libtorch's generator (Mersenne Twister on the CPU, Philox on CUDA). One seed gives one sequence. */
export class Generator {
  /** Its number at the native door. */
  readonly handle: number;
  /** What it began with. */
  readonly seed: number;
  /** Where its numbers are drawn: `cpu`, `cuda:0`, … */
  readonly device: string;

  /** @param seed a whole number from 0 to 2^53 − 1 */
  constructor(seed: number, device = "cpu") {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new TypeError(`Generator: seed must be a whole number from 0, got ${seed}`);
    }
    this.seed = seed;
    this.device = device;
    this.handle = native().generator(seed, device);
    collected.register(this, this.handle);
  }

  /** Standard normal values. */
  normal(shape: Shape, options: TensorOptions = {}): Tensor {
    return new Tensor(
      op.randn(shape, this, options.dtype ?? "float32", undefined, options.device ?? this.device),
    );
  }
  /** Uniform values in [0, 1). */
  uniform(shape: Shape, options: TensorOptions = {}): Tensor {
    return new Tensor(
      op.rand(shape, this, options.dtype ?? "float32", undefined, options.device ?? this.device),
    );
  }
  /** Whole numbers from low to high − 1. */
  integers(low: number, high: number, shape: Shape): Tensor {
    return new Tensor(op.randint(low, high, shape, this, "int64", undefined, this.device));
  }
  /** 0 … n − 1 in random order. */
  permutation(n: number): Tensor {
    return new Tensor(op.randperm(n, this, "int64", undefined, this.device));
  }
  /** 1 with the given probability, else 0, element by element. */
  bernoulli(probability: Tensor): Tensor {
    return new Tensor(op.bernoulli(probability, this));
  }
  /** Poisson counts with the given expectation, element by element. */
  poisson(expectation: Tensor): Tensor {
    return new Tensor(op.poisson(expectation, this));
  }
  /** Gamma values with the given shape parameter and unit scale, element by element. */
  gamma(concentration: Tensor): Tensor {
    return new Tensor(op.gamma(concentration, this));
  }
  /** `count` indices drawn in proportion to the weights. weights (K) → (count) int64 */
  choice(weights: Tensor, count: number, replacement = true): Tensor {
    return new Tensor(op.multinomial(weights, count, replacement, this));
  }

  /** The generator's state, as bytes. */
  state(): Uint8Array {
    const tensor = new Tensor(native().generatorState(this.handle));
    const bytes = tensor.data() as Uint8Array;
    tensor.dispose();
    return bytes;
  }
  /** Continues from a saved state. @throws Error when the bytes are not a state of such a generator */
  restore(state: Uint8Array): void {
    const tensor = new Tensor(native().fromBytes(state, "uint8", [state.length], "cpu"));
    try {
      native().setGeneratorState(this.handle, tensor);
    } finally {
      tensor.dispose();
    }
  }
}
