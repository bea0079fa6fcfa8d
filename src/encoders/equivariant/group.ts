/**
 * Groups of rotations and mirrorings that map the pixel grid onto itself: C2 and C4 (rotations by 180° and 90°),
 * D2 and D4 (the same with mirrorings).
 */
import type { Tensor } from "../../torch/index.ts";

export const groupNames = ["C2", "C4", "D2", "D4"] as const;
export type GroupName = (typeof groupNames)[number];

/** Mirror left and right first (when `mirrored`), then turn counterclockwise by `turns` quarters. */
export interface Element {
  mirrored: boolean;
  turns: number;
}

export class Group {
  readonly name: GroupName;
  /** The identity is the first. */
  readonly elements: readonly Element[];
  /** product[g][h] = index of g ∘ h: h acts first. */
  readonly product: readonly (readonly number[])[];
  /** inverse[g] = index of g⁻¹. */
  readonly inverse: readonly number[];

  constructor(name: GroupName) {
    this.name = name;
    const turns = name.endsWith("4") ? [0, 1, 2, 3] : [0, 2];
    const mirrorings = name.startsWith("D") ? [false, true] : [false];
    this.elements = mirrorings.flatMap((mirrored) => turns.map((turn) => ({ mirrored, turns: turn })));
    const indexOf = (wanted: Element) =>
      this.elements.findIndex((one) => one.mirrored === wanted.mirrored && one.turns === wanted.turns);
    this.product = this.elements.map((g) => this.elements.map((h) => indexOf(compose(g, h))));
    this.inverse = this.product.map((row) => row.indexOf(0));
  }

  get order(): number {
    return this.elements.length;
  }
}

/** With rotation r and mirroring s: s r = r⁻¹ s, so (rᵃ s)(rᵇ) = rᵃ⁻ᵇ s. */
function compose(g: Element, h: Element): Element {
  const turns = (g.turns + (g.mirrored ? 4 - h.turns : h.turns)) % 4;
  return { mirrored: g.mirrored !== h.mirrored, turns };
}

/** Acts on the last two dimensions. x (…, H, W) → (…, H, W), or (…, W, H) for an odd number of quarter turns */
export function transform(x: Tensor, { mirrored, turns }: Element): Tensor {
  const y = mirrored ? x.flip(-1) : x;
  return turns === 0 ? y : y.rot90(turns);
}
