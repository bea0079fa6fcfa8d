/** The encoders by name. To add one, write its file and one line here. */
import { resolveConfig } from "../foundation/config.ts";
import { registry } from "../foundation/registry.ts";
import { cnn } from "./cnn.ts";
import {
  convnextAtto,
  convnextBase,
  convnextNano,
  convnextPico,
  convnextSmall,
  convnextTiny,
} from "./convnext.ts";
import { densenet121 } from "./densenet.ts";
import { efficientnetB0, efficientnetB2 } from "./efficientnet.ts";
import type { BuildContext, Encoder, EncoderEntry } from "./encoder.ts";
import { equivariant } from "./equivariant/cnn.ts";
import { lenet } from "./lenet.ts";
import { resnet18, resnet34d, resnet50 } from "./resnet.ts";
import { vitSmallDinov2, vitSmallRegistersDinov2, vitTiny } from "./vit.ts";

const own = [
  cnn,
  lenet,
  equivariant,
  resnet18,
  resnet34d,
  resnet50,
  efficientnetB0,
  efficientnetB2,
  densenet121,
  vitTiny,
  vitSmallDinov2,
  vitSmallRegistersDinov2,
  convnextAtto,
  convnextPico,
  convnextNano,
  convnextTiny,
  convnextSmall,
  convnextBase,
] as const;

/** Arclet's own encoders, each with the type of its settings. */
export type OwnEncoder = (typeof own)[number];

/** All encoders by name, plug-ins' included. */
// The registry drops the types of settings; `build` gets values that its own schema has parsed.
export const encoders = registry<EncoderEntry>(
  "encoder",
  own.map((typed: unknown) => typed as EncoderEntry),
);

/**
 * Builds an encoder with fresh weights.
 *
 * @param config its own configuration; settings left out take their defaults
 * @throws ArcletError for an unknown name or key, or a wrong value
 */
export function buildEncoder(name: string, config: Record<string, unknown>, context: BuildContext): Encoder {
  const entry = encoders.find(name);
  const { values } = resolveConfig(`encoder ${name}`, entry.config, { flags: config });
  return entry.build(values, context);
}
