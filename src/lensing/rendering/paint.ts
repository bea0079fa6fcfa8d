/** Paints light on the canvas: the brightness of every component on its rays, averaged to pixels. */
import type { Survey } from "../../sky/survey.ts";
import { call } from "../../torch/call.ts";
import { arange, tensor } from "../../torch/create.ts";
import type { DType } from "../../torch/dtype.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Positions } from "../profiles/frame.ts";
import { broadcast, gathered, tableOf } from "../profiles/rows.ts";
import { type Group, typicalBrightness, unitFluxes } from "./components.ts";
import { type Slot, traced } from "./deflect.ts";
import { type Grid, refine, TOLERANCE } from "./refine.ts";

/** Rays computed together: their arrays fit in the caches. */
const RAYS_AT_ONCE = 2 ** 18;

export interface Sky {
  grid: Grid;
  /** Rays of the whole field. */
  rays: Positions;
  /** The rays in the lenses' source planes. (lenses, …) */
  behind: Positions;
  slots: readonly Slot[];
  /** Rays along every pixel's side; or the largest error of a component, in units of its typical brightness. */
  sampling: number | { tolerance: number };
}

export const DEFAULT_TOLERANCE = TOLERANCE;

/**
 * The field's rays: through the pixels' centres (x (1, 1, size), y (1, size, 1)) if sampling is adaptive, else x (1, 1,
 * s, 1, size) and y (1, s, 1, size, 1): the rays of a pixel have dimensions of their own, so that averaging over them
 * adds whole images.
 */
export function skyOf(
  size: number,
  pixelScale: number,
  sampling: Sky["sampling"],
  slots: readonly Slot[],
  lenses: number,
  dtype: DType,
): Sky {
  const pixels = arange(0, size, 1, { dtype }).sub((size - 1) / 2);
  const axis = pixels.mul(pixelScale);
  let rays: Positions = { x: axis.reshape([1, 1, size]), y: axis.reshape([1, size, 1]) };
  if (typeof sampling === "number") {
    const within = arange(0, sampling, 1, { dtype })
      .sub((sampling - 1) / 2)
      .div(sampling);
    const fine = within.unsqueeze(1).add(pixels).mul(pixelScale); // (s, size)
    rays = {
      x: fine.reshape([1, 1, sampling, 1, size]),
      y: fine.reshape([1, sampling, 1, size, 1]),
    };
  }
  const source = traced(slots, rays);
  const behind = slots.length > 0 ? source : { x: rowless(rays.x, lenses), y: rowless(rays.y, lenses) };
  return { grid: { size, axis, pixelScale }, rays, behind, slots, sampling };
}

/** Positions of lenses that deflect nothing: the same for each. */
const rowless = (axis: Tensor, lenses: number): Tensor => axis.expand([lenses, ...axis.shape.slice(1)]);

/** Adds a group's components to their images. canvas (images, bands, size, size) */
export function paint(canvas: Tensor, group: Group, sky: Sky, survey: Survey, sigma: number): void {
  const { size } = sky.grid;
  const side = typeof sky.sampling === "number" ? sky.sampling : 1;
  const step = Math.max(1, Math.floor(RAYS_AT_ONCE / (size * side) ** 2));
  for (let first = 0; first < group.parts.length; first += step) {
    const batch = { ...group, parts: group.parts.slice(first, first + step) };
    tidy(() => paintBatch(canvas, batch, sky, survey, sigma));
  }
}

function paintBatch(canvas: Tensor, group: Group, sky: Sky, survey: Survey, sigma: number): void {
  const { model, parts, lensed } = group;
  const { dtype } = canvas;
  const lights = parts.map(({ light }) => light);
  const table = tableOf(model.numbers(lights), dtype);
  const lens = lensed ? tensor(Int32Array.from(parts, (part) => part.lens!)) : null;
  const at =
    lens === null
      ? sky.rays
      : rowsOf(
          sky.behind,
          parts.map((part) => part.lens!),
          lens,
        );
  let pixels = model.brightness(at, broadcast(table, at.x.ndim));
  if (typeof sky.sampling === "number") pixels = pixels.mean([1, 2]);
  else {
    pixels = pixels.contiguous(); // to be written to
    const { tolerance } = sky.sampling;
    const allowed = parts.map(({ light }) => tolerance * typicalBrightness(model, light, sigma));
    refine(
      pixels,
      tensor(Float64Array.from(allowed), [parts.length, 1, 1], { dtype }),
      sky.grid,
      (index, rays) => {
        const numbers = gathered(table, index);
        if (lens === null) return model.brightness(rays, numbers);
        const lensIndex = lens.indexSelect(0, index);
        const source = traced(sky.slots, rays, lensIndex);
        return model.brightness(source, numbers);
      },
    );
  }
  const { size } = sky.grid;
  const flux = tensor(unitFluxes(group, survey), [parts.length, survey.bands.length, 1, 1], { dtype });
  const rows = tensor(Int32Array.from(parts, ({ row }) => row));
  call("aten::index_add_", canvas, 0, rows, pixels.reshape([parts.length, 1, size, size]).mul(flux));
}

/** Rows of positions; not copied if the rows are consecutive. */
function rowsOf(at: Positions, rows: readonly number[], index: Tensor): Positions {
  const first = rows[0]!;
  if (rows.every((row, k) => row === first + k))
    return { x: at.x.narrow(0, first, rows.length), y: at.y.narrow(0, first, rows.length) };
  return { x: at.x.indexSelect(0, index), y: at.y.indexSelect(0, index) };
}
