/** Deflections of many lenses at once, each the sum of its components. */
import { call } from "../../torch/call.ts";
import { tensor } from "../../torch/create.ts";
import type { DType } from "../../torch/dtype.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Positions } from "../profiles/frame.ts";
import type { MassModel } from "../profiles/mass/model.ts";
import { type MassComponent, type MassProfile, massModels } from "../profiles/mass/registry.ts";
import { broadcast, gathered, type Numbers, type Table, tableOf } from "../profiles/rows.ts";
import { componentsOf, type Mass } from "../scene.ts";

/** One component of every lens that has it, all of one profile. */
export interface Slot {
  model: MassModel<unknown>;
  table: Table;
  /**
   * The row of each lens in the table, −1 for a lens without the component. Null if every lens has a row, which then is its
   * own: of a component that deflects nothing if it has none, since most have one.
   */
  rows: Int32Array | null;
}

/** The lenses' components in slots, in an order that does not depend on the batch, so that their sum does not either. */
export function slotsOf(masses: readonly Mass[], dtype: DType): Slot[] {
  const components = masses.map(componentsOf);
  return (Object.keys(massModels) as MassProfile[]).flatMap((profile) => {
    const model = massModels[profile] as unknown as MassModel<unknown>;
    const matching = components.map((all) =>
      all.filter((component) => component.profile === profile && deflects(component)),
    );
    const most = Math.max(0, ...matching.map((list) => list.length));
    return Array.from({ length: most }, (_, j) => {
      const those = matching.flatMap((list) => (list[j] === undefined ? [] : [list[j]]));
      if (those.length > masses.length * MOST) {
        const lenses = matching.map((list) => list[j] ?? model.nothing);
        return { model, table: tableOf(model.numbers(lenses), dtype), rows: null };
      }
      let row = 0;
      const rows = Int32Array.from(matching, (list) => (list[j] === undefined ? -1 : row++));
      return { model, table: tableOf(model.numbers(those), dtype), rows };
    });
  });
}

/** A component that more than this share of the lenses have is computed for all. */
const MOST = 0.5;

const deflects = (component: MassComponent): boolean =>
  !(
    (component.profile === "shear" && component.gamma1 === 0 && component.gamma2 === 0) ||
    ("thetaE" in component && component.thetaE === 0)
  );

/**
 * Traces rays to the source plane: β = θ − Σ α.
 *
 * @param rays of all lenses, or of each: (1 or lenses, …); or with `lens` of many, (k, M)
 * @param lens the index of each ray's lens, (M) int32; null if every lens has a row of rays
 * @returns (lenses, …) or (k, M)
 */
export function traced(slots: readonly Slot[], rays: Positions, lens: Tensor | null = null): Positions {
  let at = rays;
  for (const slot of slots) {
    const next = tidy(() => {
      if (slot.rows === null) {
        const alpha = slot.model.deflection(rays, numbersOf(slot, rays, lens));
        return { x: at.x.sub(alpha.x), y: at.y.sub(alpha.y) };
      }
      return tracedSome(slot, slot.rows, rays, at, lens);
    });
    if (at !== rays) for (const tensor of [at.x, at.y]) tensor.dispose();
    at = next;
  }
  return at;
}

const numbersOf = ({ table }: Slot, rays: Positions, lens: Tensor | null): Numbers =>
  lens === null ? broadcast(table, rays.x.ndim) : gathered(table, lens);

/** Subtracts the deflections of a component that few lenses have. */
function tracedSome(slot: Slot, rows: Int32Array, rays: Positions, at: Positions, lens: Tensor | null) {
  const { table, model } = slot;
  if (lens === null) {
    const those = tensor(Int32Array.from(rows.keys()).filter((k) => rows[k]! >= 0));
    const alpha = model.deflection(rays, broadcast(table, rays.x.ndim));
    return {
      x: without(everyRow(at.x, at, rows), 0, those, alpha.x),
      y: without(everyRow(at.y, at, rows), 0, those, alpha.y),
    };
  }
  const row = tensor(rows).indexSelect(0, lens); // (M)
  const those = (call("aten::nonzero", row.ge(0)) as Tensor).reshape([-1]);
  if (those.shape[0] === 0) return { x: at.x.clone(), y: at.y.clone() };
  const some = { x: rays.x.indexSelect(1, those), y: rays.y.indexSelect(1, those) };
  const alpha = model.deflection(some, gathered(table, row.indexSelect(0, those)));
  return { x: without(at.x, 1, those, alpha.x), y: without(at.y, 1, those, alpha.y) };
}

/** One coordinate of positions for every lens, of which there may be one row for all. */
function everyRow(axis: Tensor, { x, y }: Positions, rows: Int32Array): Tensor {
  const shape = x.shape.map((length, dim) => (dim === 0 ? rows.length : Math.max(length, y.shape[dim]!)));
  return axis.expand(shape);
}

/** Values less others at some indices of a dimension. */
function without(values: Tensor, dim: number, index: Tensor, others: Tensor): Tensor {
  const out = values.clone();
  call("aten::index_add_", out, dim, index, others, -1);
  return out;
}
