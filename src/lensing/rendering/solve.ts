/** The lens equation: the images of a point. */
import { linspace, tensor } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Positions } from "../profiles/frame.ts";
import { type Hessian, magnificationOf } from "../profiles/mass/model.ts";
import { broadcast } from "../profiles/rows.ts";
import type { Mass } from "../scene.ts";
import { type Slot, slotsOf, traced } from "./deflect.ts";

/** An image of a point source: where it is, arcsec, and how it is magnified. */
export interface PointImage {
  /** Where it is, arcsec. */
  x: number;
  /** Where it is, arcsec. */
  y: number;
  /** Negative where the image is mirrored. */
  magnification: number;
}

/** A fainter image is an artefact of a singular centre, which a real core would hide. */
const FAINTEST = 1e-3;
const ITERATIONS = 30;
/**
 * Iterations after which a start that is not near the source, 0.01", turns to and fro about a singular centre. Others are
 * within a tile of their image, and even at a critical curve, where the step halves, near the source by then.
 */
const LOST = 8;

/**
 * The images of a point source at (x, y) in the source plane of a lens. The field is tiled with triangles; Newton's
 * iteration starts from those whose image in the source plane holds the source (Keeton 2001, astro-ph/0102340, section 3).
 *
 * @param halfWidth of the searched field, arcsec
 * @param step side of a tile, arcsec: pairs of images closer than this may be missed
 */
export function imagesOfPoint(
  mass: Mass,
  source: { x: number; y: number },
  halfWidth: number,
  step = 0.1,
): PointImage[] {
  return tidy(() => {
    const slots = slotsOf([mass], "float64");
    return polished(startsOf(slots, source, halfWidth, step), slots, source, step);
  });
}

/** Centres of the triangles that hold the source. */
function startsOf(slots: readonly Slot[], source: { x: number; y: number }, halfWidth: number, step: number) {
  const n = Math.max(2, Math.ceil((2 * halfWidth) / step)) + 1;
  const axis = linspace(-halfWidth, halfWidth, n, { dtype: "float64" });
  const coordinates = axis.numbers();
  const rays = { x: axis.reshape([1, 1, n]), y: axis.reshape([1, n, 1]) };
  const whole = rays.x.mul(0).add(rays.y.mul(0));
  const beta = traced(slots, rays);
  const [bx, by] = [beta.x.add(whole).data(), beta.y.add(whole).data()] as [Float64Array, Float64Array];
  const starts: { x: number; y: number }[] = [];
  const middle = (...corners: number[]) => ({
    x: corners.reduce((sum, k) => sum + coordinates[k % n]!, 0) / 3,
    y: corners.reduce((sum, k) => sum + coordinates[Math.floor(k / n)]!, 0) / 3,
  });
  /** Twice the area of the triangle of the source and the edge from a to b. */
  const turn = (a: number, b: number) =>
    (bx[a]! - source.x) * (by[b]! - source.y) - (bx[b]! - source.x) * (by[a]! - source.y);
  for (let row = 0; row + 1 < n; row++)
    for (let column = 0; column + 1 < n; column++) {
      const k = row * n + column;
      for (const [a, b, c] of [
        [k, k + 1, k + n],
        [k + n + 1, k + n, k + 1],
      ] as const) {
        const [p, q, r] = [turn(a, b), turn(b, c), turn(c, a)];
        if ((p >= 0 && q >= 0 && r >= 0) || (p <= 0 && q <= 0 && r <= 0)) starts.push(middle(a, b, c));
      }
    }
  return starts;
}

/** Newton's iteration from every start, by at most a tile per step; the distinct images that it converges to. */
function polished(
  starts: readonly { x: number; y: number }[],
  slots: readonly Slot[],
  source: { x: number; y: number },
  step: number,
): PointImage[] {
  if (starts.length === 0) return [];
  let x = starts.map((start) => start.x);
  let y = starts.map((start) => start.y);
  let off: number[] = [];
  let mu: number[] = [];
  for (let k = 0; k < ITERATIONS; k++) {
    const state = tidy(() => {
      const at = { x: row(x), y: row(y) };
      const beta = traced(slots, at);
      const h = hessianOf(slots, at);
      return {
        bx: beta.x.numbers(),
        by: beta.y.numbers(),
        xx: h.xx.numbers(),
        xy: h.xy.numbers(),
        yy: h.yy.numbers(),
        mu: magnificationOf(h).numbers(),
      };
    });
    mu = state.mu;
    off = state.bx.map((bx, i) => Math.hypot(bx - source.x, state.by[i]! - source.y));
    // δθ = A⁻¹ δβ with A = 1 − H
    const moves = off.map((_, i) => {
      const [dx, dy] = [source.x - state.bx[i]!, source.y - state.by[i]!];
      const mx = state.mu[i]! * ((1 - state.yy[i]!) * dx + state.xy[i]! * dy);
      const my = state.mu[i]! * (state.xy[i]! * dx + (1 - state.xx[i]!) * dy);
      const scale = Math.min(1, step / Math.hypot(mx, my) || 1);
      const lost = k >= LOST && off[i]! > 1e-2;
      return lost || off[i]! < 1e-13 || !Number.isFinite(scale * mx + scale * my)
        ? [0, 0]
        : [scale * mx, scale * my];
    });
    if (k === ITERATIONS - 1 || moves.every(([mx, my]) => mx === 0 && my === 0)) break;
    x = x.map((value, i) => value + moves[i]![0]!);
    y = y.map((value, i) => value + moves[i]![1]!);
  }
  const images: PointImage[] = [];
  for (const [i, magnification] of mu.entries()) {
    const arrived = off[i]! < 1e-9 && Number.isFinite(magnification) && Math.abs(magnification) > FAINTEST;
    const known = images.some((image) => Math.hypot(image.x - x[i]!, image.y - y[i]!) < 1e-6);
    if (arrived && !known) images.push({ x: x[i]!, y: y[i]!, magnification });
  }
  return images;
}

const row = (values: readonly number[]): Tensor => tensor(Float64Array.from(values), [1, values.length]);

/** Second derivatives of the sum of a lens's potentials. */
function hessianOf(slots: readonly Slot[], at: Positions): Hessian {
  const zero = at.x.mul(0);
  return slots.reduce<Hessian>(
    (sum, { model, table }) => {
      const term = model.hessian(at, broadcast(table, at.x.ndim));
      return { xx: sum.xx.add(term.xx), xy: sum.xy.add(term.xy), yy: sum.yy.add(term.yy) };
    },
    { xx: zero, xy: zero, yy: zero },
  );
}
