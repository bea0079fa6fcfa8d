/**
 * The Sinkhorn divergence: optimal transport between two sets of features, blurred by an entropy and debiased.
 *
 * Source: Feydy et al. 2019, arXiv:1810.08278. With C_ij = ‖x_i − y_j‖² / 2 and ε = σ²:
 *
 *   OT_ε(a, b) = min_π ⟨π, C⟩ + ε KL(π ‖ a ⊗ b) = max_{f, g} ⟨a, f⟩ + ⟨b, g⟩ (at the optimum)
 *   S_ε(a, b)  = OT_ε(a, b) − OT_ε(a, a) / 2 − OT_ε(b, b) / 2
 *
 * S_ε is 0 for equal sets and else positive; it tends to the transport's cost for small σ, to half the squared distance of
 * the means for large. The potentials come from Sinkhorn's iterations on logarithms, first with a coarse ε that shrinks to
 * σ². The gradient is that of the envelope theorem: potentials are held constant, libtorch's autograd passes through the
 * cost of the last iteration alone, and no iteration is recorded.
 */
import { refuse } from "../foundation/errors.ts";
import { noGrad } from "../torch/autograd.ts";
import { call } from "../torch/call.ts";
import { zerosLike } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";

/** How exactly `sinkhornDivergence` is computed. */
export interface SinkhornOptions {
  /** σ, the blur: distances below it hardly count. In the features' units, above 0. */
  readonly sigma: number;
  /** Iterations end when no potential changes by more than this part of ε. */
  readonly tolerance?: number;
  /** Most iterations at ε; what they leave unfinished makes OT_ε a little too small. */
  readonly iterations?: number;
}

/**
 * S_ε of two weighted sets, in double precision; 0 or more up to the tolerance. Its unit is that of squared features.
 *
 * @param x (N, F), @param y (M, F)
 * @param a (N), @param b (M), shares above 0 with sum 1
 * @returns () float64, with a gradient to x and y
 * @throws ArcletError when σ is not above 0
 */
export function sinkhornDivergence(
  x: Tensor,
  y: Tensor,
  a: Tensor,
  b: Tensor,
  { sigma, tolerance = 1e-3, iterations = 100 }: SinkhornOptions,
): Tensor {
  if (!(sigma > 0)) refuse("sinkhornDivergence", "sigma", "a number above 0", sigma);
  const limits = { epsilon: sigma ** 2, tolerance, iterations };
  // Only differences count; without the common mean none is lost to rounding.
  const centre = x.detach().to("float64").mean(0);
  const [alpha, beta] = [x, y].map((rows) => rows.to("float64").sub(centre)) as [Tensor, Tensor];
  // In double precision they sum to 1 again.
  const [logA, logB] = [a, b].map((shares) => shares.detach().to("float64").log().logSoftmax(0)) as [
    Tensor,
    Tensor,
  ];
  const within = transport(alpha, alpha, logA, logA, limits).add(transport(beta, beta, logB, logB, limits));
  return transport(alpha, beta, logA, logB, limits).sub(within.div(2));
}

/** The largest distance between a row of x (N, F) and one of y (M, F); no gradient flows through it. */
export const largestDistance = (x: Tensor, y: Tensor): number =>
  noGrad(() =>
    tidy(() => {
      const [wide, centre] = [x.to("float64"), x.to("float64").mean(0)];
      return cost(wide.sub(centre), y.to("float64").sub(centre)).max().mul(2).sqrt().item();
    }),
  );

interface Limits extends Required<Omit<SinkhornOptions, "sigma">> {
  readonly epsilon: number;
}

/** OT_ε as ⟨a, f⟩ + ⟨b, g⟩, with f the best for g. */
function transport(x: Tensor, y: Tensor, logA: Tensor, logB: Tensor, limits: Limits): Tensor {
  const c = cost(x, y); // (N, M)
  const g = noGrad(() => tidy(() => potential(c.detach(), logA, logB, limits))); // (M)
  const f = softMin(c, g, logB, limits.epsilon); // (N)
  return logA.exp().mul(f).sum().add(logB.exp().mul(g).sum());
}

/** C_ij = ‖x_i − y_j‖² / 2: x (N, F), y (M, F) → (N, M) */
const cost = (x: Tensor, y: Tensor): Tensor =>
  x
    .square()
    .sum(1, true)
    .add(y.square().sum(1).unsqueeze(0))
    .div(2)
    .sub(x.matmul(y.transpose(0, 1)))
    .clamp(0);

/** g (M) at the optimum for the cost c (N, M): Sinkhorn's iterations. */
function potential(c: Tensor, logA: Tensor, logB: Tensor, limits: Limits): Tensor {
  const { epsilon, tolerance, iterations } = limits;
  const across = c.transpose(0, 1);
  const step = (g: Tensor, at: number) => tidy(() => softMin(across, softMin(c, g, logB, at), logA, at));
  let g = zerosLike(logB);
  // Half the blur each time, from the width of the sets.
  const coarsest = 2 * c.max().item();
  for (let at = coarsest; at > epsilon && at < Number.POSITIVE_INFINITY; at /= 4) g = step(g, at);
  for (let i = 0; i < iterations; i++) {
    const next = step(g, epsilon);
    const change = next.sub(g).abs().max().item();
    g = next;
    if (change <= tolerance * epsilon) break;
  }
  return g;
}

/** f_i = −ε log Σ_j b_j exp((g_j − C_ij) / ε): c (N, M), g (M), logB (M) → (N) */
function softMin(c: Tensor, g: Tensor, logB: Tensor, epsilon: number): Tensor {
  const exponent = g.unsqueeze(0).sub(c).div(epsilon).add(logB.unsqueeze(0)); // (N, M)
  return (call("aten::logsumexp", exponent, [1], false) as Tensor).mul(-epsilon);
}
