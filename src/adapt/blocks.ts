/** A network's parameters by the blocks of its encoder, so that some can be held, and each can have its own rate. */
import { refuse } from "../foundation/errors.ts";
import type { Network } from "../nn/network.ts";
import type { Tensor } from "../torch/tensor.ts";

type Parameters = ReadonlyMap<string, Tensor>;

/**
 * @param blocks from the image on, each as beginnings of names in the network: `["encoder.stem"]` for `encoder.stem.weight`
 * @returns the parameters of each block, and the rest: those of the head and the classifier
 * @throws ArcletError for a parameter of the encoder that is in no block
 */
export function blockParameters(
  network: Network,
  blocks: readonly (readonly string[])[],
): { blocks: Parameters[]; rest: Parameters } {
  const all = [...network.namedParameters()];
  const taken = new Set<string>();
  const byBlock = blocks.map((beginnings) => {
    const own = all.filter(([name]) =>
      beginnings.some((start) => name === start || name.startsWith(`${start}.`)),
    );
    for (const [name] of own) taken.add(name);
    return new Map(own);
  });
  const rest = all.filter(([name]) => !taken.has(name));
  const stray = rest.find(([name]) => name.startsWith("encoder."));
  if (stray !== undefined) refuse("encoder", "blocks", "such that every parameter is in one", stray[0]);
  return { blocks: byBlock, rest: new Map(rest) };
}

/** Runs a body in which parameters get no gradient; the gradient then isn't computed below the first that has one. */
export function withHeld<T>(parameters: readonly Tensor[], body: () => T): T {
  for (const parameter of parameters) parameter.withGrad(false);
  try {
    return body();
  } finally {
    for (const parameter of parameters) parameter.withGrad();
  }
}
