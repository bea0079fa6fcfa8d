/** What a run's network is: as the configuration asks, or as the model it starts from has it. */
import type { Dataset } from "../dataset/dataset.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import type { EncoderNetwork } from "../encoders/network.ts";
import { encoderEntry } from "../encoders/registry.ts";
import { type Origin, resolveConfig } from "../foundation/config.ts";
import { ArcletError } from "../foundation/errors.ts";
import { textKey } from "../foundation/random.ts";
import { imageLayout } from "../torch/machine.ts";
import { Generator } from "../torch/random.ts";
import { ownSettings, type TrainConfig } from "./config.ts";
import { type Blueprint, type ModelInfo, networkOf } from "./model.ts";

/** A network with fresh weights, as the configuration asks. */
export function freshBlueprint(
  config: TrainConfig,
  source: Dataset,
  preprocessing: Preprocessing,
): Blueprint {
  const name = config.encoder;
  const { values } = resolveConfig(`encoder ${name}`, encoderEntry(name).config, {
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
export const startBlueprint = ({ encoder, head, classes, shape, preprocessing }: ModelInfo): Blueprint => ({
  encoder,
  head,
  classes,
  shape,
  preprocessing,
});

/** What stands in a starting model can't be asked to be otherwise. */
export function refuseOtherStart(
  config: TrainConfig,
  origin: Record<string, Origin>,
  source: Dataset,
  { file, info }: { file: string; info: ModelInfo },
): void {
  const other = (what: string, has: unknown, asked: unknown) =>
    new ArcletError({
      where: file,
      code: "conflict",
      problem: `has ${what} ${JSON.stringify(has)}, asked was ${JSON.stringify(asked)}`,
    });
  if (info.classes.join() !== source.info.classes.join())
    throw new ArcletError({
      where: file,
      code: "conflict",
      problem: `has classes ${info.classes}, the source has ${source.info.classes}`,
    });
  if ((origin.encoder ?? "default") !== "default" && config.encoder !== info.encoder.name)
    throw other("encoder", info.encoder.name, config.encoder);
  const asked = (origin.preprocess ?? "default") !== "default" ? config.preprocess : null;
  if (asked !== null && asked !== info.preprocessing.kind)
    throw other("preprocessing", info.preprocessing.kind, asked);
  const stretch = Object.entries(config.stretch).find(([, value]) => value !== null);
  if (stretch !== undefined)
    throw new ArcletError({
      where: file,
      code: "conflict",
      problem: `brings its own preprocessing, stretch.${stretch[0]} must be left out`,
    });
  const settings: Record<string, unknown> = {
    ...ownSettings(config, info.encoder.name),
    ...prefixed(config.head),
  };
  const has: Record<string, unknown> = { ...info.encoder.config, ...prefixed(info.head) };
  for (const [key, value] of Object.entries(settings)) {
    const at = key.startsWith("head.") ? key : `${info.encoder.name}.${key}`;
    const given = (origin[at] ?? "default") !== "default";
    if (given && JSON.stringify(value) !== JSON.stringify(has[key])) throw other(at, has[key], value);
  }
}

const prefixed = (head: ModelInfo["head"]) =>
  Object.fromEntries(Object.entries(head ?? {}).map(([key, value]) => [`head.${key}`, value]));

/** Initial weights that the seed decides, the same on every device. */
export const buildStart = (blueprint: Blueprint, seed: number, device: string): EncoderNetwork =>
  networkOf(blueprint, new Generator(textKey(seed, "initial weights")))
    .layout(imageLayout(device))
    .to(device);
