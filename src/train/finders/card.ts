/** A finder's card, `card.yaml`: what it was trained on, how well it does, and what it must not be used for. */
import { Document, isSeq } from "yaml";
import { z } from "zod";
import { checked } from "../../foundation/errors/zod-errors.ts";
import { atLine, readYaml } from "../../foundation/yaml.ts";

const whole = z.number().int().min(0);
const share = z.number().min(0).max(1);
const hash = z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 of 64 hex digits");
const word = z.string().min(1);

/** A share with its 95 % interval. */
const estimate = z.strictObject({ value: share, low: share, high: share });

const figure = z.strictObject({
  /** What it was tested on, in a few words. */
  test: word,
  sky: z.enum(["simulated", "real"]),
  lenses: whole,
  others: whole,
  auroc: estimate,
  /** Completeness before the first, and before the tenth, false positive. */
  tpr0: estimate,
  tpr10: estimate,
});

export const finderCard = z.strictObject({
  format: z.literal(1),
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, "lower-case letters, digits and hyphens"),
  /** One line. */
  summary: word,
  survey: word,
  bands: z.array(word).min(1),
  /** Arcsec per pixel. */
  pixelScale: z.number().positive(),
  /** Side of a cutout in pixels. */
  size: whole,
  pixels: z.enum(["flux", "display"]),
  /** AB magnitude of one unit of flux; null for display pixels. */
  zeroPoint: z.number().nullable(),
  /** From pixels to the network's input. */
  preprocessing: word,
  encoder: word,
  population: z.strictObject({
    recipe: word,
    /** Of the recipe as it was drawn from, with every default. */
    recipeHash: hash,
    images: whole,
    lenses: whole,
  }),
  training: z.strictObject({
    method: word,
    /** The finder whose encoder the training began with, if there is one; its images are not counted below. */
    encoderFrom: word.optional(),
    /** Images that passed through the network, views of one image included. */
    imagesSeen: whole,
    seed: whole,
    date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "a date such as 2026-11-28"),
    /** The commands that made it. */
    commands: z.array(word).min(1),
    versions: z.record(z.string(), z.string()),
  }),
  figures: z.array(figure).min(1),
  mustNotBeUsedFor: z.array(word).min(1),
  /** SHA-256 of model.safetensors. */
  sha256: hash,
});

/** The card of a finder that comes along. */
export type FinderCard = z.output<typeof finderCard>;

/** @throws ArcletError naming the file and the field */
export function readCard(path: string): FinderCard {
  const file = readYaml(path);
  try {
    return checked(path, finderCard, file.values, { whole: "the card" });
  } catch (error) {
    throw atLine(error, path, file);
  }
}

/** The text of a card's file. @throws ArcletError for values that are not a card's */
export function cardYaml(card: FinderCard): string {
  const document = new Document(checked("card.yaml", finderCard, card, { whole: "the card" }));
  const bands = document.get("bands");
  if (isSeq(bands)) bands.flow = true;
  return document.toString({ lineWidth: 100, flowCollectionPadding: false });
}
