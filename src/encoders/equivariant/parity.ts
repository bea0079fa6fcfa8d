/**
 * Group convolutions in a quarter of the products, for groups with both mirrors (D2, D4, D8). Rotation by 180° and the two
 * mirrors are a subgroup S of four elements that commute and only turn rows or columns of a kernel round. Fourier transforms
 * over S (sums and differences of channels) and kernels divided into their parts that are even or odd in rows and in columns
 * make the convolution four products that share nothing, since sums of pixels that a part weighs alike are made once:
 *
 *   y_s = Σ_t T_s K[s⁻¹ t] ∗ x_t   becomes   ŷ_σ' = Σ_σ K̂_σ,ρ ∗ x̂_σ   with ρ = σ σ'
 *
 * where K̂_σ,ρ has the parity ρ: of 25 taps only 9, 6, 6 or 4 differ.
 */
import { call } from "../../torch/call.ts";
import { empty, stack } from "../../torch/create.ts";
import { tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";
import type { Group } from "./group.ts";

const PARITIES = 4;

/** Bytes of the sums of pixels that are multiplied together, which must stay in the processor's cache. */
const AT_ONCE = 2 ** 21;

/** Smaller kernels have fewer taps that are weighed alike, and few channels make small products. */
const LEAST_KERNEL = 5;
const LEAST_CHANNELS = 64;

/** What a group has to do with S. Characters are numbered i + 2 j: signs under rotation by 180°, and the column mirror. */
export interface Parity {
  /** Elements of the group in the order (S, coset). */
  order: readonly number[];
  /** Cosets of S. */
  cosets: number;
}

/** @returns null for a group without mirrors */
export function parityOf({ elements, product }: Group): Parity | null {
  const find = (mirrored: boolean, turns: number) =>
    elements.findIndex((element) => element.mirrored === mirrored && element.turns === turns);
  const four = [find(false, 0), find(false, 2), find(true, 0), find(true, 2)];
  if (four.includes(-1)) return null;
  const cosets: number[] = [];
  const seen = new Set<number>();
  for (let g = 0; g < elements.length; g++) {
    if (seen.has(g)) continue;
    cosets.push(g);
    for (const s of four) seen.add(product[s]![g]!);
  }
  return { order: four.flatMap((s) => cosets.map((c) => product[s]![c]!)), cosets: cosets.length };
}

/** Whether it is worth it for a kernel (O, I, k, k). */
export const paysFor = (filters: Tensor): boolean =>
  filters.shape[2]! >= LEAST_KERNEL && filters.shape[1]! >= LEAST_CHANNELS;

/** Whether parts of this character are odd in rows, and in columns. */
const oddness = (character: number): [rows: number, columns: number] => {
  const [turned, mirrored] = [character & 1, character >> 1];
  return [turned ^ mirrored, mirrored];
};

/** Distances from the middle of taps that differ. */
const distances = (kernel: number, odd: number): number[] =>
  Array.from({ length: ((kernel + 1) >> 1) - odd }, (_, d) => d + odd);

/** Sums and differences over a first axis of four: (4, …) by element of S ↔ (4, …) by character. */
function transformed(parts: readonly Tensor[]): Tensor[] {
  const [a, b, c, d] = parts as [Tensor, Tensor, Tensor, Tensor];
  const [ab, cd, a_b, c_d] = [a.add(b), c.add(d), a.sub(b), c.sub(d)];
  return [ab.add(cd), a_b.add(c_d), ab.sub(cd), a_b.sub(c_d)];
}

/**
 * The kernels' parts, from expanded filters (|G| O, |G| I, k, k).
 *
 * @returns (4, taps of all parts · cosets · I, cosets · O): for each character σ' the kernels by σ, then distance in
 *   columns, then in rows, then coset and field
 */
export function parityFilters(filters: Tensor, { order, cosets }: Parity): Tensor {
  const [outputs, inputs, kernel] = filters.shape as [number, number, number, number];
  const size = order.length;
  const [O, I] = [outputs / size, inputs / size];
  const w = filters.reshape([size, O, size, I, kernel, kernel]);
  // W[c', u c] for each u of S: the other rows are the same kernels, moved.
  const rows = stack(order.slice(0, cosets).map((g) => w.select(0, g))); // (cosets, O, |G|, I, k, k)
  const parts = Array.from(
    { length: PARITIES },
    (_, u) => stack(order.slice(u * cosets, (u + 1) * cosets).map((g) => rows.select(2, g))), // (cosets, cosets', O, I, k, k)
  );
  const middle = (kernel - 1) / 2;
  const byCharacter = transformed(parts).map((part) => part.mul(1 / PARITIES));
  const tap = (part: Tensor, y: number, x: number) => part.select(-2, middle + y).select(-1, middle + x);
  const one = (part: Tensor, [oddY, oddX]: [number, number], y: number, x: number): Tensor => {
    const columns = (v: number) =>
      x === 0
        ? tap(part, v, 0)
        : tap(part, v, x)
            .add(tap(part, v, -x).mul(oddX ? -1 : 1))
            .mul(0.5);
    return y === 0
      ? columns(0)
      : columns(y)
          .add(columns(-y).mul(oddY ? -1 : 1))
          .mul(0.5);
  };
  const kernels = Array.from({ length: PARITIES }, (_, to) =>
    stack(
      byCharacter.flatMap((part, from) => {
        const odd = oddness(from ^ to);
        return distances(kernel, odd[1]).flatMap((x) =>
          distances(kernel, odd[0]).map((y) => one(part, odd, y, x)),
        );
      }),
    ) // (taps, cosets, cosets', O, I)
      .permute([0, 1, 4, 2, 3]) // (taps, cosets, I, cosets', O)
      .reshape([kernel * kernel * cosets * I, cosets * O]),
  );
  return stack(kernels);
}

interface Shape {
  kernel: number;
  padding: number;
  parity: Parity;
}

/**
 * The convolution, then the bias.
 *
 * @param x (B, |G| I, H, W)
 * @param filters from `parityFilters`
 * @param bias (O)
 * @returns (B, |G| O, H', W')
 */
export function parityConv(x: Tensor, filters: Tensor, bias: Tensor, shape: Shape): Tensor {
  const { kernel, padding, parity } = shape;
  const { order, cosets } = parity;
  const size = order.length;
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const high = height + 2 * padding - kernel + 1;
  const wide = width + 2 * padding; // of the padded image: of its sums the last columns are left out
  const fields = filters.shape[2]! / cosets;
  const y = empty([batch, size, fields, high, wide - kernel + 1]);
  const weights = Array.from({ length: PARITIES }, (_, to) => filters.select(0, to).permute([1, 0]));
  const shifts = bias.repeat([cosets]).unsqueeze(1); // (cosets · O, 1)
  const rows = Math.max(1, Math.min(high, Math.floor(AT_ONCE / (wide * kernel * kernel * channels))));
  const depth = channels / PARITIES;
  // Memory that is used again is not cleared by the system each time.
  const folds = empty([PARITIES * kernel * depth * (rows * wide + kernel - 1)]);
  const sums = empty([kernel ** 2 * depth * rows * wide]);
  for (let b = 0; b < batch; b++)
    tidy(() => {
      const image = x.select(0, b).reshape([size, channels / size, height, width]);
      const spectrum = spectrumOf(image, shape);
      for (let first = 0; first < high; first += rows)
        tidy(() => {
          const count = Math.min(rows, high - first);
          const more = count * wide + kernel - 1;
          const folded = shaped(folds, [PARITIES, kernel, depth, more]);
          foldRows(spectrum, folded, first * wide, wide);
          const columns = shaped(sums, [kernel ** 2, depth, count * wide]);
          const products = weights.map((weight, to) => {
            foldColumns(folded, columns, to);
            const all = columns.reshape([kernel ** 2 * depth, count * wide]);
            const product = weight.matmul(all);
            return to === 0 ? product.add(shifts) : product;
          });
          for (const [s, one] of transformed(products).entries())
            for (let c = 0; c < cosets; c++)
              y.select(0, b)
                .select(0, order[s * cosets + c]!)
                .narrow(1, first, count)
                .copy_(
                  one
                    .narrow(0, c * fields, fields)
                    .reshape([fields, count, wide])
                    .narrow(2, 0, wide - kernel + 1),
                );
        });
    });
  return y.reshape([batch, size * fields, high, wide - kernel + 1]);
}

/**
 * (|G|, I, H, W) → (4, cosets · I, pixels) by character: the padded image row after row, and a row more, into which its last
 * sums reach.
 */
function spectrumOf(image: Tensor, { padding, parity: { order, cosets } }: Shape): Tensor {
  const parts = Array.from({ length: PARITIES }, (_, s) => {
    const elements = order.slice(s * cosets, (s + 1) * cosets).map((g) => image.select(0, g));
    return elements.length === 1 ? elements[0]! : (call("aten::cat", elements, 0) as Tensor);
  });
  const sides = [padding, padding, padding, padding + 1];
  const padded = call("aten::constant_pad_nd", stack(transformed(parts)), sides) as Tensor;
  return padded.reshape([PARITIES, padded.shape[1]!, -1]);
}

/** The beginning of a flat tensor, in another shape. */
const shaped = (memory: Tensor, shape: readonly number[]): Tensor =>
  memory
    .narrow(
      0,
      0,
      shape.reduce((product, side) => product * side, 1),
    )
    .reshape(shape);

/**
 * Adds and subtracts rows at equal distances: (4, D, pixels) → (4, k, D, length + k − 1), first the even parts.
 *
 * @param first the first pixel
 */
function foldRows(x: Tensor, folded: Tensor, first: number, wide: number): void {
  const [, kernel, , more] = folded.shape as [number, number, number, number];
  const middle = (kernel - 1) / 2;
  const even = distances(kernel, 0).length;
  const row = (d: number) => x.narrow(2, first + (middle + d) * wide, more);
  folded.select(1, 0).copy_(row(0));
  for (const d of distances(kernel, 1)) {
    call("aten::add.out", row(d), row(-d), { out: folded.select(1, d) });
    call("aten::sub.out", row(d), row(-d), { out: folded.select(1, even + d - 1) });
  }
}

/** The same for columns: → (k², D, length), the sums by which the character `to` is made. */
function foldColumns(x: Tensor, sums: Tensor, to: number): void {
  const kernel = x.shape[1]!;
  const length = sums.shape[2]!;
  const middle = (kernel - 1) / 2;
  const even = distances(kernel, 0).length;
  let at = 0;
  for (let from = 0; from < PARITIES; from++) {
    const [oddY, oddX] = oddness(from ^ to);
    const count = oddY === 1 ? kernel - even : even;
    const part = x.select(0, from).narrow(0, oddY === 1 ? even : 0, count); // (count, D, length + k − 1)
    const column = (d: number) => part.narrow(2, middle + d, length);
    for (const d of distances(kernel, oddX)) {
      const out = sums.narrow(0, at, count);
      at += count;
      if (d === 0) out.copy_(column(0));
      else call(oddX === 1 ? "aten::sub.out" : "aten::add.out", column(d), column(-d), { out });
    }
  }
}
