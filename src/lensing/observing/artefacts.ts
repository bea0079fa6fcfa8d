/** A scene's artefacts on an image's pixels: light, sigmas, and values that replace what was observed. */
import { fluxOf, type Survey } from "../../sky/survey.ts";
import type { Artefact } from "../artefacts.ts";
import type { Scene } from "../scene.ts";

/** What artefacts do to the image of one object, (bands, size, size) as one array; y upwards. */
export interface ArtefactPlanes {
  /** Light to add, flux units: it comes with photon noise. Null for none. */
  light: Float32Array | null;
  /** Factor on the sky's sigma; null for 1. */
  depth: Float32Array | null;
  /** What a pixel holds in the end: no data, or a column's level. */
  values: { pixel: number; value: number }[];
}

type Of<K extends Artefact["artefact"]> = Extract<Artefact, { artefact: K }>;

type Lit = Exclude<Artefact, Of<"column"> | Of<"depth">>;

/** @returns null for a scene without artefacts */
export function artefactPlanes(scene: Scene, survey: Survey, size: number): ArtefactPlanes | null {
  if (scene.artefacts === undefined || scene.artefacts.length === 0) return null;
  const canvas = new Canvas(scene, survey, size);
  for (const artefact of scene.artefacts) canvas.add(artefact);
  return canvas.planes;
}

class Canvas {
  readonly planes: ArtefactPlanes = { light: null, depth: null, values: [] };
  private readonly scene: Scene;
  private readonly survey: Survey;
  private readonly size: number;

  constructor(scene: Scene, survey: Survey, size: number) {
    this.scene = scene;
    this.survey = survey;
    this.size = size;
  }

  add(artefact: Artefact): void {
    if (artefact.artefact === "column") this.column(artefact);
    else if (artefact.artefact === "depth") this.depth(artefact);
    else this.light(this.perBand(artefact), brightnessOf(artefact, this.survey.pixelScale));
  }

  private perBand(artefact: Lit): number[] {
    if ("magnitudes" in artefact) return this.fluxes(artefact);
    if (artefact.artefact !== "cosmic ray") return this.sigmas(artefact.strength);
    return this.sigmas(this.survey.bands.map((_, k) => (k === artefact.band ? artefact.strength : 0)));
  }

  /** Of a star's share of light, in a pixel of surface brightness 1 per arcsec². */
  private fluxes({ magnitudes, share }: { magnitudes: number[]; share: number }): number[] {
    const { zeroPoint, pixelScale } = this.survey;
    return magnitudes.map((magnitude) => share * fluxOf(magnitude, zeroPoint) * pixelScale ** 2);
  }

  private sigmas(strengths: readonly number[]): number[] {
    return strengths.map((strength, k) => strength * this.scene.skySigma[k]!);
  }

  /** @param at brightness at a position, arcsec */
  private light(perBand: readonly number[], at: (x: number, y: number) => number): void {
    const { size } = this;
    const plane = size * size;
    this.planes.light ??= new Float32Array(perBand.length * plane);
    const { light } = this.planes;
    this.everyPixel((p, x, y) => {
      const value = at(x, y);
      if (value > 0) for (let k = 0; k < perBand.length; k++) light[k * plane + p]! += perBand[k]! * value;
    });
  }

  private column({ x, from, to, width, levels }: Of<"column">): void {
    const { size, survey, scene } = this;
    const half = Math.max(width, survey.pixelScale) / 2;
    this.everyPixel((p, u, v) => {
      if (u < x - half || u >= x + half || v < from || v > to) return;
      for (const [k, level] of levels.entries()) {
        if (level === null) continue;
        // As high as a pixel can be; a survey that states no limit has one of 3000 sigma.
        const full = survey.bands[k]!.saturation ?? 3000 * scene.skySigma[k]!;
        this.planes.values.push({ pixel: k * size * size + p, value: level * full });
      }
    });
  }

  private depth({ angle, from, to, factors }: Of<"depth">): void {
    const { size } = this;
    const plane = size * size;
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
    this.everyPixel((p, x, y) => {
      const along = x * cosine + y * sine;
      if (along < from || along > to) return;
      for (const [k, factor] of factors.entries()) {
        if (factor === null) this.planes.values.push({ pixel: k * plane + p, value: 0 });
        else if (factor !== 1) {
          this.planes.depth ??= new Float32Array(factors.length * plane).fill(1);
          this.planes.depth[k * plane + p]! *= factor;
        }
      }
    });
  }

  private everyPixel(each: (pixel: number, x: number, y: number) => void): void {
    const { size } = this;
    const scale = this.survey.pixelScale;
    const middle = (size - 1) / 2;
    for (let v = 0; v < size; v++)
      for (let u = 0; u < size; u++) each(v * size + u, (u - middle) * scale, (v - middle) * scale);
  }
}

/** Brightness at a position (arcsec), in the artefact's unit. */
function brightnessOf(artefact: Lit, pixelScale: number): (x: number, y: number) => number {
  if (artefact.artefact === "spikes") return spikesAt(artefact);
  if (artefact.artefact === "aureole") return aureoleAt(artefact);
  if (artefact.artefact === "ghost") return ghostAt(artefact);
  return artefact.artefact === "trail" ? trailAt(artefact) : rayAt(artefact, pixelScale);
}

/** Four arms at right angles, exponential along and Gaussian across; of unit light. */
function spikesAt({ x, y, angle, length, width }: Of<"spikes">) {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const norm = 1 / (4 * length * width * Math.sqrt(2 * Math.PI));
  const arm = (along: number, across: number) =>
    Math.abs(across) > 4 * width ? 0 : norm * Math.exp(-Math.abs(along) / length - (across / width) ** 2 / 2);
  return (u: number, v: number) => {
    const [dx, dy] = [u - x, v - y];
    const [a, b] = [dx * cosine + dy * sine, dy * cosine - dx * sine];
    return arm(a, b) + arm(b, a);
  };
}

/** Moffat's profile with β = 3/2, of unit light: ∫ 2π r (1 + (r / c)²)^(−3/2) dr = 2π c². */
function aureoleAt({ x, y, core }: Of<"aureole">) {
  const norm = 1 / (2 * Math.PI * core ** 2);
  return (u: number, v: number) => norm / (1 + ((u - x) ** 2 + (v - y) ** 2) / core ** 2) ** 1.5;
}

/** 1 on the disc, 0 in its hole and outside. */
const ghostAt =
  ({ x, y, radius, hole }: Of<"ghost">) =>
  (u: number, v: number) => {
    const r = Math.hypot(u - x, v - y);
    return r < radius && r >= hole ? 1 : 0;
  };

function trailAt({ angle, offset, width }: Of<"trail">) {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return (u: number, v: number) => Math.exp(-(((v * cosine - u * sine - offset) / width) ** 2) / 2);
}

/** 1 within half a pixel of the track. */
function rayAt({ x, y, angle, length }: Of<"cosmic ray">, pixelScale: number) {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return (u: number, v: number) => {
    const [dx, dy] = [u - x, v - y];
    const along = dx * cosine + dy * sine;
    const near = Math.abs(dy * cosine - dx * sine) <= 0.6 * pixelScale;
    return near && along >= 0 && along <= length + pixelScale ? 1 : 0;
  };
}
