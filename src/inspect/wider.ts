/** Wider cutouts of survey frames around the objects of a search, in the dataset's bands and pixel scale. */
import type { ImageDomain } from "../dataset/dataset.ts";
import { ArcletError } from "../foundation/errors.ts";
import { type CutoutsConfig, cutoutsConfig } from "../making/cutting/config.ts";
import { Cutter, NoCutout, whyNot } from "../making/cutting/cut.ts";
import { type Plan, planCutouts } from "../making/cutting/plan.ts";
import type { LookSources, WiderImage } from "./look-tasks.ts";

/** Times the side of the dataset's images, and the most pixels that it may be. */
const WIDER = 4;
const LARGEST = 512;
/** An object at a frame's edge is shown as far as the frame goes. */
const MOST_MISSING = 0.99;
/** Frames of several zero points are brought to one, so that bands and neighbours fit; which one doesn't show. */
const ANY_ZERO_POINT = 25;

/** Pixels a side. */
export const widerSide = ({ info }: ImageDomain): number =>
  Math.min(LARGEST, WIDER * Math.max(info.shape[1], info.shape[2]));

/** Of the dataset's rows; NaN without a position. */
interface Degrees {
  ra: Float64Array;
  dec: Float64Array;
}

export class WiderCutouts {
  readonly #positions: Degrees;
  readonly #config: CutoutsConfig;
  readonly #plan: Plan;
  readonly #cutter: Cutter;

  private constructor(positions: Degrees, config: CutoutsConfig, plan: Plan) {
    this.#positions = positions;
    this.#config = config;
    this.#plan = plan;
    this.#cutter = new Cutter(plan, config);
  }

  /**
   * Reads the frames' headers.
   *
   * @throws ArcletError for a dataset without positions, and frames that can't be used
   */
  static async open(domain: ImageDomain, { frames, pattern }: LookSources): Promise<WiderCutouts> {
    const known = domain.positions();
    if (known === undefined)
      throw new ArcletError({
        where: domain.info.name,
        code: "missing",
        problem: "has no positions (columns ra and dec), so its objects can't be found in frames",
        fix: "leave out --frames",
      });
    const degrees = (values: readonly (number | null)[]) =>
      Float64Array.from(values, (value) => value ?? Number.NaN);
    const positions = { ra: degrees(known.ra), dec: degrees(known.dec) };
    const config = cutoutsConfig.parse({
      ...{ frames, pattern, catalog: "-", out: "-", bands: domain.info.bands, size: widerSide(domain) },
      ...{ pixelScale: domain.info.pixelScale, maxMissing: MOST_MISSING, resample: "lanczos3" },
    });
    const planned = (settings: CutoutsConfig) => planCutouts(positions, settings, async () => {});
    try {
      return new WiderCutouts(positions, config, await planned(config));
    } catch (error) {
      if (!(error instanceof ArcletError) || error.code !== "conflict") throw error;
      const scaled = { ...config, zeroPoint: ANY_ZERO_POINT };
      return new WiderCutouts(positions, scaled, await planned(scaled));
    }
  }

  /** @param row of the dataset's table @throws ArcletError saying why there is none */
  of(row: number): WiderImage {
    const { ra, dec } = this.#positions;
    const { bands } = this.#config;
    const none = (problem: string) => new ArcletError({ where: "frames", code: "missing", problem });
    if (Number.isNaN(ra[row]! + dec[row]!)) throw none("the object has no position");
    try {
      if (bands.some((_, k) => this.#plan.frameOf[row * bands.length + k] === -1))
        throw whyNot(row, this.#plan, this.#config);
      const { pixels, axes } = this.#cutter.cut(row, ra[row]!, dec[row]!);
      return { pixels: pixels as Float32Array<ArrayBuffer>, orientation: axes };
    } catch (error) {
      throw error instanceof NoCutout ? none(`${error.kind}: ${error.message}`) : error;
    }
  }
}
