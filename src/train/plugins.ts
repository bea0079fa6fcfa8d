/** The plug-ins that a run and its models need. */
import { methods } from "../adapt/registry.ts";
import { validators } from "../adapt/validators/registry.ts";
import { preprocessings } from "../dataset/views/preprocessing/registry.ts";
import { encoders } from "../encoders/registry.ts";
import { type PluginFile, plugInsOf } from "../foundation/plugins.ts";
import type { Blueprint } from "./model.ts";

type Parts = Pick<Blueprint, "encoder" | "preprocessing">;

/** The key of a file, left out without plug-ins, so that such files stay the same. */
const keyOf = (plugins: PluginFile[]): { plugins?: PluginFile[] } =>
  plugins.length === 0 ? {} : { plugins };

const ofNetwork = ({ encoder, preprocessing }: Parts) => [
  encoders.originOf(encoder.name),
  preprocessings.originOf(preprocessing.kind),
];

/** The plug-ins that a model can't be used without. */
export const pluginsOfModel = (parts: Parts) => keyOf(plugInsOf(ofNetwork(parts)));

/** The plug-ins of a run: of its network, its method and all validators, since every validator scores each epoch. */
export const pluginsOfRun = (method: string, parts: Parts) =>
  keyOf(
    plugInsOf([
      methods.originOf(method),
      ...ofNetwork(parts),
      ...validators.names.map((name) => validators.originOf(name)),
    ]),
  );
