/** Datasets of a dozen made-up skies: small enough to say by hand what two of them share. */
import { join } from "node:path";
import { type DatasetRow, writeDataset } from "../../src/dataset/writer.ts";
import { picture } from "./pictures.ts";

/** Side of the images, in pixels. */
export const SKY_SIZE = 32;

const SPEC = {
  survey: null,
  bands: ["g", "r"],
  pixelScale: 0.2,
  classes: ["not-lens", "lens"],
  pixels: "flux" as const,
  shape: [2, SKY_SIZE, SKY_SIZE] as [number, number, number],
  provenance: {},
};

export const skyImage = (sky: number) => picture(sky, { size: SKY_SIZE });

/** Writes a dataset of 12 skies from a number on, a third of them val; some rows and images may be others. */
export async function writeSkies(
  folder: string,
  name: string,
  from: number,
  rows: Record<number, Partial<DatasetRow>> = {},
  images: Record<number, Float32Array> = {},
): Promise<void> {
  await writeDataset(join(folder, name), { ...SPEC, name }, async (writer) => {
    for (let i = 0; i < 12; i++) {
      const id = `${name}-${i}`;
      const split = i % 3 === 2 ? ("val" as const) : ("train" as const);
      const where = { ra: 10 * i + from / 100, dec: from / 100 };
      const own = { id, group: id, split, label: i % 2 === 0 ? "lens" : "not-lens", ...where, ...rows[i] };
      writer.append(images[i] ?? skyImage(from + i), [own]);
    }
  });
}
