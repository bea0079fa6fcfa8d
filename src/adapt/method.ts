/**
 * The contract between adaptation methods and the training loop.
 *
 * A method describes its phases and takes one step; the loop in `train/` owns epochs, batches,
 * augmentation, precision, logs, checkpoints and the choice of the epoch. A method knows no astronomy: it adapts
 * digits as well as lenses.
 */
import type { z } from "zod";
import type { TuningOf } from "../foundation/tuning.ts";
import type { Network } from "../nn/network.ts";
import type { Generator } from "../torch/random.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { NamesOf, NumberDeclarations, StepNumbers } from "./numbers.ts";

export type { StepNumbers } from "./numbers.ts";

/** `plain`: no augmentation. `weak` and `strong`: the run's augmentation policies. */
export type View = "plain" | "weak" | "strong";

/** Images of one domain in one step. */
export interface ImageBatch {
  /** (B, C, H, W) float32, preprocessed. Each call of `weak` or `strong` draws another view. */
  view(kind: View): Tensor;
}

export interface LabelledBatch extends ImageBatch {
  /** (B) int64 */
  labels: Tensor;
  /** (B, O) float32: 1 for an output that the row may be, 0 for other kinds of its class; left out if no kind is named. */
  admitted?: Tensor;
}

/** Images of the target that people graded. */
export interface GradedBatch extends ImageBatch {
  /** (B, K) float32: the probability of each class, rows with sum 1. A sure grade is a 1 and zeros. */
  labels: Tensor;
  /** As in `LabelledBatch`. */
  admitted?: Tensor;
}

/** Whether a method learns from graded rows of the target: never, if there are any, or only with some. */
export type GradedUse = "no" | "optional" | "needed";

/** Methods that ask for graded rows see them; to all others there are none. */
type Graded<G extends GradedUse> = [G] extends ["no"] ? unknown : { graded?: GradedBatch };

/** The data of a step; a domain is present if the phase uses it. */
export type Batches<G extends GradedUse = "no"> = {
  source?: LabelledBatch;
  target?: ImageBatch;
} & Graded<G>;

/** A stretch of training with its own batches and schedule. */
export interface Phase {
  /** Its name, in logs. */
  readonly name: string;
  /** Its number of epochs. */
  readonly epochs: number;
  /**
   * Images of each domain per step; 0 for none. An epoch is one pass over the source, or over the graded rows of a phase
   * without source (or `stepsPerEpoch`).
   */
  readonly batch: { readonly source: number; readonly target: number; readonly graded?: number };
  /** Whether this phase's epochs may be chosen. */
  readonly selectable: boolean;
}

/** The position of a step in its phase. Schedules are functions of it alone. */
export interface StepPosition {
  /** From 0. */
  readonly step: number;
  /** Steps in each epoch. */
  readonly stepsPerEpoch: number;
  /** Steps of the whole phase. */
  readonly totalSteps: number;
  /** The factor of every learning rate: below 1 after a run was rolled back. */
  readonly rate?: number;
}

/** A method that trains one network. `Name`: the numbers that its steps return. `G`: whether it takes graded rows. */
export interface Trainer<Name extends string = string, G extends GradedUse = "no"> {
  /** Its phases, in their order. */
  readonly phases: readonly Phase[];
  /** Called once before a phase's first step, not when a run is resumed within the phase. */
  begin(phase: number): void;
  /** One update. The loop runs it in a scope and checks that every number is declared and finite. */
  step(phase: number, batches: Batches<G>, position: StepPosition): StepNumbers<Name>;
  /** The network to use if training ended here. The caller switches it to eval mode and back. */
  model(phase: number): Network;
  /** Everything that later steps depend on, except the context's generator: networks, moments, averages. */
  state(): Map<string, Tensor>;
  /** @throws ArcletError when the state is of another method or network */
  load(state: ReadonlyMap<string, Tensor>): void;
  /** Frees what the trainer created; the context's network stays. */
  dispose(): void;
}

/** Supervised training on the source: the whole of source-only, and the first stage of other methods. */
export interface SourceSettings {
  /** Epochs on the source. */
  readonly epochs: number;
  /** Images per step. */
  readonly batch: number;
  /** Learning rate. */
  readonly lr: number;
  /** λ of AdamW. */
  readonly weightDecay: number;
  /** Epochs over which the learning rate rises linearly. */
  readonly warmup: number;
  /** Largest 2-norm of the gradient; null for no limit. */
  readonly clip: number | null;
  /** Share of each label that is spread over all classes. */
  readonly labelSmoothing: number;
}

/** What a method is built with: the network, the data's size, randomness. */
export interface MethodContext {
  /** M (encoder and head) with C (classifier) on top. Trained in place. */
  readonly network: Network;
  /** K */
  readonly classes: number;
  /** F */
  readonly features: number;
  /** Randomness during training, dropout included. Its state is saved with the run. */
  readonly generator: Generator;
  /** Seed of the method's own initial weights. */
  readonly seed: number;
  /** Settings of the source's stage. */
  readonly source: SourceSettings;
  /** Whether the network is already trained on the source, so that a first stage on the source is skipped. */
  readonly pretrained: boolean;
  /** Share of each class in the source as it is drawn (K), sum 1. */
  readonly sourcePrior: readonly number[];
  /** Expected share of each class in the target (K), each > 0, sum 1; null if unknown. */
  readonly targetPrior: readonly number[] | null;
  /** Graded images per step; 0 without graded rows, and for a method that takes none. */
  readonly gradedBatch: number;
  /** The encoder's blocks from the image on, each as beginnings of the names that its parameters have in the network. */
  readonly blocks: readonly (readonly string[])[];
  /** Device of the network and the batches, and of all that a method creates. */
  readonly device: string;
  /** Runs a network's forward pass in the run's precision (autocast). Losses stay outside, in float32. */
  compute<T>(forward: () => T): T;
}

/** A method's declarations. */
interface Declared<S extends z.ZodObject, N extends NumberDeclarations, G extends GradedUse> {
  /** As on the command line. */
  readonly name: string;
  /** Authors, year and arXiv number; empty for none. */
  readonly paper: string;
  /** One line. */
  readonly summary: string;
  /** Its own settings, with ranges and units. */
  readonly schema: S;
  /** How `arclet tune` varies each of them. */
  readonly tuning: TuningOf<S>;
  /** Every number that its steps return, in any phase. */
  readonly numbers: N;
  /** Whether it needs target images. */
  readonly needsTarget: boolean;
  /** Whether it learns from rows of the target that people graded. Only then its batches have them. */
  readonly graded: G;
  /** Whether its labelled losses learn the kinds of a class (`lossLabels`, `lossGrades`); left out: no. */
  readonly kinds?: boolean;
  /**
   * Whether the network that learned the source stays fixed while another one is adapted: the target's features are then
   * aligned to those of another network.
   */
  readonly separateSource: boolean;
  /** Its settings under `--preset deeplense`: those of the GSoC 2022 DeepLense project. */
  readonly deeplense?: Partial<z.output<S>>;
}

/** A way to adapt a network, known by name. */
export interface Method<
  S extends z.ZodObject = z.ZodObject,
  N extends NumberDeclarations = NumberDeclarations,
  G extends GradedUse = GradedUse,
> extends Declared<S, N, G> {
  /** A training with these settings. */
  build(settings: z.output<S>, context: MethodContext): Trainer<NamesOf<N>, G>;
}

/** A method with its own name in its type. */
export type NamedMethod<
  Name extends string,
  S extends z.ZodObject,
  N extends NumberDeclarations,
  G extends GradedUse,
> = Method<S, N, G> & { readonly name: Name };

/** Any trainer, whether it takes graded rows or not. */
export type AnyTrainer = Trainer<string, GradedUse>;

/** Whether a method adapts to the target's images, labelled or not. */
export const adaptsToTarget = ({ needsTarget, graded }: Pick<Method, "needsTarget" | "graded">): boolean =>
  needsTarget || graded === "needed";

type Keys<R> = R extends unknown ? keyof R & string : never;
type Returned<T extends AnyTrainer> = Keys<ReturnType<T["step"]>>;

/** Requires by type that a trainer's steps return the declared numbers; if not, the type of `step` is a message. */
type Agreeing<N extends NumberDeclarations, T extends AnyTrainer> =
  string extends Returned<T>
    ? { step: "must return a type that names its numbers, e.g. StepNumbers<'loss'>" }
    : [Exclude<Returned<T>, NamesOf<N>>] extends [never]
      ? [Exclude<NamesOf<N>, Returned<T>>] extends [never]
        ? unknown
        : { step: `must return ${Exclude<NamesOf<N>, Returned<T>>}, which numbers declares` }
      : { step: `must not return ${Exclude<Returned<T>, NamesOf<N>>}, which numbers does not declare` };

/** Requires by type that a trainer's steps take graded rows if, and only if, that is declared. */
type Asking<G extends GradedUse, T extends AnyTrainer> =
  "graded" extends Keys<Parameters<T["step"]>[1]>
    ? [G] extends ["no"]
      ? { step: "must not take graded rows, since graded is 'no'" }
      : unknown
    : [G] extends ["no"]
      ? unknown
      : { step: `must take Batches<'${G}'>, since graded is '${G}'` };

/**
 * Gives a method's `build` the types of its schema, and checks what its steps return and take against what it declares.
 */
export const method = <
  const Name extends string,
  S extends z.ZodObject,
  const N extends NumberDeclarations,
  const G extends GradedUse,
  T extends AnyTrainer,
>(
  definition: Declared<S, N, G> & {
    readonly name: Name;
    build(settings: z.output<S>, context: MethodContext): T & Agreeing<N, T> & Asking<G, T>;
  },
): NamedMethod<Name, S, N, G> => definition as unknown as NamedMethod<Name, S, N, G>;
