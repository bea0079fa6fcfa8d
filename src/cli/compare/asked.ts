/** Which comparison is asked for: a YAML file's, by flags, or the one that an earlier command left in its folder. */
import type { Origin } from "../../foundation/config.ts";
import { refuse } from "../../foundation/errors.ts";
import { atLine, readYaml } from "../../foundation/yaml.ts";
import { type CompareValues, DEFAULT_OUT } from "../../reports/comparing/config.ts";
import { BASE_ROW, type ComparisonSpec, checkedSpec } from "../../train/comparing/spec.ts";
import { specFile } from "../../train/comparing/spec-file.ts";
import { readConfigFile } from "../config-file.ts";
import { flagOf } from "../options.ts";

/** What a file says of the comparison, and flags can't. */
const IN_FILE = ["methods", "encoders", "seeds", "base", "data", "split", "positive", "oracle", "ensembles"];

/** @returns the comparison, and what it is called in messages */
export function askedFor(
  values: CompareValues,
  origin: Record<string, Origin>,
): { spec: ComparisonSpec; where: string } {
  const { source, target, out, parallel } = values;
  if (source !== null && !/\.(ya?ml|json)$/i.test(source))
    return { spec: byFlags(values, source), where: "compare" };
  if (source === null && out === null)
    refuse("compare", "<source>", "a YAML file, or a dataset folder before the target's", null);
  const where = source ?? specFile(out!);
  const also = IN_FILE.find((key) => origin[key] !== "default");
  if (also !== undefined) refuse("compare", flagOf(also), `left out where ${where} says it`, "given");
  if (target !== null) refuse("compare", "<target>", `left out where ${where} says it`, target);
  const file = readYaml(where);
  const inFile = file.values;
  const own = {
    ...(out === null ? {} : { out }),
    ...(parallel === null ? {} : { parallel }),
  };
  const told = typeof inFile === "object" && inFile !== null ? { ...inFile, ...own } : inFile;
  try {
    return { spec: checkedSpec(told, where), where };
  } catch (error) {
    throw atLine(error, where, file);
  }
}

function byFlags(values: CompareValues, source: string): ComparisonSpec {
  const { target, out, methods, encoders: networks, seeds, base, data, split, positive } = values;
  if (target === null) refuse("compare", "<target>", "given after the source", null);
  const rows = [...new Set([BASE_ROW, ...methods])];
  return checkedSpec(
    {
      source,
      target,
      test: { data, split, positive },
      out: out ?? DEFAULT_OUT,
      encoders: Object.fromEntries(networks.map((name) => [name, null])),
      methods: Object.fromEntries(rows.map((row) => [row, null])),
      settings: base === null ? {} : readConfigFile(base).values,
      seeds,
      parallel: values.parallel,
      oracle: values.oracle,
      ensembles: values.ensembles.map((by) => ({ by })),
    },
    base ?? "compare",
  );
}
