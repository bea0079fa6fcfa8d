/** Configuration of the equivariant CNN, and its presets. */
import { z } from "zod";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { groupNames } from "./group.ts";
import { LEAST_SIGMA, MOST_SIGMA } from "./pool.ts";

const presetNames = ["small", "deeplense"] as const;

const count = z.number().int().min(1);
const list = z.array(count).min(1);

export const equivariantConfig = z.object({
  preset: z
    .enum(presetNames)
    .default("small")
    .describe(
      "defaults of the other keys: small for two CPU cores, or the network of the GSoC 2022 DeepLense project",
    ),
  group: z
    .enum(groupNames)
    .optional()
    .describe("symmetries: C2, C4, C8 rotations by 180, 90, 45 degrees; D2, D4, D8 with reflections"),
  fields: list.optional().describe("regular fields of each block; a field has as many channels as the group"),
  kernels: list.optional().describe("side of each block's kernel").meta({ unit: "pixels" }),
  paddings: z
    .array(z.number().int().min(0))
    .optional()
    .describe("zeros around each block's input; (kernel - 1) / 2 when not given")
    .meta({ unit: "pixels" }),
  poolAfter: z.array(count).optional().describe("blocks (from 1) after which the image is halved"),
  smoothAfter: z.array(count).optional().describe("blocks (from 1) after which the image is smoothed"),
  sigma: z
    .number()
    .min(LEAST_SIGMA)
    .max(MOST_SIGMA)
    .default(0.66)
    .describe("width of the Gaussian that pooling smooths by")
    .meta({ unit: "pixels" }),
  margin: z
    .number()
    .min(0)
    .nullable()
    .optional()
    .describe("distance from the edge to the disc outside which the image is masked; none for no mask")
    .meta({ unit: "pixels" }),
  head: count
    .nullable()
    .optional()
    .describe(
      "length of a linear layer with batch norm and ELU after pooling; none for the fields themselves",
    ),
});

type Config = z.output<typeof equivariantConfig>;

/** A configuration with every key set. */
export type Architecture = {
  [Key in Exclude<keyof Config, "preset">]-?: Exclude<Config[Key], undefined>;
};

const presets: Record<(typeof presetNames)[number], Omit<Architecture, "sigma">> = {
  small: {
    group: "D4",
    fields: [8, 16, 24, 32],
    kernels: [5, 3, 3, 3],
    paddings: [2, 1, 1, 1],
    poolAfter: [1, 2, 3],
    smoothAfter: [],
    margin: null,
    head: null,
  },
  // DeepLense's widths and kernels. There the last map was flattened; here it is averaged, to stay invariant.
  deeplense: {
    group: "D2",
    fields: [24, 48, 48, 96, 96, 64],
    kernels: [7, 5, 5, 5, 5, 5],
    paddings: [1, 2, 2, 2, 2, 1],
    poolAfter: [2, 4],
    smoothAfter: [6],
    margin: 1,
    head: 256,
  },
};

/**
 * Fills a configuration from its preset.
 *
 * @throws ArcletError when the lists don't match
 */
export function resolvePreset(config: Config): Architecture {
  const where = "encoder equivariant";
  const preset = presets[config.preset];
  const fields = config.fields ?? preset.fields;
  const kernels = config.kernels ?? preset.kernels;
  const same = kernels.map((kernel) => (kernel - 1) / 2);
  const paddings = config.paddings ?? (config.kernels === undefined ? preset.paddings : same);
  const poolAfter = config.poolAfter ?? preset.poolAfter;
  const smoothAfter = config.smoothAfter ?? preset.smoothAfter;
  if (kernels.length !== fields.length) refuse(where, "kernels", `a list of ${fields.length}`, kernels);
  if (paddings.length !== fields.length) refuse(where, "paddings", `a list of ${fields.length}`, paddings);
  const even = kernels.find((kernel) => kernel % 2 === 0);
  if (even !== undefined) refuse(where, "kernels", "odd, so that a rotation keeps the centre", even);
  for (const block of [...poolAfter, ...smoothAfter]) {
    if (block <= fields.length) continue;
    throw new ArcletError({
      where,
      code: "argument",
      problem: `pooling after block ${block} needs more than ${fields.length} blocks`,
    });
  }
  const { sigma } = config;
  const group = config.group ?? preset.group;
  const margin = config.margin === undefined ? preset.margin : config.margin;
  const head = config.head === undefined ? preset.head : config.head;
  return { group, fields, kernels, paddings, poolAfter, smoothAfter, sigma, margin, head };
}
