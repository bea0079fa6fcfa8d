/** The file layer of a command's configuration: `--config FILE.yaml` (JSON is YAML too). */
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { ArcletError, show } from "../foundation/errors.ts";
import { guarded } from "../foundation/files.ts";
import { load, pluginsInFile } from "./plugin-flag.ts";

/** @throws ArcletError naming the file, and the line where it is not YAML */
export function readConfigFile(path: string): { path: string; values: Record<string, unknown> } {
  const text = guarded(path, () => readFileSync(path, "utf8"));
  const document = parseDocument(text, { prettyErrors: true });
  const [wrong] = document.errors;
  if (wrong) {
    const line = wrong.linePos?.[0].line;
    const reason = wrong.message.split("\n")[0]!.replace(/ at line .*$/, "");
    throw new ArcletError(`${path}${line === undefined ? "" : ` line ${line}`}: not valid YAML (${reason})`);
  }
  const values: unknown = document.toJS() ?? {};
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new ArcletError(`${path}: must hold \`key: value\` lines, got ${show(values)}`);
  }
  return { path, values: values as Record<string, unknown> };
}

/** Values of train that others are to share; plug-ins of the file are loaded. */
export async function readBase(path: string): Promise<Record<string, unknown>> {
  const { file, plugins } = pluginsInFile(readConfigFile(path));
  await load(plugins);
  return file.values;
}
