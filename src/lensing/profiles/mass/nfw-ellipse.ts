/** The profile of Navarro, Frenk & White, with elliptical surface density. */
import { type FrameNumbers, frameOf, intoFrame, outOfFrame, type Placement } from "../frame.ts";
import { listsOf, type Numbers } from "../rows.ts";
import { hessianOutOfFrame, type MassModel } from "./model.ts";
import { type Nfw, nfwNorm } from "./nfw.ts";

/** An NFW halo with elliptical surface density. */
export interface NfwEllipse extends Nfw, Placement {
  /** Minor over major axis, in (0, 1]. */
  q: number;
}

/**
 * The NFW surface density as a sum of cored steep ellipsoids, κ = Σ w_i / 2 · (s_i² + m²)^(−3/2): core radii s and
 * weights w, from Oguri (2021, PASP 133, 074504, table 1). Accurate to 1e-4 for 1e-4 < X < 1e3.
 */
const ELLIPSOIDS: readonly (readonly [s: number, w: number])[] = [
  [1.082411e-6, 1.648988e-18],
  [8.786566e-6, 6.274458e-16],
  [3.292868e-6, 3.64662e-17],
  [1.860019e-5, 3.459206e-15],
  [3.274231e-5, 2.457389e-14],
  [6.232485e-5, 1.059319e-13],
  [9.256333e-5, 4.211597e-13],
  [1.546762e-4, 1.142832e-12],
  [2.097321e-4, 4.391215e-12],
  [3.39114e-4, 1.5565e-11],
  [5.17879e-4, 6.951271e-11],
  [8.636736e-4, 3.147466e-10],
  [1.405152e-3, 1.379109e-9],
  [2.193855e-3, 3.829778e-9],
  [3.179572e-3, 1.384858e-8],
  [4.970987e-3, 5.370951e-8],
  [7.63197e-3, 1.804384e-7],
  [1.119413e-2, 5.788608e-7],
  [1.827267e-2, 3.205256e-6],
  [2.945251e-2, 1.102422e-5],
  [4.562723e-2, 4.093971e-5],
  [6.782509e-2, 1.282206e-4],
  [1.596987e-1, 4.575541e-4],
  [1.127751e-1, 7.99527e-4],
  [2.169469e-1, 5.013701e-3],
  [3.423835e-1, 1.403508e-2],
  [5.194527e-1, 5.230727e-2],
  [8.623185e-1, 1.898907e-1],
  [1.382737, 3.643448e-1],
  [2.034929, 7.203734e-1],
  [3.402979, 1.717667],
  [5.594276, 2.217566],
  [8.052345, 3.187447],
  [13.49045, 8.194898],
  [26.03825, 17.6521],
  [47.36823, 19.74319],
  [65.5932, 27.83688],
  [108.7932, 44.82311],
  [147.7673, 55.98897],
  [249.5341, 142.6485],
  [430.5999, 227.9833],
  [776.0206, 540.1335],
  [2143.057, 974.3682],
  [1935.749, 1775.124],
];

type Names = FrameNumbers | "q" | "q2" | "Rs" | "norm" | "unit";

/**
 * NFW with κ constant on ellipses: the sphere's κ at √(q x² + y² / q) (lenstronomy's NFW_ELLIPSE_CSE). Each ellipsoid's
 * potential is elementary (Keeton & Kochanek 1998, ApJ 495, 157; Oguri 2021, eqs. 17 to 24): in units of R_s / √q, with
 * Ψ = √(q² (s² + x²) + y²) and f = (Ψ + s)² + (1 − q²) x²,
 *   φ = (q / s) (½ ln f − ln((1 + q) s)),   ∇φ = (q / (s Ψ f)) (x (Ψ + q² s), y (Ψ + s)).
 */
export const nfwEllipse: MassModel<NfwEllipse, Names> = {
  nothing: { Rs: 1, alphaRs: 0, q: 1, angle: 0, x: 0, y: 0 },
  numbers: (halos) =>
    listsOf(halos, (halo) => {
      const unit = halo.Rs / Math.sqrt(halo.q);
      return {
        ...frameOf(halo),
        q: halo.q,
        q2: halo.q ** 2,
        Rs: halo.Rs,
        unit,
        norm: nfwNorm(halo.alphaRs) / Math.sqrt(halo.q),
      };
    }),
  deflection(at, numbers) {
    const { x, y, x2, y2 } = local(at, numbers);
    let [alongX, alongY] = [x.mul(0), x.mul(0)];
    for (const [s, w] of ELLIPSOIDS) {
      const psi = psiOf(s, x2, y2, numbers);
      const f = steep(psi, x2, s, numbers);
      const factor = psi
        .mul(f)
        .reciprocal()
        .mul(w / s);
      alongX = alongX.add(numbers.q2.mul(s).add(psi).mul(factor));
      alongY = alongY.add(psi.add(s).mul(factor));
    }
    const norm = numbers.norm.mul(numbers.q);
    return outOfFrame({ x: alongX.mul(x).mul(norm), y: alongY.mul(y).mul(norm) }, numbers);
  },
  potential(at, numbers) {
    const { x2, y2 } = local(at, numbers);
    let sum = x2.mul(0);
    for (const [s, w] of ELLIPSOIDS) {
      const psi = psiOf(s, x2, y2, numbers);
      const log = steep(psi, x2, s, numbers).div(numbers.q.add(1).mul(s).square()).log();
      sum = sum.add(log.mul(w / (2 * s)));
    }
    return sum.mul(numbers.q).mul(numbers.norm).mul(numbers.unit);
  },
  hessian(at, numbers) {
    const { x, y, x2, y2 } = local(at, numbers);
    let [xx, xy, yy] = [x2.mul(0), x2.mul(0), x2.mul(0)];
    for (const [s, w] of ELLIPSOIDS) {
      // The derivatives of x A / (Ψ f) and y B / (Ψ f), A = Ψ + q² s and B = Ψ + s, with Ψ_x = q² x / Ψ, Ψ_y = y / Ψ,
      // f_x = 2 x (B q² / Ψ + 1 − q²) = 2 x A / Ψ and f_y = 2 y B / Ψ.
      const psi = psiOf(s, x2, y2, numbers);
      const f = steep(psi, x2, s, numbers);
      const [A, B] = [numbers.q2.mul(s).add(psi), psi.add(s)];
      const factor = psi
        .mul(f)
        .reciprocal()
        .mul(w / s);
      const [over, cube] = [psi.mul(f).reciprocal().mul(2), psi.square().mul(psi).reciprocal()];
      const bend = cube.mul(numbers.q2).mul(s); // of A / Ψ and B / Ψ: −q² s Ψ_i / Ψ² and −s Ψ_i / Ψ²
      const scale = factor.mul(psi);
      const [a, b] = [A.div(psi), B.div(psi)];
      xx = xx.add(scale.mul(a.sub(x2.mul(bend).mul(numbers.q2)).sub(x2.mul(over).mul(A).mul(a))));
      yy = yy.add(scale.mul(b.sub(y2.mul(cube).mul(s)).sub(y2.mul(over).mul(B).mul(b))));
      xy = xy.add(scale.mul(bend.add(over.mul(B).mul(a)).neg()));
    }
    const norm = numbers.norm.mul(numbers.q).div(numbers.unit);
    const cross = x.mul(y).mul(norm);
    return hessianOutOfFrame({ xx: xx.mul(norm), xy: xy.mul(cross), yy: yy.mul(norm) }, numbers);
  },
};

type Local = ReturnType<typeof local>;

function local(at: Parameters<typeof intoFrame>[0], numbers: Numbers<Names>) {
  const centred = intoFrame(at, numbers);
  const [x, y] = [centred.x.div(numbers.unit), centred.y.div(numbers.unit)];
  return { x, y, x2: x.square(), y2: y.square() };
}

/** Ψ = √(q² (s² + x²) + y²). */
const psiOf = (s: number, x2: Local["x"], y2: Local["x"], numbers: Numbers<Names>) =>
  x2
    .add(s * s)
    .mul(numbers.q2)
    .add(y2)
    .sqrt();

/** f = (Ψ + s)² + (1 − q²) x². */
const steep = (psi: Local["x"], x2: Local["x"], s: number, numbers: Numbers<Names>) =>
  psi
    .add(s)
    .square()
    .add(x2.mul(numbers.q2.rsub(1)));
