/** The encoders by name. To add one, write its file and one line here. */
import { resolveConfig } from "../foundation/config.ts";
import { registry } from "../foundation/registry.ts";
import { cnn } from "./cnn.ts";
import { convnextAtto } from "./convnext.ts";
import { densenet121 } from "./densenet.ts";
import { efficientnetB2 } from "./efficientnet.ts";
import type { BuildContext, Encoder, EncoderEntry } from "./encoder.ts";
import { equivariant } from "./equivariant/cnn.ts";
import { lenet } from "./lenet.ts";
import { resnet34d } from "./resnet.ts";
import { vitTiny } from "./vit.ts";

export const encoders = registry<EncoderEntry>("encoder", [
  cnn,
  lenet,
  equivariant,
  resnet34d,
  efficientnetB2,
  densenet121,
  vitTiny,
  convnextAtto,
]);

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
