/** The comparison as a file in its folder. */
import { join } from "node:path";
import { Document } from "yaml";
import { flowLists } from "../../foundation/yaml.ts";
import { startOf } from "./plan.ts";
import type { ComparisonSpec } from "./spec.ts";

/** Path of the resolved comparison. */
export const specFile = (out: string): string => join(out, "comparison.yaml");

/** The comparison as YAML, every default written out, including what each row starts from. */
export function specYaml(spec: ComparisonSpec): string {
  const methods = Object.entries(spec.methods).map(([row, entry]) => [
    row,
    { method: entry?.method ?? row, from: startOf(spec, row), settings: entry?.settings ?? {} },
  ]);
  const { plugin, ...rest } = spec;
  const document = new Document({
    ...(plugin.length === 0 ? {} : { plugin }),
    ...rest,
    methods: Object.fromEntries(methods),
  });
  flowLists(document);
  document.commentBefore = ` arclet compare --out ${spec.out} resumes it`;
  return document.toString({ lineWidth: 100, flowCollectionPadding: true });
}
