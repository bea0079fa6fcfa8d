/** What a dataset's images will be like, from some of them. */
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { upperMedian } from "../../foundation/statistics.ts";
import type { Candidate, Candidates } from "./candidate.ts";
import type { ImportConfig } from "./config.ts";
import { type Cutout, Flaw, type ImageSource, type Wanted } from "./cutout.ts";
import type { Frame } from "./framing.ts";

/** Images to examine, spread over the list. */
const SAMPLE = 16;

export interface Peek {
  frame: Frame;
  /** Whether any image's zero point is known, and whether bands differ in theirs. */
  zeroPoints: "none" | "one" | "by band";
  /** Bytes of one image as it is read. */
  bytes: number;
  /** Where sizes, bands, scale and zero point come from, one line each. */
  notes: string[];
}

/**
 * @param sides height and width, if known
 * @param where the table or folder, for messages
 * @throws ArcletError when none of the images can be read, or no pixel scale is known
 */
export async function peekAt(
  source: ImageSource,
  candidates: Candidates,
  config: ImportConfig,
  sides: [number, number] | null,
  where: string,
): Promise<Peek> {
  const { cutouts, examined } = await sampleOf(source, candidates, config, where);
  const typical = mostCommon(cutouts, (c) => `${c.height} × ${c.width} ${c.rule} ${kindOf(c)}`);
  const alike = cutouts.filter(({ rule }) => rule === typical.rule);
  const scale = scaleOf(alike, config, examined);
  const [height, width] =
    config.size === null ? (sides ?? [typical.height, typical.width]) : [config.size, config.size];
  const pixels = kindOf(typical);
  const channels = config.bands.length;
  const frame: Frame = { pixels, channels, height, width, pixelScale: scale.value, rule: typical.rule };
  const zero = zeroPointsOf(alike, config, pixels);
  const notes = [
    ...(typical.assignment === "" ? [] : [`bands by ${typical.rule}: ${typical.assignment}`]),
    ...(scale.note === null ? [] : [scale.note]),
    ...zero.notes,
  ];
  return { frame, zeroPoints: zero.known, bytes: typical.pixels.byteLength, notes };
}

const kindOf = ({ pixels }: Cutout) => (pixels instanceof Uint8Array ? "display" : "flux");

/** The most to read of a file. Pixels may be up to eight times finer than the dataset's before resampling. */
export const wantedOf = ({ size, resample }: ImportConfig): Wanted => {
  if (size === null) return null;
  const side = resample ? 8 * size + 2 : size;
  return { height: side, width: side };
};

/** Some images, spread over all; if none of them can be read, the first that can. */
async function sampleOf(
  source: ImageSource,
  candidates: Candidates,
  config: ImportConfig,
  where: string,
): Promise<{ cutouts: Cutout[]; examined: number }> {
  const count = Math.min(SAMPLE, candidates.length);
  const spread = Array.from({ length: count }, (_, k) => Math.floor((k * candidates.length) / count));
  const cutouts: Cutout[] = [];
  let first: { candidate: Candidate; flaw: Flaw } | undefined;
  const examine = async (index: number) => {
    const candidate = candidates.at(index);
    const [result] = await source.read([candidate.location], wantedOf(config));
    if (result instanceof Flaw) first ??= { candidate, flaw: result };
    else cutouts.push(result!);
  };
  for (const index of spread) await examine(index);
  for (let i = 0; cutouts.length === 0 && i < candidates.length; i++) await examine(i);
  if (cutouts.length === 0) {
    const { candidate, flaw } = first!;
    throw new ArcletError({
      where,
      code: "empty",
      problem: `no row can be imported; e.g. row ${candidate.row + 1}: ${flaw.kind}: ${source.nameOf(candidate.location)}, ${flaw.detail}`,
    });
  }
  return { cutouts, examined: spread.length };
}

function mostCommon<T>(items: readonly T[], key: (item: T) => string): T {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return items.reduce((best, item) => (counts.get(key(item))! > counts.get(key(best))! ? item : best));
}

function scaleOf(cutouts: readonly Cutout[], config: ImportConfig, examined: number) {
  if (config.pixelScale !== null) return { value: config.pixelScale, note: null };
  const stated = cutouts.flatMap(({ pixelScales }) => pixelScales.find((scale) => scale !== undefined) ?? []);
  if (stated.length === 0 && config.imageScale !== null) return { value: config.imageScale, note: null };
  if (stated.length === 0)
    refuse("import", "pixelScale", "given, as the images' files state none", config.pixelScale);
  // Seven digits: the precision of float32 in a header.
  const value = Number(upperMedian(stated).toPrecision(7));
  const note = `pixel scale ${Number(value.toPrecision(4))} arcsec, by the world coordinates of ${stated.length} of ${examined} images examined`;
  return { value, note };
}

function zeroPointsOf(cutouts: readonly Cutout[], config: ImportConfig, pixels: "flux" | "display") {
  if (config.zeroPoint !== null) {
    const known = new Set(config.zeroPoint).size > 1 && config.toZeroPoint === null ? "by band" : "one";
    return { known, notes: [] } as const;
  }
  const stated = cutouts.filter(({ zeroPoints }) => zeroPoints.some((zero) => zero !== undefined));
  if (stated.length === 0) {
    const notes = pixels === "flux" ? ["no zero point is known; give it by --zero-point"] : [];
    return { known: "none", notes } as const;
  }
  const first = stated[0]!;
  const values = first.zeroPoints.map((zero) =>
    zero === undefined ? "none" : String(Number(zero.toFixed(4))),
  );
  const differ = stated.some(({ zeroPoints }) => new Set(zeroPoints).size > 1);
  const shown =
    new Set(values).size === 1 ? values[0] : values.map((v, c) => `${config.bands[c]} ${v}`).join(", ");
  const notes = [`zero point ${shown}, by ${first.zeroPointFrom}, in the first image examined`];
  return { known: differ && config.toZeroPoint === null ? "by band" : "one", notes } as const;
}
