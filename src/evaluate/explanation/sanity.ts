/**
 * Whether a map may be trusted. Two questions:
 *
 *   1. does it depend on what was learned? Maps of the network are compared with those of the same network with fresh weights
 *      (the model parameter randomisation test of Adebayo et al. 2018, arXiv 1810.03292): a rank correlation near 1 is a map
 *      that shows the image, not the network
 *   2. does it show the truth? On simulated lenses the share of the heat on the arc's pixels over their share of
 *      the area. Since arcs and heat are both near the middle, chance is also measured: the same maps on other lenses' arcs
 */
import type { EncoderNetwork } from "../../encoders/network.ts";
import { Generator } from "../../torch/random.ts";
import type { Tensor } from "../../torch/tensor.ts";
import { type ModelInfo, networkOf } from "../../train/model.ts";
import { type MeanInterval, meanInterval } from "../mean-interval.ts";
import { rankCorrelation } from "../rank-correlation.ts";
import type { Explanation } from "./heat.ts";
import { concentration } from "./share.ts";

/** What gets fresh weights: the layers after the encoder, or all. */
export const RANDOMISED = ["classifier", "all"] as const;
export type Randomised = (typeof RANDOMISED)[number];

/** A copy of a trained network with fresh weights, drawn as they were before training. The caller disposes it. */
export function randomised(
  network: EncoderNetwork,
  info: ModelInfo,
  what: Randomised,
  seed: number,
): EncoderNetwork {
  const fresh = networkOf(info, new Generator(seed)).layout("channels_last").train(false);
  if (what === "all") return fresh;
  const kept = new Map<string, Tensor>([...network.state()].filter(([name]) => name.startsWith("encoder.")));
  fresh.load(kept, { strict: false });
  return fresh;
}

/** Maps of N lenses: row-major (N, H W) each. */
export interface SanityMaps {
  readonly trained: readonly Float32Array[];
  /** By what was randomised, then by network. */
  readonly randomised: Readonly<Record<Randomised, readonly (readonly Float32Array[])[]>>;
}

/** Whether a method's maps depend on what the network learned. */
export interface SanityOfMethod {
  /** The method. */
  readonly method: Explanation;
  /**
   * Mean rank correlation with the maps of randomised networks; null if no pair could be compared. The interval is over
   * lenses, for these networks.
   */
  readonly correlation: Readonly<Record<Randomised, MeanInterval | null>>;
  /** The same of each randomised network alone. */
  readonly ofNetworks: Readonly<Record<Randomised, readonly (number | null)[]>>;
  /** Share of the heat on the arc over the arc's share of the area. */
  readonly onArc: MeanInterval | null;
  /** The same maps on the arcs of other lenses. */
  readonly onOtherArcs: MeanInterval | null;
  /** `onArc` minus `onOtherArcs`, lens by lens. */
  readonly beyondChance: MeanInterval | null;
  /** The fully randomised networks' maps on the arcs. */
  readonly randomOnArc: MeanInterval | null;
  /** Each lens's `onArc`; null without heat. */
  readonly ofLenses: readonly (number | null)[];
  /** Maps of the trained network that have no heat at all. */
  readonly flat: number;
}

/**
 * Compares a method's maps with those of randomised networks, and with the true arcs.
 *
 * @param arcs 1 on the arc, not empty (N, H W)
 */
export function sanityOf(
  method: Explanation,
  { trained, randomised }: SanityMaps,
  arcs: readonly Uint8Array[],
  seed: number,
): SanityOfMethod {
  const mean = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : meanInterval(known, seed);
  };
  const compared = (what: Randomised) =>
    randomised[what].map((maps) =>
      trained.map((map, i) => (flat(map) || flat(maps[i]!) ? null : rankCorrelation(map, maps[i]!))),
    );
  const [classifier, all] = [compared("classifier"), compared("all")];
  const byLens = (networks: (number | null)[][]) =>
    mean(trained.map((_, i) => average(networks.map((lenses) => lenses[i]!))));
  const onArcs = trained.map((map, i) => concentration(map, arcs[i]!));
  const onOtherArcs = trained.map((map, i) =>
    average(arcs.flatMap((arc, j) => (j === i ? [] : [concentration(map, arc)]))),
  );
  return {
    method,
    correlation: { classifier: byLens(classifier), all: byLens(all) },
    ofNetworks: { classifier: classifier.map(average), all: all.map(average) },
    onArc: mean(onArcs),
    onOtherArcs: mean(onOtherArcs),
    beyondChance: mean(
      onArcs.map((value, i) => (value === null || onOtherArcs[i] === null ? null : value - onOtherArcs[i]!)),
    ),
    randomOnArc: mean(
      trained.map((_, i) => average(randomised.all.map((maps) => concentration(maps[i]!, arcs[i]!)))),
    ),
    ofLenses: onArcs,
    flat: trained.filter(flat).length,
  };
}

/** No heat at all: what a map's ReLU leaves if everything speaks against the class. */
const flat = (map: Float32Array): boolean => !map.some((value) => value > 0);

/** The mean of what is known; null if nothing is. */
function average(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
