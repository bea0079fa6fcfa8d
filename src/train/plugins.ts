/** Which plug-ins a run and its models were made with. */
import { methods } from "../adapt/registry.ts";
import { validators } from "../adapt/validators/registry.ts";
import { preprocessings } from "../dataset/views/preprocessing/registry.ts";
import { encoders } from "../encoders/registry.ts";
import { type PluginFile, plugInsOf } from "../foundation/plugins.ts";
import type { Blueprint } from "./model.ts";

type Parts = Pick<Blueprint, "encoder" | "preprocessing">;

/** A key for a file, left out where there are none: files without plug-ins stay as they were. */
const keyOf = (plugins: PluginFile[]): { plugins?: PluginFile[] } =>
  plugins.length === 0 ? {} : { plugins };

const ofNetwork = ({ encoder, preprocessing }: Parts) => [
  encoders.originOf(encoder.name),
  preprocessings.originOf(preprocessing.kind),
];

/** What a model can't be used without. */
export const pluginsOfModel = (parts: Parts) => keyOf(plugInsOf(ofNetwork(parts)));

/** What a run computes with: beside its network its method, and all validators, since each epoch is scored by all. */
export const pluginsOfRun = (method: string, parts: Parts) =>
  keyOf(
    plugInsOf([
      methods.originOf(method),
      ...ofNetwork(parts),
      ...validators.names.map((name) => validators.originOf(name)),
    ]),
  );
