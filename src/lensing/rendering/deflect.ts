/** Many lenses at once, each the sum of its components. */
import type { DType } from "../../torch/dtype.ts";
import { tidy } from "../../torch/scope.ts";
import type { Positions } from "../profiles/frame.ts";
import type { MassModel } from "../profiles/mass/model.ts";
import { type MassComponent, type MassProfile, massModels } from "../profiles/mass/registry.ts";
import { type Numbers, type Table, tableOf } from "../profiles/rows.ts";
import { componentsOf, type Mass } from "../scene.ts";

/** One component of every lens, all of one profile: one that deflects nothing where a lens has none. */
export interface Slot {
  model: MassModel<unknown>;
  table: Table;
}

/** The lenses' components side by side, in one order whatever the lenses: a sum of theirs is the same in any batch. */
export function slotsOf(masses: readonly Mass[], dtype: DType): Slot[] {
  const components = masses.map(componentsOf);
  return (Object.keys(massModels) as MassProfile[]).flatMap((profile) => {
    const model = massModels[profile] as unknown as MassModel<unknown>;
    const own = components.map((all) => all.filter((one) => one.profile === profile && deflects(one)));
    const most = Math.max(0, ...own.map((list) => list.length));
    return Array.from({ length: most }, (_, j) => {
      const lenses = own.map((list) => list[j] ?? model.nothing);
      return { model, table: tableOf(model.numbers(lenses), dtype) };
    });
  });
}

const deflects = (one: MassComponent): boolean =>
  !(
    (one.profile === "shear" && one.gamma1 === 0 && one.gamma2 === 0) ||
    ("thetaE" in one && one.thetaE === 0)
  );

/**
 * Where rays meet the source plane: β = θ − Σ α.
 *
 * @param numbers how a slot's table meets the rays: a lens a row, or a lens a ray
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
    if (at !== rays) for (const one of [at.x, at.y]) one.dispose();
    at = next;
  }
  return at;
}
