/** What all optimisers share: parameter groups, moments, and the state for an exact resume. */
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { clearGrads, noGrad } from "../../torch/autograd.ts";
import { tensor, zerosLike } from "../../torch/create.ts";
import { keep, tidy } from "../../torch/scope.ts";
import type { Tensor } from "../../torch/tensor.ts";

/** Parameters that share a learning rate and a weight decay. */
export interface ParameterGroup {
  /** Its tensors by name. */
  parameters: ReadonlyMap<string, Tensor>;
  /** Base learning rate. */
  lr: number;
  /** Its λ. */
  weightDecay: number;
}

/** What an optimiser trains: tensors by name, or groups with settings of their own. */
export type Parameters =
  | ReadonlyMap<string, Tensor>
  | readonly (Pick<ParameterGroup, "parameters"> & Partial<ParameterGroup>)[];

/** A parameter in one step. */
export interface Slot {
  parameter: Tensor;
  gradient: Tensor;
  moments: Moments;
}

/** What an optimiser remembers about a parameter. */
export interface Moments {
  /** Steps taken, including the current one. */
  step: number;
  /** By PyTorch's names, e.g. `exp_avg`. */
  tensors: Record<string, Tensor>;
}

/**
 * 1 MB of each tensor that an update touches, for the CPU: an update of 17 M weights then takes 45 ms instead of 80.
 * A GPU needs few, large calls.
 */
const BATCH_ELEMENTS = 2 ** 18;

/** What an optimiser is: groups of parameters, their moments, and a step along the gradients. */
export abstract class Optimizer {
  /** The parameters, by groups with their own settings. */
  readonly groups: ParameterGroup[];
  /** Multiplies every group's learning rate; a schedule sets it before each step. */
  factor = 1;
  private readonly moments = new Map<string, Moments>();

  /**
   * @param parameters a module's `namedParameters()`, or groups of them with their own rates
   * @param lr learning rate of groups without one
   * @param weightDecay weight decay of groups without one
   */
  constructor(parameters: Parameters, lr: number, weightDecay: number) {
    const groups = isMap(parameters) ? [{ parameters }] : parameters;
    this.groups = groups.map((group) => ({ lr, weightDecay, ...group }));
    for (const group of this.groups) {
      if (!(group.lr >= 0)) refuse("optimizer", "lr", "a number from 0", group.lr);
      if (!(group.weightDecay >= 0)) refuse("optimizer", "weightDecay", "a number from 0", group.weightDecay);
    }
  }

  /** Names of the tensors that it keeps for each parameter. */
  protected abstract readonly momentNames: readonly string[];

  /** Updates parameters of one group. `lr` is the rate of this step. */
  protected abstract update(slots: readonly Slot[], lr: number, weightDecay: number): void;

  /** Updates every parameter that has a gradient; the others are left alone, as in PyTorch. */
  step(): void {
    noGrad(() =>
      tidy(() => {
        this.groups.forEach((group, index) => {
          const slots: Slot[] = [];
          for (const [name, parameter] of group.parameters) {
            const gradient = parameter.grad;
            if (gradient === null) continue;
            const moments = this.momentsOf(`${index}.${name}`, parameter);
            moments.step += 1;
            slots.push({ parameter, gradient, moments });
          }
          for (const batch of inBatches(slots))
            tidy(() => this.update(batch, group.lr * this.factor, group.weightDecay));
        });
      }),
    );
  }

  /** Clears all gradients. */
  zeroGrad(): void {
    for (const group of this.groups) clearGrads([...group.parameters.values()]);
  }

  private momentsOf(key: string, parameter: Tensor): Moments {
    let moments = this.moments.get(key);
    if (moments === undefined) {
      const tensors = this.momentNames.map((name) => [name, keep(zerosLike(parameter))]);
      moments = { step: 0, tensors: Object.fromEntries(tensors) };
      this.moments.set(key, moments);
    }
    return moments;
  }

  /**
   * All moments: `group.parameter.exp_avg` and so on (the optimiser's tensors, not copies), and `group.parameter.step`
   * () int64, new tensors. Call it in a scope.
   */
  state(): Map<string, Tensor> {
    const state = new Map<string, Tensor>();
    for (const [key, { step, tensors }] of this.moments) {
      state.set(`${key}.step`, tensor(step, [], { dtype: "int64" }));
      for (const [name, value] of Object.entries(tensors)) state.set(`${key}.${name}`, value);
    }
    return state;
  }

  /**
   * Replaces the moments by a saved state.
   *
   * @throws ArcletError when the state belongs to other parameters; nothing is changed then
   */
  load(state: ReadonlyMap<string, Tensor>, where = "optimizer"): void {
    const unknown = new Set(state.keys());
    const loaded = new Map<string, Moments>();
    this.groups.forEach((group, index) => {
      for (const [name, parameter] of group.parameters) {
        const key = `${index}.${name}`;
        const step = state.get(`${key}.step`);
        if (step === undefined) continue;
        unknown.delete(`${key}.step`);
        const tensors = this.momentNames.map((moment) => {
          const value = state.get(`${key}.${moment}`);
          if (value === undefined)
            throw new ArcletError({ where, code: "conflict", problem: `missing ${key}.${moment}` });
          if (String(value.shape) !== String(parameter.shape))
            refuse(where, `${key}.${moment}`, `of shape [${parameter.shape}]`, value.shape);
          unknown.delete(`${key}.${moment}`);
          return [moment, value] as const;
        });
        loaded.set(key, { step: step.item(), tensors: Object.fromEntries(tensors) });
      }
    });
    if (unknown.size > 0)
      throw new ArcletError({ where, code: "conflict", problem: `unexpected ${[...unknown].join(", ")}` });
    this.dispose();
    noGrad(() =>
      tidy(() => {
        for (const [key, { step, tensors }] of loaded) {
          const [group, name] = split(key);
          const moments = this.momentsOf(key, this.groups[group]!.parameters.get(name)!);
          moments.step = step;
          for (const [moment, value] of Object.entries(tensors)) moments.tensors[moment]!.copy_(value);
        }
      }),
    );
  }

  /** Frees all moments. */
  dispose(): void {
    for (const { tensors } of this.moments.values())
      for (const value of Object.values(tensors)) value.dispose();
    this.moments.clear();
  }
}

/**
 * Slots in batches that stay in the processor's cache from one operator of an update to the next; a larger tensor is a
 * batch by itself. On a GPU there is one batch.
 */
function inBatches(slots: readonly Slot[]): Slot[][] {
  if (slots.length > 0 && slots[0]!.parameter.device !== "cpu") return [[...slots]];
  const batches: Slot[][] = [];
  let space = 0;
  for (const slot of slots) {
    const size = slot.parameter.size;
    if (batches.length === 0 || size > space) {
      batches.push([]);
      space = BATCH_ELEMENTS;
    }
    batches[batches.length - 1]!.push(slot);
    space -= size;
  }
  return batches;
}

const isMap = (value: Parameters): value is ReadonlyMap<string, Tensor> => value instanceof Map;

const split = (key: string): [number, string] => {
  const dot = key.indexOf(".");
  return [Number(key.slice(0, dot)), key.slice(dot + 1)];
};
