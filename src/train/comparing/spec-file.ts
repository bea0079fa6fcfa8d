/** A comparison as the file that it leaves in its folder. */
import { join } from "node:path";
import { Document } from "yaml";
import { flowLists } from "../../foundation/yaml.ts";
import { startOf } from "./plan.ts";
import type { ComparisonSpec } from "./spec.ts";

/** The resolved comparison, in its folder. */
export const specFile = (out: string): string => join(out, "comparison.yaml");

/** The comparison as its file, every default written out: what each row starts from among them. */
export function specYaml(spec: ComparisonSpec): string {
  const methods = Object.entries(spec.methods).map(([row, one]) => [
    row,
    { method: one?.method ?? row, from: startOf(spec, row), settings: one?.settings ?? {} },
  ]);
  const document = new Document({ ...spec, methods: Object.fromEntries(methods) });
  flowLists(document);
  document.commentBefore = ` arclet compare --out ${spec.out} goes on with it`;
  return document.toString({ lineWidth: 100, flowCollectionPadding: true });
}
