/** A finder for tests: a model of a second's training with a made-up card. Such ones never come with the package. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileHash } from "../../src/dataset/hash.ts";
import { cardYaml, type FinderCard } from "../../src/train/finders/card.ts";

const share = { value: 0.9, low: 0.8, high: 0.95 };

/** The card of a placeholder whose model is that file. */
const cardOf = (name: string, model: string, more: Partial<FinderCard> = {}): FinderCard => ({
  format: 1,
  name,
  summary: "placeholder of a test",
  survey: "cfhtls",
  bands: ["i", "r", "g"],
  pixelScale: 0.187,
  size: 24,
  pixels: "display",
  zeroPoint: null,
  preprocessing: "standardise",
  encoder: "cnn",
  population: { recipe: "default", recipeHash: "0".repeat(64), images: 96, lenses: 48 },
  training: {
    method: "source-only",
    imagesSeen: 96,
    seed: 0,
    date: "2026-11-28",
    commands: ["arclet train source --out so"],
    versions: { arclet: "0" },
  },
  figures: [
    { test: "nothing", sky: "simulated", lenses: 1, others: 1, auroc: share, tpr0: share, tpr10: share },
  ],
  mustNotBeUsedFor: ["anything"],
  sha256: fileHash(model),
  ...more,
});

/** Puts a model into a folder of finders, under that name. */
export function placeFinder(
  folder: string,
  name: string,
  model: string,
  more: Partial<FinderCard> = {},
): void {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  copyFileSync(model, join(own, "model.safetensors"));
  writeFileSync(join(own, "card.yaml"), cardYaml(cardOf(name, model, more)));
}
