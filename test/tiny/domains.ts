/** Two small domains on disk, and the configuration of a run that takes a second. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DatasetSpec, writeDataset } from "../../src/dataset/writer.ts";
import { resolveConfig } from "../../src/foundation/config.ts";
import { type TrainConfig, trainSchema } from "../../src/train/config.ts";

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "arclet-train-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface DomainOptions {
  /** Prefix of the ids. */
  name: string;
  count: number;
  /** Added to every pixel: what makes the domains differ. */
  offset?: number;
  size?: number;
  bands?: string[];
  classes?: string[];
  /** The class of image i, null for none; it decides the picture too unless `picture` is given. */
  label: (i: number) => number | null;
  picture?: (i: number) => number;
  provenance?: DatasetSpec["provenance"];
  /** What image i is in the table's column `kind`; without it there is no such column. */
  kind?: (i: number) => string | null;
  split?: (i: number) => "train" | "val" | "test";
}

/** Noise with a bright bar whose position is the class. */
export async function writeDomain(folder: string, options: DomainOptions): Promise<string> {
  const { name, count, offset = 0, size = 12, bands = ["r"], classes = ["other", "lens"], label } = options;
  const picture = options.picture ?? ((i: number) => label(i) ?? 0);
  const spec: DatasetSpec = {
    name,
    survey: null,
    bands,
    pixelScale: 0.2,
    classes,
    pixels: "display",
    shape: [bands.length, size, size],
    provenance: options.provenance ?? {},
    ...(options.kind && { columns: { kind: "text" } }),
  };
  const path = join(folder, name);
  await writeDataset(path, spec, async (writer) => {
    for (let i = 0; i < count; i++) {
      const image = Uint8Array.from({ length: bands.length * size * size }, (_, at) => {
        const column = at % size;
        const noise = ((Math.imul(i * 7919 + at, 2654435761) >>> 16) % 40) + 20;
        return noise + offset + (Math.floor(column / 4) === picture(i) ? 60 : 0);
      });
      const k = label(i);
      const split = options.split?.(i) ?? (i % 3 === 2 ? "val" : "train");
      const kind = options.kind && { kind: options.kind(i) };
      writer.append(image, [
        { id: `${name}-${i}`, group: `${name}-${i}`, split, label: k === null ? null : classes[k]!, ...kind },
      ]);
    }
  });
  return path;
}

export const writeSource = (folder: string, more: Partial<DomainOptions> = {}): Promise<string> =>
  writeDomain(folder, { name: "source", count: 36, label: (i) => (i % 4 === 0 ? 1 : 0), ...more });

export const writeTarget = (folder: string, more: Partial<DomainOptions> = {}): Promise<string> =>
  writeDomain(folder, {
    name: "target",
    count: 20,
    offset: 50,
    label: (i) => i % 2,
    split: () => "train",
    ...more,
  });

export function configOf(flags: Record<string, unknown>): TrainConfig {
  const all: Record<string, unknown> = {
    method: "adda",
    encoder: "cnn",
    "cnn.widths": [4, 6],
    "head.width": 5,
    epochs: 2,
    batch: 8,
    lr: 0.01,
    precision: "float32",
    ...flags,
  };
  if (all.method === "adda")
    for (const [key, value] of [
      ["epochs", 2],
      ["batch", 6],
    ] as const)
      all[`adda.${key}`] ??= value;
  const schema = trainSchema(all.method as string, all.encoder as string);
  return resolveConfig("train", schema, { flags: all }).values as TrainConfig;
}
