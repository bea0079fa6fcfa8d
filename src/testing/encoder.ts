/** What networks, their training and their explanations rely on in an encoder. */
import type { Encoder, EncoderEntry } from "../encoders/encoder.ts";
import { resolveConfig } from "../foundation/config.ts";
import { holdEncoder, type Values } from "../plugins/entry-contracts.ts";
import type { AnyEncoder } from "../plugins/plugin.ts";
import { autocast, grad, noGrad } from "../torch/autograd.ts";
import { Generator } from "../torch/random.ts";
import { liveTensors, tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { differing } from "./bits.ts";
import { expected, holdTo, type Promised, promisesOf } from "./promise.ts";
import { checkDescribed, choicesOf } from "./settings.ts";

const promise = promisesOf<EncoderEntry>();

/** Small, since the promises about a pass don't depend on it; `sizes` uses others. */
const SIZE = [32, 32] as const;

interface BuildOptions {
  channels?: number;
  size?: readonly [number, number];
  seed?: number;
  /** Those that are not at their defaults. */
  settings?: Record<string, unknown>;
}

/** Runs a body on an encoder with settings that suit the size, and frees it. */
function withEncoder<T>(
  entry: EncoderEntry,
  { channels = 3, size = SIZE, seed = 0, settings = {} }: BuildOptions,
  body: (encoder: Encoder) => T,
): T {
  const flags: Record<string, unknown> = { ...entry.fitting?.(size), ...settings };
  const { values } = resolveConfig(`encoder ${entry.name}`, entry.config, { flags });
  const encoder = tidy(() => entry.build(values, { channels, size, generator: new Generator(seed) }));
  try {
    return body(encoder);
  } finally {
    encoder.dispose();
  }
}

const images = (count: number, channels = 3, size: readonly number[] = SIZE): Tensor =>
  new Generator(1).normal([count, channels, ...size]);

/** The largest difference relative to the largest value. */
function apart(a: Tensor, b: Tensor): number {
  const top = Math.max(a.abs().max().item(), b.abs().max().item(), 1e-12);
  return a.sub(b).abs().max().item() / top;
}

const shape = promise("shape", "everything that the contract requires is declared", (entry) => {
  holdEncoder(`encoder ${entry.name}`, entry as unknown as Values);
});

const settings = promise(
  "settings",
  "every setting is described, and every number has a range",
  ({ config }) => checkDescribed(config),
);

const choices = promise("choices", "every choice of each setting gives finite features", (entry) => {
  for (const { key, value } of choicesOf(entry.config))
    withEncoder(entry, { settings: { [key]: value } }, (encoder) => {
      const finite = tidy(() =>
        noGrad(() => encoder.train(false).forward(images(2)).isfinite().all().item()),
      );
      if (finite !== 1) expected(`features with ${key} ${value}`, "finite", "NaN or infinity");
    });
});

const sizes = promise(
  "sizes",
  "map and features have their stated sizes, on square and oblong images of one band and of three",
  (entry) => {
    for (const [channels, size] of [
      [3, [48, 48]],
      [1, [45, 33]],
    ] as const)
      withEncoder(entry, { channels, size }, (encoder) =>
        tidy(() =>
          noGrad(() => {
            encoder.train(false);
            const x = images(2, channels, size);
            const { map, features } = encoder.mapped(x);
            const on = `${channels} × ${size.join(" × ")}`;
            if (map.ndim !== 4 || map.shape[0] !== 2) expected(`the map of ${on}`, "(2, F, h, w)", map.shape);
            if (String(features.shape) !== String([2, encoder.features]))
              expected(`the features of ${on}`, `(2, ${encoder.features})`, features.shape);
            if (!(features.isfinite().all().item() === 1))
              expected(`the features of ${on}`, "finite", "NaN or infinity");
            if (apart(encoder.forward(x), features) > 0)
              expected(`forward of ${on}`, "the features that mapped gives", "others");
          }),
        ),
      );
  },
);

const gradients = promise(
  "gradients",
  "the features' gradient reaches every parameter, and the map that explanations are drawn on",
  (entry) => {
    withEncoder(entry, {}, (encoder) => {
      tidy(() => encoder.mapped(images(4)).features.square().sum().backward());
      for (const [name, parameter] of encoder.namedParameters())
        tidy(() => {
          const { grad: gradient } = parameter;
          if (gradient === null) expected(`the gradient at ${name}`, "there", "none");
          if (!(gradient.isfinite().all().item() === 1))
            expected(`the gradient at ${name}`, "finite", "NaN or infinity");
        });
      tidy(() => {
        const { map, features } = encoder.train(false).mapped(images(2));
        const [gradient] = grad(features.square().sum(), [map]);
        if (!gradient || !(gradient.abs().sum().item() > 0))
          expected("the gradient at the map", "there, and not 0", "none");
      });
    });
  },
);

const blocks = promise("blocks", "its blocks hold every parameter once", (entry) => {
  withEncoder(entry, {}, (encoder) => {
    const names = encoder.blockNames();
    if (names.length === 0 || names.some((block) => block.length === 0))
      expected("blockNames", "one or more blocks, each with names", names);
    const beginnings = names.flat();
    for (const name of encoder.namedParameters().keys()) {
      const own = beginnings.filter((start) => name === start || name.startsWith(`${start}.`));
      if (own.length !== 1) expected(`the blocks of ${name}`, "exactly one", own.length);
    }
  });
});

const evaluation = promise(
  "evaluation",
  "when it does not train, an image's features are the same each time, whatever else is in the batch",
  (entry) => {
    withEncoder(entry, {}, (encoder) =>
      tidy(() => {
        noGrad(() => encoder.forward(images(4))); // moves running statistics off their initial values
        encoder.train(false);
        const x = images(3);
        const features = noGrad(() => encoder.forward(x));
        if (
          apart(
            features,
            noGrad(() => encoder.forward(x)),
          ) > 0
        )
          expected("the features", "the same each time", "others");
        const alone = noGrad(() => encoder.forward(x.narrow(0, 1, 1)));
        const off = apart(features.narrow(0, 1, 1), alone);
        if (!(off < 1e-3)) expected("an image's features", "the same alone as in a batch", `${off} apart`);
      }),
    );
  },
);

const folding = promise(
  "folding",
  "when it does not train, it gives the same features whether gradients are recorded or not",
  (entry) => {
    withEncoder(entry, {}, (encoder) =>
      tidy(() => {
        noGrad(() => encoder.forward(images(4)));
        encoder.train(false);
        const x = images(2);
        const off = apart(
          noGrad(() => encoder.forward(x)),
          encoder.forward(x).detach(),
        );
        if (!(off < 1e-3))
          expected("features without recording (norms folded)", "those with it", `${off} apart`);
      }),
    );
  },
);

const weightsOf = (encoder: Encoder) =>
  new Map(
    [...encoder.state()].map(([name, value]) => [name, tidy(() => String(value.to("float64").sum().item()))]),
  );

const seed = promise(
  "seed",
  "the same seed gives the same network, and another seed another one",
  (entry) => {
    const [a, b, c] = [1, 1, 2].map((value) =>
      withEncoder(entry, { channels: 1, seed: value }, (encoder) => weightsOf(encoder)),
    );
    const name = differing(a!, b!);
    if (name !== undefined) expected(`weights ${name}`, "the same of one seed", "others");
    if (differing(a!, c!) === undefined) expected("weights of another seed", "others", "the same");
  },
);

const state = promise(
  "state",
  "its state, loaded into another encoder with the same settings, makes it the same",
  (entry) => {
    withEncoder(entry, { seed: 1 }, (encoder) =>
      withEncoder(entry, { seed: 2 }, (other) =>
        tidy(() => {
          noGrad(() => encoder.forward(images(4)));
          other.load(encoder.state());
          const x = images(2);
          const [a, b] = [encoder, other].map((network) => noGrad(() => network.train(false).forward(x)));
          const off = apart(a!, b!);
          if (off > 0)
            expected("features after load", "those of the encoder whose state it is", `${off} apart`);
        }),
      ),
    );
  },
);

const precision = promise(
  "precision",
  "it gives finite features in bfloat16, and its weights stay float32",
  (entry) => {
    withEncoder(entry, {}, (encoder) => {
      const finite = tidy(() =>
        noGrad(() =>
          autocast("bfloat16", () => encoder.train(false).forward(images(2)))
            .isfinite()
            .all()
            .item(),
        ),
      );
      if (finite !== 1) expected("features in bfloat16", "finite", "NaN or infinity");
      for (const [name, { dtype }] of encoder.namedParameters())
        if (dtype !== "float32") expected(`parameter ${name}`, "float32", dtype);
    });
  },
);

const leaks = promise("leaks", "passes leave no tensor behind, and dispose frees what it made", (entry) => {
  const before = liveTensors();
  withEncoder(entry, { channels: 1 }, (encoder) => {
    const pass = () => {
      tidy(() => void encoder.train().forward(images(2, 1)));
      tidy(() => void noGrad(() => encoder.train(false).forward(images(2, 1))));
    };
    pass();
    const after = liveTensors();
    pass();
    if (liveTensors() !== after) expected("tensors of a pass", "0 more", liveTensors() - after);
  });
  if (liveTensors() !== before) expected("tensors left after dispose", "0", liveTensors() - before);
});

const invariance = promise(
  "invariance",
  "its features stay the same when the image is turned by 180 degrees or mirrored, if it is declared invariant",
  (entry) => {
    if (entry.invariant !== true) return;
    withEncoder(entry, {}, (encoder) =>
      tidy(() =>
        noGrad(() => {
          encoder.train(false);
          const x = images(2);
          for (const [how, moved] of [
            ["turned by 180 degrees", x.flip([2, 3])],
            ["mirrored", x.flip([3])],
          ] as const) {
            const off = apart(encoder.forward(x), encoder.forward(moved));
            if (!(off < 1e-3)) expected(`features of an image ${how}`, "those of the image", `${off} apart`);
          }
        }),
      ),
    );
  },
);

export const encoderPromises: readonly Promised<EncoderEntry>[] = [
  shape,
  settings,
  choices,
  sizes,
  gradients,
  blocks,
  evaluation,
  folding,
  seed,
  state,
  precision,
  leaks,
  invariance,
];

/**
 * Checks that an encoder keeps all promises.
 *
 * @throws ArcletError at the first broken one: its name, what was expected and what came
 */
export const checkEncoder = (entry: AnyEncoder): Promise<void> =>
  holdTo(`encoder ${entry.name}`, entry as unknown as EncoderEntry, encoderPromises);
