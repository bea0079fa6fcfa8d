/** What a finder is made with: the YAML's shared values, the finder's own, and the command line's. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { unknown } from "../../src/foundation/errors/unknown.ts";
import { checked } from "../../src/foundation/errors/zod-errors.ts";
import { ArcletError } from "../../src/foundation/errors.ts";
import { atLine, readYaml } from "../../src/foundation/yaml.ts";
import { finderCard } from "../../src/train/finders/card.ts";

const whole = z.coerce.number().int().positive();
const flags = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const numbers = {
  count: whole,
  testCount: whole,
  imagesSeen: whole,
  seed: whole,
};
const shared = z.strictObject({
  ...numbers,
  recipe: z.string(),
  prevalence: z.number().gt(0).lt(1),
  testPrevalence: z.number().gt(0).lt(1),
  pixels: z.enum(["flux", "display"]),
  simulate: flags,
  train: flags,
  mustNotBeUsedFor: z.array(z.string()).min(1),
});
const own = shared.partial().extend({
  survey: z.string(),
  summary: z.string(),
  bands: z.array(z.string()).min(1),
  size: whole,
  /** The finder whose encoder the training begins with; it is made before. */
  encoderFrom: z.string().optional(),
  figures: finderCard.shape.figures.optional(),
  /** What follows the training: commands that use real cutouts, words separated, and the run that is the finder. */
  real: z
    .strictObject({
      /** The script that makes `target` from the folder that --data names. */
      target: z.string(),
      commands: z.array(z.array(z.union([z.string(), z.number()]).transform(String))).min(1),
      /** Its runs, in order; the last is the finder. */
      runs: z.array(z.string()).min(1),
    })
    .optional(),
});
const file = z.strictObject({
  shared,
  finders: z.record(z.string(), own),
  small: shared.partial(),
});

export type FinderSettings = z.output<typeof shared> & z.output<typeof own> & { name: string };

export interface Requested {
  finders: FinderSettings[];
  /** The scratch folder, and the folder that finders are written to. */
  scratch: string;
  out: string;
  /** The folder of real cutouts; null for none. */
  data: string | null;
}

const HERE = "bench/finders/finders.yaml";

/** @throws ArcletError for a wrong file, an unknown finder, or a number that is none */
export function requested(args: readonly string[], small: boolean): Requested {
  const { values } = parseArgs({
    args: [...args],
    options: {
      survey: { type: "string" },
      "images-seen": { type: "string" },
      count: { type: "string" },
      "test-count": { type: "string" },
      seed: { type: "string" },
      scratch: { type: "string" },
      out: { type: "string" },
      data: { type: "string" },
    },
  });
  const spec = readSpec();
  const names = values.survey?.split(",") ?? Object.keys(spec.finders);
  const given = Object.fromEntries(
    Object.entries({
      imagesSeen: values["images-seen"],
      count: values.count,
      testCount: values["test-count"],
      seed: values.seed,
    }).filter(([, value]) => value !== undefined),
  );
  const overrides = checked("bench/finders", z.object(numbers).partial(), given);
  const finders = names.map((name) => {
    const finder = spec.finders[name];
    if (finder === undefined) throw unknown(HERE, "survey", name, Object.keys(spec.finders));
    const layers = [spec.shared, finder, ...(small ? [spec.small] : [])];
    const merged = Object.assign({}, ...layers, overrides, {
      name,
      simulate: Object.assign({}, ...layers.map(({ simulate }) => simulate)),
      train: Object.assign({}, ...layers.map(({ train }) => train)),
      // A try-out's network is smaller than any finder's.
      ...(small ? { encoderFrom: undefined, real: undefined } : {}),
    });
    return merged as FinderSettings;
  });
  const scratch = values.scratch ?? (small ? "runs/finders-small" : "runs/finders");
  if (small && values.out === "finders")
    throw new ArcletError({
      where: "bench/finders",
      code: "conflict",
      problem: "SMALL=1 makes no finder for the package",
    });
  const data = values.data === undefined ? null : resolve(values.data);
  return { finders, scratch, out: values.out ?? (small ? `${scratch}/finders` : "finders"), data };
}

function readSpec(): z.output<typeof file> {
  const path = fileURLToPath(new URL("finders.yaml", import.meta.url));
  const yaml = readYaml(path);
  try {
    return checked(path, file, yaml.values, { whole: "the finders" });
  } catch (error) {
    throw atLine(error, path, yaml);
  }
}
