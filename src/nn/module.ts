/**
 * A network or a part of one: named parameters, buffers and child modules, in PyTorch's order and under
 * PyTorch's names, so that state passes between the two unrenamed.
 *
 * A subclass registers what it owns in its constructor or field initialisers:
 * `readonly conv1 = this.child("conv1", new Conv2d(…))`, `this.weight = this.param("weight", …)`.
 */
import { ArcletError } from "../foundation/errors.ts";
import { noGrad } from "../torch/autograd.ts";
import { type DType, isFloating } from "../torch/dtype.ts";
import type { Generator } from "../torch/random.ts";
import { keep, tidy } from "../torch/scope.ts";
import type { MemoryFormat, Tensor } from "../torch/tensor.ts";
import { remap } from "./remap.ts";

export interface LoadOptions {
  /** Whether a missing or an unexpected name is an error (the default). */
  strict?: boolean;
  /** What the errors begin with: the file the state came from. */
  where?: string;
}

/** Names that a load did not find, and names that it had no use for. */
export interface Loaded {
  missing: string[];
  unexpected: string[];
}

export abstract class Module {
  /** Whether dropout drops and batch norm uses the batch's statistics. Set by `train`. */
  training = true;
  private readonly parameterSlots = new Map<string, Tensor>();
  private readonly bufferSlots = new Map<string, Tensor>();
  private readonly constantSlots = new Map<string, Tensor>();
  private readonly childSlots = new Map<string, Module>();

  abstract forward(x: Tensor): Tensor;

  // ---- registration, for subclasses ----

  /** A tensor that is learned. It is kept out of scopes and asks for gradients. */
  protected param(name: string, value: Tensor): Tensor {
    this.parameterSlots.set(name, keep(value.withGrad()));
    return value;
  }
  /** A tensor that is saved with the state but not learned, e.g. running statistics. */
  protected buffer(name: string, value: Tensor): Tensor {
    this.bufferSlots.set(name, keep(value));
    return value;
  }
  /** A tensor that can be computed again: moved and freed with the module, not saved. Replaces one of its name. */
  protected constant(name: string, value: Tensor): Tensor {
    this.constantSlots.get(name)?.dispose();
    this.constantSlots.set(name, keep(value));
    return value;
  }
  /** The constant of a name, if it was made. */
  protected constantNamed(name: string): Tensor | undefined {
    return this.constantSlots.get(name);
  }
  protected child<M extends Module>(name: string, module: M): M {
    this.childSlots.set(name, module);
    return module;
  }
  /** Children `name.0`, `name.1`, …, as PyTorch's ModuleList names them. */
  protected childList<M extends Module>(name: string, modules: readonly M[]): readonly M[] {
    return modules.map((module, index) => this.child(`${name}.${index}`, module));
  }

  // ---- what is inside ----

  /** This module and every one inside it, by dotted name (the module itself is ``), parents first. */
  *namedModules(prefix = ""): IterableIterator<[string, Module]> {
    yield [prefix, this];
    for (const [name, child] of this.childSlots) yield* child.namedModules(join(prefix, name));
  }
  namedParameters(): Map<string, Tensor> {
    return this.collect((module) => [module.parameterSlots]);
  }
  namedBuffers(): Map<string, Tensor> {
    return this.collect((module) => [module.bufferSlots]);
  }
  parameters(): Tensor[] {
    return [...this.namedParameters().values()];
  }
  /** Parameters and buffers in PyTorch's order. They are the module's own tensors, not copies. */
  state(): Map<string, Tensor> {
    return this.collect((module) => [module.parameterSlots, module.bufferSlots]);
  }

  private collect(of: (module: Module) => Map<string, Tensor>[]): Map<string, Tensor> {
    const found = new Map<string, Tensor>();
    for (const [prefix, module] of this.namedModules())
      for (const slots of of(module)) for (const [name, value] of slots) found.set(join(prefix, name), value);
    return found;
  }

  // ---- modes ----

  /** Switches to training mode, or with `false` to evaluation. */
  train(on = true): this {
    for (const [, module] of this.namedModules()) module.training = on;
    return this;
  }
  /** Freezes the parameters (`false`), or lets them learn again. */
  learn(on = true): this {
    for (const parameter of this.parameters()) parameter.withGrad(on);
    return this;
  }
  /** Hands every layer that draws at random (dropout) its generator. */
  setGenerator(generator: Generator): this {
    for (const child of this.childSlots.values()) child.setGenerator(generator);
    return this;
  }

  // ---- state, copies, places ----

  /**
   * Copies values into this module's tensors, converting their type.
   *
   * @throws ArcletError for a wrong shape, and when strict for names missing or unexpected; nothing is loaded then
   */
  load(state: ReadonlyMap<string, Tensor>, options: LoadOptions = {}): Loaded {
    const { strict = true, where = "load" } = options;
    const own = this.state();
    const missing = [...own.keys()].filter((name) => !state.has(name));
    const unexpected = [...state.keys()].filter((name) => !own.has(name));
    if (strict && missing.length + unexpected.length > 0) {
      const parts = [listed("missing", missing), listed("unexpected", unexpected)].filter(Boolean);
      throw new ArcletError({ where, code: "conflict", problem: parts.join("; ") });
    }
    const pairs = [...own].flatMap(([name, target]) => {
      const source = state.get(name);
      return source === undefined ? [] : [{ name, target, source }];
    });
    for (const { name, target, source } of pairs) {
      if (String(target.shape) === String(source.shape)) continue;
      throw new ArcletError({
        where,
        code: "conflict",
        problem: `${name} must be of shape [${target.shape}], got [${source.shape}]`,
      });
    }
    noGrad(() => {
      for (const { target, source } of pairs) target.copy_(source);
    });
    return { missing, unexpected };
  }

  /** A module of the same structure with tensors of its own; generators are shared. */
  copy(): this {
    return tidy(() => remap(this, (tensor) => keep(leaf(tensor, tensor.detach().clone())), "copy"));
  }

  /**
   * Moves every tensor to a device, and floating ones to a type. Optimisers are made afterwards: the tensors
   * are new ones.
   */
  to(device: string, dtype?: DType): this {
    return this.replace((tensor) => {
      const moved = tensor.detach().toDevice(device);
      return dtype !== undefined && isFloating(tensor.dtype) ? moved.to(dtype) : moved;
    });
  }

  /** Lays 4-D parameters out in memory as convolutions like it. Optimisers are made afterwards. */
  layout(format: MemoryFormat): this {
    return this.replace((tensor) =>
      tensor.ndim === 4 ? tensor.detach().contiguous(format) : tensor.detach(),
    );
  }

  private replace(change: (tensor: Tensor) => Tensor): this {
    const replaced: Tensor[] = [];
    const changed = (tensor: Tensor) => {
      replaced.push(tensor);
      return keep(leaf(tensor, change(tensor)));
    };
    tidy(() => remap(this, changed, "in place"));
    for (const tensor of replaced) tensor.dispose();
    return this;
  }

  /** Frees every tensor of this module and those inside it. */
  dispose(): void {
    for (const [, module] of this.namedModules()) {
      for (const slots of [module.parameterSlots, module.bufferSlots, module.constantSlots])
        for (const tensor of slots.values()) tensor.dispose();
    }
  }
}

const join = (prefix: string, name: string): string => (prefix === "" ? name : `${prefix}.${name}`);

const leaf = (like: Tensor, made: Tensor): Tensor => (like.requiresGrad ? made.withGrad() : made);

const listed = (what: string, names: readonly string[]): string =>
  names.length === 0 ? "" : `${what} ${names.length} of the state's tensors: ${names.join(", ")}`;
