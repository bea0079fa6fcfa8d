/**
 * The table of the project that inspired this one: GSoC 2022, ML4Sci DeepLense. Test AUROC on real HSC cutouts, of which a
 * fifth were its test (94 lenses), source non-lenses being the target's own files, and epochs picked on the test's labels.
 */

/** Its encoders, by our names. */
export const DEEPLENSE_ENCODERS: Readonly<Record<string, string>> = {
  tf_efficientnet_b2_ns: "EfficientNet-B2",
  resnet34d: "ResNet34",
  densenet121: "DenseNet121",
  equivariant: "ECNN",
};

/** AUROC by our method's name, then our encoder's; null if it gives none. */
export const DEEPLENSE_TABLE: Readonly<Record<string, Readonly<Record<string, number | null>>>> = {
  "source-only": { tf_efficientnet_b2_ns: 0.816, resnet34d: null, densenet121: null, equivariant: null },
  adda: { tf_efficientnet_b2_ns: 0.835, resnet34d: 0.797, densenet121: 0.798, equivariant: 0.879 },
  "self-ensembling": {
    tf_efficientnet_b2_ns: 0.604,
    resnet34d: 0.445,
    densenet121: 0.537,
    equivariant: 0.449,
  },
  adamatch: { tf_efficientnet_b2_ns: 0.824, resnet34d: 0.8, densenet121: 0.763, equivariant: 0.795 },
};

/** Its AUROC of a method with an encoder, by our names; null if it has none. */
export const deeplenseAuroc = (method: string, encoder: string): number | null =>
  DEEPLENSE_TABLE[method]?.[encoder] ?? null;
