/** Each promise of an encoder is broken by one thing that strangers get wrong, and named. */
import { expect, test } from "vitest";
import { z } from "zod";
import { type BuildContext, ConvEncoder, type EncoderEntry } from "../../src/encoders/encoder.ts";
import { BatchNorm } from "../../src/nn/batchnorm.ts";
import { Conv2d } from "../../src/nn/conv2d.ts";
import { encoderPromises } from "../../src/testing/encoder.ts";
import { outcomesOf } from "../../src/testing/promise.ts";
import { isRecording } from "../../src/torch/autograd.ts";
import { ones, zeros } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { keep } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";

/** One convolution and its norm. */
class Plain extends ConvEncoder {
  readonly features: number = 6;
  protected readonly conv: Conv2d;
  protected readonly norm: BatchNorm;

  constructor({ channels, generator }: BuildContext) {
    super();
    this.conv = this.child("conv", new Conv2d(channels, 6, 3, generator, { padding: 1, stride: 2 }));
    this.norm = this.child("norm", new BatchNorm(6));
  }
  override featureMap(x: Tensor): Tensor {
    return this.conv.normed(x, this.norm).relu();
  }
  override blockNames() {
    return [["conv", "norm"]];
  }
}

const plain = (
  changes: Partial<EncoderEntry> = {},
  Made: new (context: BuildContext) => ConvEncoder = Plain,
): EncoderEntry => ({
  name: "plain",
  summary: "one convolution",
  paper: "",
  map: "its map",
  config: z.object({}),
  tuning: {},
  build: (_config, context) => new Made(context),
  ...changes,
});

async function broken(entry: EncoderEntry, only?: string): Promise<Record<string, string>> {
  const asked = encoderPromises.filter(({ name }) => only === undefined || name === only);
  const outcomes = await outcomesOf("encoder plain", entry, asked);
  return Object.fromEntries(
    outcomes.flatMap(({ name, broken: why }) => (why === null ? [] : [[name, why.message]])),
  );
}

test("the encoder as it is keeps every promise", async () => {
  expect(await broken(plain())).toEqual({});
});

const BROKEN: [name: string, entry: EncoderEntry, message: RegExp][] = [
  ["shape", plain({ map: undefined as never }), /map must be a line on what its feature map is, got nothing/],
  [
    "settings",
    plain({ config: z.object({ side: z.number().min(1).default(3) }), tuning: { side: "fixed" } }),
    /setting side must be described/,
  ],
  [
    "settings",
    plain({ config: z.object({ side: z.number().default(3).describe("side") }), tuning: { side: "fixed" } }),
    /setting side must be a number with a range/,
  ],
  [
    "choices",
    plain({
      config: z.object({ deep: z.boolean().default(false).describe("deeper") }),
      tuning: { deep: "choices" },
      build: ({ deep }, context) => {
        if (deep) throw new RangeError("not written yet");
        return new Plain(context);
      },
    }),
    /its code must be free of exceptions, got "RangeError: not written yet"/,
  ],
  [
    "sizes",
    plain(
      {},
      class extends Plain {
        override readonly features = 7;
      },
    ),
    /the features of 3 × 48 × 48 must be \(2, 7\), got \[2,6\]/,
  ],
  [
    "gradients",
    plain(
      {},
      class extends Plain {
        readonly unused = this.child("unused", new Conv2d(3, 3, 3, new Generator(1), {}));
      },
    ),
    /the gradient at unused.weight must be there, got "none"/,
  ],
  [
    "gradients",
    plain(
      {},
      class extends Plain {
        override pool(map: Tensor): Tensor {
          return this.training ? super.pool(map) : super.pool(map.detach());
        }
      },
    ),
    /the gradient at the map must be there, and not 0|its code must be free of exceptions/,
  ],
  [
    "blocks",
    plain(
      {},
      class extends Plain {
        override blockNames() {
          return [["conv"]];
        }
      },
    ),
    /the blocks of norm.weight must be exactly one, got 0/,
  ],
  [
    "blocks",
    plain(
      {},
      class extends Plain {
        override blockNames(): string[][] {
          return [];
        }
      },
    ),
    /blockNames must be one or more blocks/,
  ],
  [
    "evaluation",
    plain(
      {},
      class extends Plain {
        override pool(map: Tensor): Tensor {
          // Normalised over the batch, as if it always trained.
          return super.pool(map.sub(map.mean([0, 2, 3], true)));
        }
      },
    ),
    /an image's features must be the same alone as in a batch/,
  ],
  [
    "evaluation",
    plain(
      {},
      class extends Plain {
        override pool(map: Tensor): Tensor {
          return super.pool(map).mul(1 + Math.random());
        }
      },
    ),
    /the features must be the same each time/,
  ],
  [
    "folding",
    plain(
      {},
      class extends Plain {
        override featureMap(x: Tensor): Tensor {
          return this.training || isRecording() ? super.featureMap(x) : this.conv.forward(x).relu();
        }
      },
    ),
    /features without recording \(norms folded\) must be those with it/,
  ],
  [
    "seed",
    plain(
      {},
      class extends Plain {
        constructor(context: BuildContext) {
          super({ ...context, generator: new Generator(7) });
        }
      },
    ),
    /weights of another seed must be others, got "the same"/,
  ],
  [
    "state",
    plain(
      {},
      class extends Plain {
        // A weight that is no parameter and no buffer is not saved.
        private readonly gain: number;
        constructor(context: BuildContext) {
          super(context);
          this.gain = context.generator.uniform([1]).item();
        }
        override pool(map: Tensor): Tensor {
          return super.pool(map).mul(1 + this.gain);
        }
      },
    ),
    /features after load must be those of the encoder whose state it is/,
  ],
  [
    "precision",
    plain(
      {},
      class extends Plain {
        private readonly gain = this.param("gain", ones([1], { dtype: "float64" }));
        override pool(map: Tensor): Tensor {
          return super.pool(map).mul(this.gain);
        }
      },
    ),
    /parameter gain must be float32, got "float64"/,
  ],
  [
    "leaks",
    plain(
      {},
      class extends Plain {
        override pool(map: Tensor): Tensor {
          keep(zeros([1]));
          return super.pool(map);
        }
      },
    ),
    /tensors of a pass must be 0 more, got 2/,
  ],
  [
    "invariance",
    plain({ invariant: true }),
    /features of an image turned by 180 degrees must be those of the image/,
  ],
];

test.each(BROKEN)("%s (%#)", async (name, entry, message) => {
  expect((await broken(entry, name))[name]).toMatch(message);
});

test("every promise is broken by one of these", () => {
  const names = BROKEN.map(([name]) => name);
  expect(encoderPromises.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
});
