/** One network, two domains: the statistics that batch norm uses when both pass through it. */
import { refuse } from "../foundation/errors.ts";
import { BatchNorm } from "../nn/batchnorm.ts";
import type { Module } from "../nn/module.ts";
import type { Network } from "../nn/network.ts";
import { noGrad } from "../torch/autograd.ts";
import { cat } from "../torch/create.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";

/** The batch norms within a module, itself included. */
export const batchNormsOf = (module: Module): BatchNorm[] =>
  [...module.namedModules()].flatMap(([, part]) => (part instanceof BatchNorm ? [part] : []));

/** Runs `forward` with batch norm on the batch's own statistics, without changing its running ones. */
export function untracked<T>(network: Module, forward: () => T): T {
  const norms = batchNormsOf(network).filter((norm) => norm.tracking);
  for (const norm of norms) norm.tracking = false;
  try {
    return forward();
  } finally {
    for (const norm of norms) norm.tracking = true;
  }
}

/** Runs `forward` with batch norm on its running statistics, in either mode of the network, without changing them. */
export function frozen<T>(network: Module, forward: () => T): T {
  const norms = batchNormsOf(network).filter((norm) => norm.training);
  for (const norm of norms) norm.training = false;
  try {
    return forward();
  } finally {
    for (const norm of norms) norm.training = true;
  }
}

/** Moves batch norm's running statistics towards those of x (B, C, H, W): a forward pass, with the network in training mode. */
export function moveStatistics(network: Network, x: Tensor): void {
  noGrad(() => tidy(() => void network.features(x)));
}

export const batchNormModes = ["together", "apart", "source", "target"] as const;

/**
 * Features of both domains in training mode. `together`: one batch, one set of statistics. `apart`: each domain is
 * normalised by its own, and the running statistics, used for prediction later, are the target's. `source`: both are
 * normalised by the network's initial running statistics, as they will be in prediction. `target`: the same, after a
 * pass of the target alone has moved these towards the target's. Graded images pass as the target's; being chosen, they
 * don't move the statistics of `target`.
 *
 * @param xS (B, C, H, W), @param xT (B', C, H, W)
 * @param xG (G, C, H, W), graded images of the target; null for none
 * @returns (B, F), (B', F) and (G, F), float32
 */
export function featuresOfBoth<X extends Tensor | null = null>(
  network: Network,
  xS: Tensor,
  xT: Tensor,
  mode: (typeof batchNormModes)[number],
  xG: X = null as X,
): { fS: Tensor; fT: Tensor; fG: X } {
  const [b, bT, bG] = [xS.shape[0]!, xT.shape[0]!, xG?.shape[0] ?? 0];
  const x = xG === null ? xT : cat([xT, xG]);
  const graded = (f: Tensor, start: number) => (xG === null ? null : f.narrow(0, start, bG)) as X;
  if (mode === "apart") {
    const fS = untracked(network, () => network.features(xS)).to("float32");
    const f = network.features(x).to("float32"); // (B' + G, F)
    return { fS, fT: f.narrow(0, 0, bT), fG: graded(f, bT) };
  }
  const all = () => network.features(cat([xS, x])).to("float32"); // (B + B' + G, F)
  if (mode === "target") moveStatistics(network, xT);
  const f = mode === "together" ? all() : frozen(network, all);
  return { fS: f.narrow(0, 0, b), fT: f.narrow(0, b, bT), fG: graded(f, b + bT) };
}

/** @throws ArcletError when batch norm would use the running statistics of an untrained network */
export function refuseUntrained(
  { batchNorm, sourceFirst }: { batchNorm: string; sourceFirst: boolean },
  { pretrained }: { pretrained: boolean },
): void {
  if ((batchNorm === "source" || batchNorm === "target") && !pretrained && !sourceFirst)
    refuse("train", "batchNorm", "together or apart without a start (--from, or sourceFirst)", batchNorm);
}
