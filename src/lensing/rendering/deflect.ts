/** Deflections of many lenses at once, each the sum of its components. */
import type { DType } from "../../torch/dtype.ts";
import { tidy } from "../../torch/scope.ts";
import type { Positions } from "../profiles/frame.ts";
import type { MassModel } from "../profiles/mass/model.ts";
import { type MassComponent, type MassProfile, massModels } from "../profiles/mass/registry.ts";
import { type Numbers, type Table, tableOf } from "../profiles/rows.ts";
import { componentsOf, type Mass } from "../scene.ts";

/** One component of every lens, all of one profile; one that deflects nothing for a lens that has none. */
export interface Slot {
  model: MassModel<unknown>;
  table: Table;
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
      const lenses = matching.map((list) => list[j] ?? model.nothing);
      return { model, table: tableOf(model.numbers(lenses), dtype) };
    });
  });
}

const deflects = (component: MassComponent): boolean =>
  !(
    (component.profile === "shear" && component.gamma1 === 0 && component.gamma2 === 0) ||
    ("thetaE" in component && component.thetaE === 0)
  );

/**
 * Traces rays to the source plane: β = θ − Σ α.
 *
 * @param numbers how a slot's table is matched to the rays: one lens per row, or one per ray
 */
export function traced(
  slots: readonly Slot[],
  rays: Positions,
  numbers: (table: Table) => Numbers,
): Positions {
  let at = rays;
  for (const { model, table } of slots) {
    const next = tidy(() => {
      const alpha = model.deflection(rays, numbers(table));
      return { x: at.x.sub(alpha.x), y: at.y.sub(alpha.y) };
    });
    if (at !== rays) for (const tensor of [at.x, at.y]) tensor.dispose();
    at = next;
  }
  return at;
}
