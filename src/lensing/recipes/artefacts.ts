/** What a recipe says about artefacts: how often each comes, the same for lenses and all others, and what it is like. */
import { z } from "zod";
import { quantity } from "./distribution.ts";

const share = () => z.number().min(0).max(1);
const part = () => quantity({ range: [0, 1] });
const turn = () => quantity({ range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], unit: "radians" });
const arcsec = (...on: string[]) => quantity({ range: [0, 1000], unit: "arcsec", on });
const strength = () => quantity({ range: [0, 1000] });
/** i magnitudes: stars brighter than this have it. */
const brighterThan = () => z.number().min(0).max(32);

export const artefactsSchema = z.strictObject({
  spikes: z.strictObject({
    from: brighterThan(),
    share: part(),
    length: arcsec("magnitude"),
    width: arcsec(),
    angle: turn(),
  }),
  aureole: z.strictObject({ from: brighterThan(), share: part(), core: arcsec() }),
  bleed: z.strictObject({
    from: brighterThan(),
    share: share(),
    length: arcsec("magnitude"),
    width: arcsec(),
    /** Share of bands without it, and of those that are empty there in place of full. */
    without: share(),
    empty: share(),
  }),
  ghosts: z.strictObject({ share: share(), radius: arcsec(), hole: part(), strength: strength() }),
  trails: z.strictObject({ share: share(), width: arcsec(), strength: strength() }),
  columns: z.strictObject({ share: share(), length: arcsec(), width: arcsec(), empty: share() }),
  /** All of the cutout shallower, in one band or in all. */
  shallow: z.strictObject({ share: share(), factor: quantity({ range: [0.1, 20] }), allBands: share() }),
  /** The coadd ends within the cutout, in one band or in all. */
  edges: z.strictObject({ share: share(), allBands: share() }),
  /** Between chips fewer exposures were stacked, in one band. */
  gaps: z.strictObject({ share: share(), width: arcsec(), factor: quantity({ range: [0.1, 20] }) }),
  cosmicRays: z.strictObject({ share: share(), length: arcsec(), strength: strength() }),
});

export type ArtefactsRecipe = z.output<typeof artefactsSchema>;
