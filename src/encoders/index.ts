/** Encoders, their registry, and the networks built from them. */
export {
  type BuildContext,
  ConvEncoder,
  Encoder,
  type EncoderEntry,
  encoderEntryOf,
  type Mapped,
} from "./encoder.ts";
export { EquivariantCnn } from "./equivariant/cnn.ts";
export { Group, type GroupName, groupNames, transform } from "./equivariant/group.ts";
export { Head, headConfig } from "./head.ts";
export { buildNetwork, type EncoderNetwork, type NetworkOptions } from "./network.ts";
export { buildEncoder, encoders } from "./registry.ts";
export { VisionTransformer } from "./vit.ts";
export { loadEncoderWeights, type WeightsReport } from "./weights.ts";
