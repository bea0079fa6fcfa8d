/** The comparison to make: from a YAML file, from flags, or the one that an earlier command left in its folder. */
import type { Origin } from "../../foundation/config.ts";
import { refuse } from "../../foundation/errors.ts";
import { atLine, readYaml } from "../../foundation/yaml.ts";
import { type CompareValues, DEFAULT_OUT } from "../../reports/comparing/config.ts";
import { BASE_ROW, type ComparisonSpec, checkedSpec } from "../../train/comparing/spec.ts";
import { specFile } from "../../train/comparing/spec-file.ts";
import { readConfigFile } from "../config-file.ts";
import { flagOf } from "../options.ts";
import { pluginsInFile } from "../plugin-flag.ts";

/** Flags that are refused with a file, which sets these itself. */
const IN_FILE = ["methods", "encoders", "seeds", "base", "data", "split", "positive", "oracle", "ensembles"];

/** @returns the comparison, and its name in messages */
export function askedFor(
  values: CompareValues,
  origin: Record<string, Origin>,
): { spec: ComparisonSpec; where: string } {
  const { source, target, out, parallel } = values;
  if (source !== null && !/\.(ya?ml|json)$/i.test(source))
    return { spec: specOfFlags(values, source), where: "compare" };
  if (source === null && out === null)
    refuse(
      "compare",
      "<source>",
      "a YAML file, or the source's dataset folder followed by the target's",
      null,
    );
  const where = source ?? specFile(out!);
  const extra = IN_FILE.find((key) => origin[key] !== "default");
  if (extra !== undefined) refuse("compare", flagOf(extra), `left out, since ${where} sets it`, "given");
  if (target !== null) refuse("compare", "<target>", `left out, since ${where} sets it`, target);
  const file = readYaml(where);
  const inFile = file.values;
  const flags = {
    ...(out === null ? {} : { out }),
    ...(parallel === null ? {} : { parallel }),
  };
  const merged = typeof inFile === "object" && inFile !== null ? { ...inFile, ...flags } : inFile;
  try {
    return { spec: checkedSpec(merged, where), where };
  } catch (error) {
    throw atLine(error, where, file);
  }
}

function specOfFlags(values: CompareValues, source: string): ComparisonSpec {
  const { target, out, methods, encoders: networks, seeds, base, data, split, positive } = values;
  if (target === null) refuse("compare", "<target>", "given after the source", null);
  const rows = [...new Set([BASE_ROW, ...methods])];
  const shared = base === null ? null : pluginsInFile(readConfigFile(base));
  return checkedSpec(
    {
      source,
      target,
      test: { data, split, positive },
      out: out ?? DEFAULT_OUT,
      encoders: Object.fromEntries(networks.map((name) => [name, null])),
      methods: Object.fromEntries(rows.map((row) => [row, null])),
      settings: shared?.file.values ?? {},
      plugin: shared?.plugins ?? [],
      seeds,
      parallel: values.parallel,
      oracle: values.oracle,
      ensembles: values.ensembles.map((by) => ({ by })),
    },
    base ?? "compare",
  );
}
