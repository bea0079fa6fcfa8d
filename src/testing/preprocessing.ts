/** What networks rely on in a kind of preprocessing. */
import type { ImageDomain } from "../dataset/dataset.ts";
import type { PixelKind } from "../dataset/info.ts";
import { type Kind, stretchOptions } from "../dataset/views/preprocessing/kind.ts";
import { holdPreprocessing, type Values } from "../plugins/entry-contracts.ts";
import type { AnyPreprocessing } from "../plugins/plugin.ts";
import { tensor } from "../torch/create.ts";
import { Generator } from "../torch/random.ts";
import { liveTensors, tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { expected, holdTo, type Promised, promisesOf } from "./promise.ts";

const promise = promisesOf<Kind>();

const BANDS = ["g", "r", "i"];
const ROWS = 24;
const SIDE = 8;

/** Images with a bright middle and independent noise in each band, as 8 bits or as flux with negative values. */
function imagesOf(pixels: PixelKind): Tensor {
  return tidy(() => {
    const random = new Generator(7);
    const noise = random.normal([ROWS, BANDS.length, SIDE, SIDE]);
    const bright = random.uniform([ROWS, 1, 1, 1]).mul(20).expand([ROWS, BANDS.length, 2, 2]);
    noise.narrow(2, 3, 2).narrow(3, 3, 2).copy_(bright);
    return pixels === "flux" ? noise : noise.mul(8).add(60).clamp(0, 255).to("uint8");
  });
}

/** The images as a dataset of a survey with these bands. */
function domainOf(pixels: PixelKind): ImageDomain {
  const names = Array.from({ length: ROWS }, (_, i) => `made-${i}`);
  return {
    folder: "made-up",
    info: {
      ...{ format: 1, name: "made-up", survey: "cfhtls", bands: BANDS, pixelScale: 0.186, pixels },
      ...{
        shape: [BANDS.length, SIDE, SIDE],
        shards: [],
        count: ROWS,
        provenance: {},
        contentHash: "0".repeat(64),
      },
    },
    count: ROWS,
    ids: names,
    groups: names,
    splits: names.map(() => "train" as const),
    rows: () => Int32Array.from(names, (_, i) => i),
    images: (rows) => tidy(() => imagesOf(pixels).indexSelect(0, tensor(Int32Array.from(rows)))),
    imageHashes: () => names,
    positions: () => undefined,
    close: () => {},
  };
}

const pixelsOf = ({ pixels }: Kind): PixelKind[] => (pixels === "any" ? ["flux", "display"] : [pixels]);

/** The preprocessing fitted to images of a kind of pixels, as stored in a model's file. */
function fitted(kind: Kind, pixels: PixelKind): Parameters<Kind["apply"]>[0] {
  const domain = domainOf(pixels);
  const from = { domain, rows: domain.rows(), options: stretchOptions.parse({}), where: "made-up" };
  const about = { version: 1 as const, bands: BANDS, pixelScale: domain.info.pixelScale, pixels };
  const whole = { kind: kind.name, ...about, ...tidy(() => kind.fit(from)) };
  const parsed = kind.schema.safeParse(JSON.parse(JSON.stringify(whole)));
  if (!parsed.success) expected(`what fit makes of ${pixels}`, "numbers of its schema", whole);
  return parsed.data;
}

const applied = (kind: Kind, values: Parameters<Kind["apply"]>[0], images: Tensor): Tensor =>
  tidy(() => kind.apply(values, images.to("float32")));

const shape = promise("shape", "everything that the contract requires is declared", (kind) => {
  holdPreprocessing(`preprocessing ${kind.name}`, kind as unknown as Values);
});

const fits = promise(
  "fits",
  "what it measures on a dataset is plain numbers that its schema accepts, the same each time",
  (kind) => {
    for (const pixels of pixelsOf(kind)) {
      const [a, b] = [0, 1].map(() => JSON.stringify(fitted(kind, pixels)));
      if (a !== b) expected(`what fit makes of ${pixels} again`, a!, b);
    }
  },
);

const applies = promise(
  "applies",
  "it gives finite float32 images with the channels that it declares",
  (kind) => {
    for (const pixels of pixelsOf(kind))
      tidy(() => {
        const values = fitted(kind, pixels);
        const channels = kind.channels?.(values) ?? BANDS.length;
        const out = applied(kind, values, imagesOf(pixels));
        const size = [ROWS, channels, SIDE, SIDE];
        if (String(out.shape) !== String(size))
          expected(`the images' shape of ${pixels}`, `(${size})`, out.shape);
        if (out.dtype !== "float32") expected(`the images of ${pixels}`, "float32", out.dtype);
        if (out.isfinite().all().item() !== 1)
          expected(`the images of ${pixels}`, "finite", "NaN or infinity");
      });
  },
);

const alone = promise(
  "alone",
  "an image becomes the same alone as in a batch, and its input does not change",
  (kind) => {
    for (const pixels of pixelsOf(kind))
      tidy(() => {
        const values = fitted(kind, pixels);
        const images = imagesOf(pixels).to("float32");
        const before = String(images.numbers());
        const whole = applied(kind, values, images).narrow(0, 2, 1);
        const off = whole
          .sub(applied(kind, values, images.narrow(0, 2, 1)))
          .abs()
          .max()
          .item();
        if (!(off < 1e-5)) expected(`an image of ${pixels}`, "the same alone as in a batch", `${off} apart`);
        if (String(images.numbers()) !== before) expected("its input", "what it was", "another");
      });
  },
);

const leaks = promise("leaks", "it leaves no tensor behind", (kind) => {
  for (const pixels of pixelsOf(kind)) {
    const before = liveTensors();
    tidy(() => void applied(kind, fitted(kind, pixels), imagesOf(pixels)));
    if (liveTensors() !== before) expected("tensors left", "0", liveTensors() - before);
  }
});

/** What Arclet relies on in every preprocessing. */
export const preprocessingPromises: readonly Promised<Kind>[] = [shape, fits, applies, alone, leaks];

/**
 * Checks that a kind of preprocessing keeps all promises.
 *
 * @throws ArcletError at the first broken one: its name, what was expected and what came
 */
export const checkPreprocessing = (kind: AnyPreprocessing): Promise<void> =>
  holdTo(`preprocessing ${kind.name}`, kind as unknown as Kind, preprocessingPromises);
