/** The encoders by name. Adding one is one file and one line here. */

import { resolveConfig } from "../foundation/config.ts";
import { unknown } from "../foundation/errors/unknown.ts";
import { cnn } from "./cnn.ts";
import { convnextAtto } from "./convnext.ts";
import { densenet121 } from "./densenet.ts";
import { efficientnetB2 } from "./efficientnet.ts";
import type { BuildContext, Encoder, EncoderEntry } from "./encoder.ts";
import { equivariant } from "./equivariant/cnn.ts";
import { lenet } from "./lenet.ts";
import { resnet34d } from "./resnet.ts";
import { vitTiny } from "./vit.ts";

export const encoders: Record<string, EncoderEntry> = {
  cnn,
  lenet,
  equivariant,
  resnet34d,
  tf_efficientnet_b2_ns: efficientnetB2,
  densenet121,
  vit_tiny_patch16_224: vitTiny,
  convnext_atto: convnextAtto,
};

/** @throws ArcletError for a name that is not known */
export function encoderEntry(name: string): EncoderEntry {
  const found = Object.hasOwn(encoders, name) ? encoders[name] : undefined;
  if (found !== undefined) return found;
  throw unknown("encoder", "name", name, Object.keys(encoders));
}

/**
 * Builds an encoder with fresh weights.
 *
 * @param config its own configuration; what is left out takes its default
 * @throws ArcletError for an unknown name or key, or a wrong value
 */
export function buildEncoder(name: string, config: Record<string, unknown>, context: BuildContext): Encoder {
  const entry = encoderEntry(name);
  const { values } = resolveConfig(`encoder ${name}`, entry.config, { flags: config });
  return entry.build(values, context);
}
