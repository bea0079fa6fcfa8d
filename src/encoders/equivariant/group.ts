/**
 * Groups of rotations and reflections: C2 and C4 (rotations by 180° and 90°), which map the pixel grid onto itself; C8
 * (45°), of which only every second element does; D2, D4 and D8 (the same with reflections).
 */
import type { Tensor } from "../../torch/tensor.ts";

/** The groups that `equivariant` can be built for: n rotations (C), or n rotations and n mirrors (D). */
export const groupNames = ["C2", "C4", "C8", "D2", "D4", "D8"] as const;

/** A group's name. */
export type GroupName = (typeof groupNames)[number];

/** First mirror left and right (if `mirrored`), then rotate counterclockwise by `turns` quarters, halves in C8 and D8. */
export interface Element {
  mirrored: boolean;
  turns: number;
}

/** A finite group of rotations, and mirrors, that acts on images. */
export class Group {
  /** Its name. */
  readonly name: GroupName;
  /** Whether every element maps the pixel grid onto itself. */
  readonly exact: boolean;
  /** The identity is the first. */
  readonly elements: readonly Element[];
  /** product[g][h] = index of g ∘ h: h acts first. */
  readonly product: readonly (readonly number[])[];
  /** inverse[g] = index of g⁻¹. */
  readonly inverse: readonly number[];

  constructor(name: GroupName) {
    this.name = name;
    const rotations = Number(name.slice(1));
    const turns = Array.from({ length: rotations }, (_, k) => (4 * k) / rotations);
    this.exact = rotations <= 4;
    const mirrorings = name.startsWith("D") ? [false, true] : [false];
    this.elements = mirrorings.flatMap((mirrored) => turns.map((turn) => ({ mirrored, turns: turn })));
    const indexOf = ({ mirrored, turns }: Element) =>
      this.elements.findIndex((element) => element.mirrored === mirrored && element.turns === turns);
    this.product = this.elements.map((g) => this.elements.map((h) => indexOf(compose(g, h))));
    this.inverse = this.product.map((row) => row.indexOf(0));
  }

  /** Number of its elements. */
  get order(): number {
    return this.elements.length;
  }
}

/** With rotation r and reflection s: s r = r⁻¹ s, so (rᵃ s)(rᵇ) = rᵃ⁻ᵇ s. */
function compose(g: Element, h: Element): Element {
  const turns = (g.turns + (g.mirrored ? 4 - h.turns : h.turns)) % 4;
  return { mirrored: g.mirrored !== h.mirrored, turns };
}

/** Transforms the last two dimensions; whole quarters only. x (…, H, W) → (…, H, W), or (…, W, H) if `turns` is odd */
export function transform(x: Tensor, { mirrored, turns }: Element): Tensor {
  const y = mirrored ? x.flip(-1) : x;
  return turns === 0 ? y : y.rot90(turns);
}
