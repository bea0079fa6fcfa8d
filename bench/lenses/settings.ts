/** The lenses' table: encoders, methods, and what each is told. */

/** Small enough for two cores; every encoder has the same head. */
const HEAD = { width: 256, dropout: 0.2 };

export const ENCODERS: Record<string, Record<string, unknown>> = {
  resnet34d: { epochs: 4 },
  equivariant: { epochs: 4, equivariant: { fields: [4, 8, 16, 32] } },
  densenet121: { epochs: 4 },
  tf_efficientnet_b2_ns: { epochs: 6 },
};

/** EfficientNet's own momentum of 0.01 is for runs a hundred times as long. */
const NORM = { normMomentum: 0.1, validateOn: 600 };

export const SOURCE = { ...NORM, head: HEAD, batch: 64, lr: 2e-3, warmup: 0.5, weightDecay: 1e-2 };

/** Steps of an epoch of adaptation, and epochs. */
const SHORT = { ...NORM, stepsPerEpoch: 40 };
const joint = (more: object = {}) => ({ epochs: 2, batch: 32, lr: 3e-4, batchNorm: "apart", ...more });

export const METHODS: Record<string, { method: string; values: Record<string, unknown> }> = {
  adabn: { method: "adabn", values: { ...SHORT, adabn: { epochs: 1, batch: 32 } } },
  adda: {
    method: "adda",
    values: {
      ...SHORT,
      adda: {
        epochs: 2,
        batch: 32,
        lr: 1e-4,
        discriminatorLr: 1e-3,
        batchNorm: "target",
        sourceAnchor: 1,
        warmup: 0,
      },
    },
  },
  "self-ensembling": {
    method: "self-ensembling",
    values: { ...SHORT, selfEnsembling: { epochs: 2, batch: 32, lr: 3e-4, confidence: 0.8, alpha: 0.95 } },
  },
  adamatch: {
    method: "adamatch",
    values: {
      ...SHORT,
      adamatch: { epochs: 2, batch: 16, uratio: 2, lr: 3e-4, optimizer: "adamw", average: 0.95 },
    },
  },
  dann: { method: "dann", values: { ...SHORT, dann: joint() } },
  cdan: { method: "cdan", values: { ...SHORT, cdan: joint() } },
  "cdan + mcc": { method: "cdan", values: { ...SHORT, cdan: joint({ confusion: 1 }) } },
  dan: { method: "dan", values: { ...SHORT, dan: joint() } },
  coral: { method: "coral", values: { ...SHORT, coral: joint() } },
  wdgrl: { method: "wdgrl", values: { ...SHORT, wdgrl: joint() } },
  mcc: { method: "mcc", values: { ...SHORT, mcc: joint() } },
};
