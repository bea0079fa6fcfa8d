/** `arclet simulate`: lenses and look-alikes as a survey would see them, as a dataset or only as a preview. */
import { z } from "zod";
import type { Origin } from "../foundation/config.ts";
import { refuse } from "../foundation/errors.ts";
import { count, text } from "../foundation/field.ts";
import { writeFileWhole } from "../foundation/files.ts";
import { type SimulateConfig, simulateConfig } from "../making/simulating/config.ts";
import { provenance } from "../torch/provenance.ts";
import { command } from "./command.ts";
import { apart, divided, dividedFields } from "./divided.ts";

const schema = simulateConfig.extend({
  out: text("the dataset folder to write", { default: null }),
  preview: z
    .string()
    .refine((file) => /\.png$/i.test(file), { message: "a file that ends in .png" })
    .nullable()
    .default(null)
    .describe("write no dataset, only a mosaic of every kind in it, to this .png"),
  like: text(
    "make images like a dataset's: its bands in their order, kind of pixels, size, pixel scale, and survey if it names one; flags override it",
    { default: null },
  ),
  examples: count("pictures of each kind in the preview", { most: 50, default: 10 }),
  ...dividedFields,
});

export const simulate = command({
  details:
    "A recipe (`arclet recipes`) says what is drawn and how often, the classes, and what counts as a lens. The table holds " +
    "the truth of every object: Einstein radius, arc signal-to-noise, magnification, magnitudes, and the scene itself as " +
    "JSON. The same command resumes an interrupted run, to the same bytes.",
  schema,
  positionals: ["out"],
  example: "arclet simulate data/source --survey cfhtls --count 240 --seed 1",
  async run(values, origin) {
    const { own, about } = apart(values);
    const { preview, examples, like, ...given } = own;
    const config = like === null ? given : { ...given, ...(await settingsLike(like, given, origin)) };
    if (preview !== null) return writePreview(preview, { ...config, out: config.out ?? "preview" }, examples);
    const { out } = config;
    if (out === null) refuse("simulate", "<out>", "given (or --preview FILE.png)", null);
    // Without the date, the same command gives the same bytes; the folder has its own date.
    const by = () => {
      const { made: _, ...rest } = provenance("simulate");
      return rest;
    };
    const whole = { ...config, out };
    const inShards = await divided("simulate", about, async ({ shards }) => {
      const { dividedSimulation } = await import("../making/simulating/divided.ts");
      return dividedSimulation(whole, shards, by);
    });
    if (inShards) return;
    const { simulate: simulateDataset } = await import("../making/simulating/simulate.ts");
    const info = await simulateDataset(whole, by());
    console.log(`${out}: ${info.count} images ${info.shape.join(" × ")}, ${info.bands.join(", ")}`);
  },
});

/** What a dataset determines and no flag or file has set; says what is taken. */
async function settingsLike(
  folder: string,
  given: Pick<SimulateConfig, "survey" | "pixels" | "bands" | "size" | "pixelScale" | "zeroPoint">,
  origin: Record<string, Origin>,
): Promise<Partial<SimulateConfig>> {
  const { likeDataset, likeText, refuseOtherUnit } = await import("../making/simulating/like.ts");
  const like = likeDataset(folder);
  const isDefault = (key: string) => origin[key] === "default";
  const taken: Partial<SimulateConfig> = Object.fromEntries(
    Object.entries(like.settings).filter(([key]) => isDefault(key)),
  );
  if (isDefault("survey") && like.survey !== undefined) taken.survey = like.survey;
  const { survey, pixels, bands, size, pixelScale } = { ...given, ...taken };
  refuseOtherUnit(folder, like, { pixels, zeroPoint: given.zeroPoint });
  if (pixels === "flux" && like.zeroPoint !== undefined) taken.zeroPoint = like.zeroPoint;
  const whose =
    isDefault("survey") && like.survey === undefined
      ? `${survey}, the default: ${folder} names no survey that is known, --survey does`
      : survey;
  console.log(`like ${folder}: ${likeText({ bands, pixels, size, pixelScale })}; survey ${whose}`);
  return taken;
}

async function writePreview(file: string, config: SimulateConfig, each: number): Promise<void> {
  const { examplesByKind } = await import("../making/simulating/preview.ts");
  const { displayRgb } = await import("../pictures/display.ts");
  const { labelledMosaicPng } = await import("../pictures/labelled-mosaic.ts");
  const rows = examplesByKind(config, each).map(({ kind, images, shape }) => ({
    label: kind,
    pictures: Array.from({ length: shape[0] }, (_, k) => displayRgb({ data: images, shape }, k)),
  }));
  const title = `${config.survey}, ${config.size} pixels, seed ${config.seed}`;
  writeFileWhole(file, labelledMosaicPng(rows, { title }));
  console.log(`${file}: ${rows.map(({ label }) => label).join(", ")}`);
}
