/** The encoders by name. Adding one is one file and one line here. */
import type { z } from "zod";
import { refuse } from "../foundation/errors.ts";
import { nearest, resolveConfig } from "../foundation/index.ts";
import { Cnn, cnnConfig } from "./cnn.ts";
import type { BuildContext, Encoder } from "./encoder.ts";
import { EquivariantCnn } from "./equivariant/cnn.ts";
import { equivariantConfig } from "./equivariant/config.ts";

export interface EncoderEntry<S extends z.ZodObject = z.ZodObject> {
  /** One line on what it is. */
  summary: string;
  /** The paper it is from. */
  paper: string;
  /** Its configuration; every key has a description. */
  config: S;
  build(config: z.output<S>, context: BuildContext): Encoder;
}

/** Ties `build` to the type of its own configuration, then forgets that type for the table. */
const entry = <S extends z.ZodObject>(value: EncoderEntry<S>): EncoderEntry =>
  value as unknown as EncoderEntry;

export const encoders: Record<string, EncoderEntry> = {
  cnn: entry({
    summary: "a small plain CNN: convolution, batch norm, ReLU, pooling",
    paper: "LeCun et al. 1998, Proc. IEEE 86, 2278",
    config: cnnConfig,
    build: (config, context) => new Cnn(config, context),
  }),
  equivariant: entry({
    summary: "group convolutions: features invariant to rotations and mirrorings of the image",
    paper: "arXiv 1602.07576",
    config: equivariantConfig,
    build: (config, context) => new EquivariantCnn(config, context),
  }),
};

/** @throws ArcletError for a name that is not known */
export function encoderEntry(name: string): EncoderEntry {
  const found = Object.hasOwn(encoders, name) ? encoders[name] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(encoders);
  const near = nearest(name, known);
  return refuse(
    "encoder",
    "name",
    `one of ${known.join(", ")}${near ? ` (did you mean ${near}?)` : ""}`,
    name,
  );
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
