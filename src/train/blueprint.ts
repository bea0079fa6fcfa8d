/** The architecture of a run's network: from the configuration, or from the model that it starts from. */
import type { LabelledDomain } from "../dataset/dataset.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import type { EncoderNetwork } from "../encoders/network.ts";
import { encoders } from "../encoders/registry.ts";
import { type Origin, resolveConfig } from "../foundation/config.ts";
import { ArcletError } from "../foundation/errors.ts";
import { textKey } from "../foundation/random.ts";
import { imageLayout } from "../torch/machine.ts";
import { Generator } from "../torch/random.ts";
import { ownSettings, type TrainConfig } from "./config.ts";
import { type Blueprint, type ModelInfo, networkOf } from "./model.ts";

/** A fresh network, from the configuration. */
export function freshBlueprint(
  config: TrainConfig,
  source: LabelledDomain,
  preprocessing: Preprocessing,
): Blueprint {
  const name = config.encoder;
  const { values } = resolveConfig(`encoder ${name}`, encoders.find(name).config, {
    flags: ownSettings(config, name),
  });
  return {
    encoder: { name, config: JSON.parse(JSON.stringify(values)) },
    head: config.head,
    classes: source.info.classes,
    shape: source.info.shape,
    preprocessing,
  };
}

/** The network of a starting model. */
export const startBlueprint = ({
  encoder,
  head,
  classes,
  outputs,
  shape,
  preprocessing,
}: ModelInfo): Blueprint => ({ encoder, head, classes, ...(outputs && { outputs }), shape, preprocessing });

/** @throws ArcletError when a setting that was given differs from the starting model's */
export function refuseOtherStart(
  config: TrainConfig,
  origin: Record<string, Origin>,
  source: LabelledDomain,
  { file, info }: { file: string; info: ModelInfo },
): void {
  const mismatch = (what: string, actual: unknown, requested: unknown) =>
    new ArcletError({
      where: file,
      code: "conflict",
      problem: `must have ${what} ${JSON.stringify(requested)}, got ${JSON.stringify(actual)}`,
    });
  if (info.kernel !== undefined)
    throw new ArcletError({
      where: file,
      code: "unsupported",
      problem: "is a probe, whose classifier can't be trained further",
      fix: "start from the model that the probe was made of",
    });
  if (info.classes.join() !== source.info.classes.join())
    throw new ArcletError({
      where: file,
      code: "conflict",
      problem: `has classes ${info.classes}, the source has ${source.info.classes}`,
    });
  if ((origin.encoder ?? "default") !== "default" && config.encoder !== info.encoder.name)
    throw mismatch("encoder", info.encoder.name, config.encoder);
  const requested = (origin.preprocess ?? "default") !== "default" ? config.preprocess : null;
  if (requested !== null && requested !== info.preprocessing.kind)
    throw mismatch("preprocessing", info.preprocessing.kind, requested);
  const stretch = Object.entries(config.stretch).find(([, value]) => value !== null);
  if (stretch !== undefined)
    throw new ArcletError({
      where: file,
      code: "conflict",
      problem: `has its own preprocessing, so stretch.${stretch[0]} must be left out`,
    });
  const settings: Record<string, unknown> = {
    ...ownSettings(config, info.encoder.name),
    ...prefixed(config.head),
  };
  const actual: Record<string, unknown> = { ...info.encoder.config, ...prefixed(info.head) };
  for (const [key, value] of Object.entries(settings)) {
    const path = key.startsWith("head.") ? key : `${info.encoder.name}.${key}`;
    const given = (origin[path] ?? "default") !== "default";
    if (given && JSON.stringify(value) !== JSON.stringify(actual[key]))
      throw mismatch(path, actual[key], value);
  }
}

const prefixed = (head: ModelInfo["head"]) =>
  Object.fromEntries(Object.entries(head ?? {}).map(([key, value]) => [`head.${key}`, value]));

/** The network with initial weights drawn from the seed, the same on every device. */
export const buildStart = (blueprint: Blueprint, seed: number, device: string): EncoderNetwork =>
  networkOf(blueprint, new Generator(textKey(seed, "initial weights")))
    .layout(imageLayout(device))
    .to(device);
