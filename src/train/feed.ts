/** The data of each step: batches, a function of the step's index alone, and views by generators whose state is saved. */
import type { Batches, Phase, View } from "../adapt/method.ts";
import { type Balance, sourceBatch, sourceSampler } from "../dataset/batches.ts";
import type { ImageDomain, LabelledDomain } from "../dataset/dataset.ts";
import type { GradedBalance, GradedDataset } from "../dataset/graded/graded-dataset.ts";
import { BatchSampler, type Sampler } from "../dataset/sampler.ts";
import { augment, observed } from "../dataset/views/augment.ts";
import { type Augmentation, changesStored, checkPolicy } from "../dataset/views/augmenting/policy.ts";
import { applyPreprocessing } from "../dataset/views/preprocess.ts";
import type { Preprocessing } from "../dataset/views/preprocessing/registry.ts";
import { textKey } from "../foundation/random.ts";
import { imageLayout } from "../torch/machine.ts";
import { Generator } from "../torch/random.ts";
import { tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { asInput } from "./predict.ts";
import { admitted, type Outputs } from "./session/kinds.ts";

export interface FeedOptions {
  source: { dataset: LabelledDomain; rows: Int32Array };
  target: { domain: ImageDomain; rows: Int32Array } | null;
  graded: { dataset: GradedDataset; balance: GradedBalance } | null;
  /** The network's outputs, if classes have kinds; null for one output a class. */
  outputs: Outputs | null;
  /** Kinds of the source's rows, null for none; and whether those of graded rows are learned. */
  kinds: { source: readonly (string | null)[] | null; graded: boolean };
  preprocessing: Preprocessing;
  weak: Augmentation;
  strong: Augmentation;
  balance: Balance;
  /** The part of each source; null for every row equally often. */
  parts: readonly number[] | null;
  seed: number;
  /** Device of the batches and their views. */
  device: string;
}

export class Feed {
  /** Draw the views, one for each domain, so that the source's views don't depend on the target. */
  readonly generators: { source: Generator; target: Generator; graded?: Generator };
  /** Time spent so far on batches and their views. */
  milliseconds = 0;
  private readonly options: FeedOptions;
  private readonly samplers: { source: Sampler | null; target: Sampler | null; graded: Sampler | null }[];

  constructor(options: FeedOptions, phases: readonly Phase[]) {
    const { source, target, graded, balance, parts, seed, device } = options;
    this.options = options;
    for (const policy of [options.weak, options.strong])
      for (const domain of [source.dataset, target?.domain])
        if (domain !== undefined) checkPolicy(policy, domain.info);
    this.generators = {
      source: new Generator(textKey(seed, "source views"), device),
      target: new Generator(textKey(seed, "target views"), device),
      ...(graded !== null && { graded: new Generator(textKey(seed, "graded views"), device) }),
    };
    this.samplers = phases.map(({ name, batch }) => ({
      source:
        batch.source === 0
          ? null
          : sourceSampler(
              source.dataset,
              source.rows,
              batch.source,
              textKey(seed, `source order of ${name}`),
              { balance, parts },
            ),
      target:
        target === null || batch.target === 0
          ? null
          : new BatchSampler(target.rows, batch.target, textKey(seed, `target order of ${name}`)),
      graded:
        graded === null || (batch.graded ?? 0) === 0
          ? null
          : graded.dataset.sampler(batch.graded!, textKey(seed, `graded order of ${name}`), graded.balance),
    }));
  }

  /** Steps in which every source image is drawn once, or every graded one in a phase without source. */
  onePass(phase: number): number {
    const { source, graded } = this.samplers[phase]!;
    return (source ?? graded)?.batchesPerEpoch ?? 0;
  }

  /** The batches of a phase's step, in the current scope. */
  at(phase: number, step: number): Batches<"optional"> {
    return this.timed(() => this.batches(phase, step));
  }

  private batches(phase: number, step: number): Batches<"optional"> {
    const { source, target, graded, kinds, device } = this.options;
    const samplers = this.samplers[phase]!;
    const batches: Batches<"optional"> = {};
    if (samplers.source !== null) {
      const { images, labels, rows } = sourceBatch(source.dataset, samplers.source.at(step));
      const all = kinds.source;
      const own = all === null ? null : Array.from(rows, (row) => all[row]!);
      batches.source = {
        labels: labels.toDevice(device),
        view: this.views(images, this.generators.source),
        ...this.admittedBy(own, source.dataset.labels(rows)),
      };
    }
    if (samplers.target !== null) {
      const images = target!.domain.images(samplers.target.at(step));
      batches.target = { view: this.views(images, this.generators.target) };
    }
    if (samplers.graded !== null) {
      const picked = samplers.graded.at(step);
      const view = this.views(graded!.dataset.images(picked), this.generators.graded!);
      const { classes, kinds: all } = graded!.dataset;
      const own = kinds.graded ? Array.from(picked, (i) => all[i]!) : null;
      batches.graded = {
        view,
        labels: graded!.dataset.labels(picked).toDevice(device),
        ...this.admittedBy(
          own,
          Array.from(picked, (i) => classes[i]!),
        ),
      };
    }
    return batches;
  }

  /** The outputs that rows admit, if their kinds are learned. @param labels class indices of the same rows */
  private admittedBy(
    kinds: readonly (string | null)[] | null,
    labels: ArrayLike<number>,
  ): { admitted?: Tensor } {
    const { outputs, source, device } = this.options;
    if (outputs === null || kinds === null) return {};
    return { admitted: admitted(outputs, source.dataset.info.classes, labels, kinds).toDevice(device) };
  }

  private views(images: Tensor, generator: Generator): (kind: View) => Tensor {
    const { preprocessing, device } = this.options;
    const stored = images.toDevice(device);
    const input = asInput(preprocessing, stored, device); // (B, C, H, W)
    const augmented = (policy: Augmentation) =>
      tidy(() => {
        const changed = changesStored(policy)
          ? applyPreprocessing(preprocessing, observed(stored, preprocessing.pixels, policy, generator))
          : input;
        return augment(changed, policy, generator).contiguous(imageLayout(device));
      });
    return (kind) => (kind === "plain" ? input : this.timed(() => augmented(this.options[kind])));
  }

  private timed<T>(make: () => T): T {
    const start = performance.now();
    try {
      return make();
    } finally {
      this.milliseconds += performance.now() - start;
    }
  }
}
