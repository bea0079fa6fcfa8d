/** The networks and settings of the digits, by method: the papers', if they are known and fit two cores. */

/** LeNet with a dense layer of 500: ADDA's. */
const LENET = { encoder: "lenet", head: { width: 500, dropout: 0 } };
/** Three convolutions with batch norm, dropout, a dense layer of 256: Self-Ensembling's. */
const FRENCH = {
  encoder: "lenet",
  lenet: { widths: [32, 64, 64], kernels: [5, 3, 3], pooled: [1, 3], norm: true },
  head: { width: 256, dropout: 0.5 },
};
/** Shifts by up to two pixels and noise, as the Self-Ensembling paper; digits are not mirrored or turned. */
const upright = { flips: false, rotations: false, shift: 2, crop: 1, brightness: 0, noise: 0.1 };
const shared = { preprocess: "standardise", weak: upright, strong: { ...upright, crop: 0.7, noise: 0.2 } };

/** Steps of an epoch (both domains are drawn from without end), and how many images validators look at. */
const run = { stepsPerEpoch: 200, validateOn: 1000, epochs: 5, batch: 64, lr: 1e-3 };
const onLenet = { ...LENET, ...shared, ...run };
const onFrench = { ...FRENCH, ...shared, ...run };
const joint = (more: object = {}) => ({ epochs: 3, batch: 64, lr: 1e-3, batchNorm: "apart", ...more });

export interface Row {
  method: string;
  values: Record<string, unknown>;
  /** The row whose run of the same seed it starts from. */
  from?: string;
}

export const METHODS: Record<string, Row> = {
  "source-only (LeNet)": { method: "source-only", values: onLenet },
  adda: {
    method: "adda",
    values: {
      ...onLenet,
      adda: { epochs: 8, batch: 64, lr: 1e-4, discriminatorLr: 2e-4, warmup: 0, discriminator: [500, 500] },
    },
  },
  "source-only": { method: "source-only", values: onFrench },
  // The paper's "TFA": shifts, flips (none of digits) and affine maps.
  "self-ensembling": {
    method: "self-ensembling",
    values: {
      ...onFrench,
      weak: { ...upright, affine: 0.1 },
      selfEnsembling: { epochs: 30, batch: 128, lr: 1e-3, schedule: "cosine" },
    },
  },
  adamatch: { method: "adamatch", values: { ...onFrench, adamatch: { epochs: 8, batch: 32, lr: 0.01 } } },
  dann: { method: "dann", values: { ...onFrench, dann: joint() }, from: "source-only" },
  cdan: { method: "cdan", values: { ...onFrench, cdan: joint() }, from: "source-only" },
  "cdan + mcc": {
    method: "cdan",
    values: { ...onFrench, cdan: joint({ confusion: 1 }) },
    from: "source-only",
  },
  dan: { method: "dan", values: { ...onFrench, dan: joint() }, from: "source-only" },
  coral: { method: "coral", values: { ...onFrench, coral: joint() }, from: "source-only" },
  wdgrl: { method: "wdgrl", values: { ...onFrench, wdgrl: joint() }, from: "source-only" },
  sidda: { method: "sidda", values: { ...onFrench, sidda: joint() }, from: "source-only" },
  mcc: { method: "mcc", values: { ...onFrench, mcc: joint() }, from: "source-only" },
  adabn: { method: "adabn", values: { ...onFrench, adabn: { epochs: 1, batch: 64 } }, from: "source-only" },
  "target-only": { method: "target-only", values: onFrench },
};
