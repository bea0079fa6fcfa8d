/** Encoders, their registry, and the networks built from them. */
export { type BuildContext, Encoder } from "./encoder.ts";
export { EquivariantCnn } from "./equivariant/cnn.ts";
export { Group, type GroupName, groupNames, transform } from "./equivariant/group.ts";
export { Head, headConfig } from "./head.ts";
export { buildNetwork, type EncoderNetwork, type NetworkOptions } from "./network.ts";
export { buildEncoder, type EncoderEntry, encoderEntry, encoders } from "./registry.ts";
