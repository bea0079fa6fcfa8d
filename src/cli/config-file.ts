/** The file of a command's settings: `--config FILE.yaml` (JSON is YAML too). */
import type { ConfigFile } from "../foundation/config.ts";
import { refuse } from "../foundation/errors.ts";
import { readYaml } from "../foundation/yaml.ts";
import { load, pluginsInFile } from "./plugin-flag.ts";

/** @throws ArcletError with the file, and the line that is not YAML */
export function readConfigFile(path: string): ConfigFile {
  const file = readYaml(path);
  const values = file.values ?? {};
  if (typeof values !== "object" || Array.isArray(values))
    refuse(path, "the file", "keys and values", values);
  return { path, values: values as Record<string, unknown>, lineOf: file.lineOf };
}

/** Reads the values of train that several runs share, and loads the file's plug-ins. */
export async function readBase(path: string): Promise<Record<string, unknown>> {
  const { file, plugins } = pluginsInFile(readConfigFile(path));
  await load(plugins);
  return file.values;
}
