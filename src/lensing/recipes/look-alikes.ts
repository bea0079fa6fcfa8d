/** A recipe's key `lookAlikes`: what every kind that is not a lens is drawn from. */
import { z } from "zod";
import { arms, knots } from "./arms.ts";
import { quantity } from "./distribution.ts";
import {
  axisRatio,
  count,
  distance,
  factor,
  fainter,
  index,
  magnitude,
  poisson,
  share,
  size,
  turn,
} from "./quantities.ts";

export const lookAlikes = z.strictObject({
  /** Of the red galaxies of companions, elliptical and group: drawn as `lens` draws deflectors, with nothing behind. */
  deflectorShare: share(),
  companions: z.strictObject({
    magnitude: magnitude(),
    /** Besides the first. */
    more: poisson(),
    distance: distance(),
    companion: magnitude(),
    /** Long and thin ones, and their tilt from the tangent. */
    thinShare: share(),
    thinSize: size(),
    thinQ: axisRatio(),
    thinTilt: turn(),
  }),
  "red core": z.strictObject({
    magnitude: magnitude(),
    core: quantity({ range: [0.01, 0.99] }),
    size: size(),
    q: axisRatio(),
    coreSizeFactor: factor(),
    coreN: index(),
    smooth: quantity({ range: [0, 0.99] }),
    n: index(),
    armedShare: share(),
    armsN: index(),
    ringWidth: factor(),
  }),
  spiral: z.strictObject({
    magnitude: magnitude(),
    q: axisRatio(),
    armShare: quantity({ range: [0, 0.99] }),
    clumpShare: share(),
    clumpDistance: distance(),
    clump: magnitude(),
  }),
  ring: z.strictObject({
    magnitude: magnitude(),
    q: axisRatio(),
    radius: size(),
    bodySizeFactor: factor(),
    ringFainter: fainter(),
    blueShare: share(),
    ringWidth: factor(),
    /** Its bright parts. */
    parts: arms,
    knots,
    discFainter: fainter(),
    discSizeFactor: factor(),
  }),
  merger: z.strictObject({
    magnitude: magnitude(),
    galaxies: count(),
    distance: distance(),
    fainter: fainter(),
    types: z.strictObject({ blue: share(), elliptical: share(), spiral: share() }),
    spiralQ: axisRatio(),
    spiralArms: quantity({ range: [0, 0.99] }),
    /** Tidal tails: arcs round the first galaxy, of this radius and half width in radii. */
    tails: count(),
    tailFainter: fainter(),
    tailRadius: size(),
    tailWidth: factor(),
    tail: arms,
  }),
  "edge-on": z.strictObject({
    magnitude: magnitude(),
    q: axisRatio(),
    acrossShare: share(),
    fainter: fainter(),
    distance: distance(),
    /** Dust lanes, half of the gap in sizes of the disc. */
    laneShare: share(),
    lane: quantity({ range: [0, 1] }),
  }),
  elliptical: z.strictObject({ magnitude: magnitude() }),
  group: z.strictObject({ magnitude: magnitude(), more: count(), fainter: fainter(), distance: distance() }),
  irregular: z.strictObject({
    magnitude: magnitude(),
    /** Of the body, on that of a blue galaxy. */
    sizeFactor: factor(),
    clumps: count(),
    fainter: fainter(),
    /** In sizes of the body. */
    distance: distance(),
    clumpSize: size(),
    /** A body in clumps; and a red core in it, of so many magnitudes less, its size in those of the body. */
    body: arms,
    coreShare: share(),
    coreFainter: fainter(),
    coreSizeFactor: factor(),
  }),
  "faint galaxy": z.strictObject({ magnitude: magnitude(), redShare: share() }),
  star: z.strictObject({ magnitude: magnitude() }),
});
