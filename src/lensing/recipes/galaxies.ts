/** A recipe's key `galaxies`: what galaxies of every type are drawn from. */
import { z } from "zod";
import { arms, knots } from "./arms.ts";
import { axisRatio, colour, factor, index, pair, part, share, size, turn } from "./quantities.ts";

export const galaxies = z.strictObject({
  /** Half-light radius by magnitude. */
  size: size("magnitude"),
  elliptical: z.strictObject({ n: index(), q: axisRatio() }),
  blue: z.strictObject({ sizeFactor: factor(), sizeWithin: pair(), n: index(), q: axisRatio() }),
  spiral: z.strictObject({
    bulge: part(),
    /** Of the disc, times the size for its magnitude; and its least size. */
    sizeFactor: factor(),
    leastSize: z.number().min(0.001),
    n: index(),
    /** How much bluer arms are than the disc. */
    armsBluerGr: colour(),
    armsBluerRi: colour(),
    /** Arms in a disc (in its sizes), or a share of them in a ring: its radius in sizes, its half width in radii. */
    armsSizeFactor: factor(),
    armsN: index(),
    annulusShare: share(),
    annulusRadius: factor(),
    annulusWidth: factor(),
    /** Arms in many pieces, in place of a few long ones: how often. */
    flocculentShare: share(),
    grandDesign: arms,
    flocculent: arms,
    knots,
    /** The same arms in the old disc's light, weaker; and how far the young lag behind, radians: dust is between. */
    oldAmplitude: part(),
    dustLag: turn(),
    barShare: share(),
    /** Of the disc's light; its half-light radius in sizes of the disc. */
    bar: part(),
    barSize: factor(),
    barQ: axisRatio(),
    /** Share of bulges as red as an elliptical of any redshift; and how much redder than the disc the others are. */
    redBulges: share(),
    bulgeRedderGr: colour(),
    bulgeRedderRi: colour(),
    bulgeSizeFactor: factor(),
    leastBulgeSize: z.number().min(0.001),
    bulgeN: index(),
  }),
});
