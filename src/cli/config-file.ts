/** The file layer of a command's configuration: `--config FILE.yaml` (JSON is YAML too). */
import type { ConfigFile } from "../foundation/config.ts";
import { refuse } from "../foundation/errors.ts";
import { readYaml } from "../foundation/yaml.ts";

/** @throws ArcletError naming the file, and the line where it is not YAML */
export function readConfigFile(path: string): ConfigFile {
  const file = readYaml(path);
  const values = file.values ?? {};
  if (typeof values !== "object" || Array.isArray(values))
    refuse(path, "the file", "keys and values", values);
  return { path, values: values as Record<string, unknown>, lineOf: file.lineOf };
}
