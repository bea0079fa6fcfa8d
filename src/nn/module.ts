/**
 * A network or a part of one: named parameters, buffers and child modules, in PyTorch's order and with PyTorch's names,
 * so that state can be exchanged without renaming.
 *
 * A subclass registers its tensors and children in its constructor or field initialisers:
 * `readonly conv1 = this.child("conv1", new Conv2d(…))`, `this.weight = this.param("weight", …)`.
 */
import { ArcletError } from "../foundation/errors.ts";
import { noGrad } from "../torch/autograd.ts";
import { type DType, isFloating } from "../torch/dtype.ts";
import type { Generator } from "../torch/random.ts";
import { keep, tidy } from "../torch/scope.ts";
import type { MemoryFormat, Tensor } from "../torch/tensor.ts";
import { remap } from "./remap.ts";

/** How strictly a state is loaded. */
export interface LoadOptions {
  /** Whether a missing or an unexpected name is an error (the default). */
  strict?: boolean;
  /** What errors begin with: the file that the state came from. */
  where?: string;
}

/** Names that the loaded state lacked, and names that the module does not have. */
export interface Loaded {
  /** Names that the state lacks. */
  missing: string[];
  /** Names that the module lacks. */
  unexpected: string[];
}

/** A part of a network: its parameters, buffers and children by name, and what it makes of a tensor. */
export abstract class Module {
  /** Whether dropout drops, and batch norm uses the batch's statistics. Set by `train`. */
  training = true;
  private readonly parameterSlots = new Map<string, Tensor>();
  private readonly bufferSlots = new Map<string, Tensor>();
  private readonly constantSlots = new Map<string, Tensor>();
  private readonly childSlots = new Map<string, Module>();

  /** What it makes of a tensor. Shapes are in each class's own text; what libtorch refuses throws with its line. */
  abstract forward(x: Tensor): Tensor;

  // ---- registration, for subclasses ----

  /** A tensor that is learned. It is kept out of scopes and gets gradients. */
  protected param(name: string, value: Tensor): Tensor {
    this.parameterSlots.set(name, keep(value.withGrad()));
    return value;
  }
  /** A tensor that is saved with the state but not learned, e.g. running statistics. */
  protected buffer(name: string, value: Tensor): Tensor {
    this.bufferSlots.set(name, keep(value));
    return value;
  }
  /** A tensor that can be recomputed: moved and freed with the module, not saved. Replaces one of the same name. */
  protected constant(name: string, value: Tensor): Tensor {
    this.constantSlots.get(name)?.dispose();
    this.constantSlots.set(name, keep(value));
    return value;
  }
  /** The constant of that name, if there is one. */
  protected constantNamed(name: string): Tensor | undefined {
    return this.constantSlots.get(name);
  }
  /** Registers a part under a name, and returns it. */
  protected child<M extends Module>(name: string, module: M): M {
    this.childSlots.set(name, module);
    return module;
  }
  /** Children `name.0`, `name.1`, …, as PyTorch's ModuleList names them. */
  protected childList<M extends Module>(name: string, modules: readonly M[]): readonly M[] {
    return modules.map((module, index) => this.child(`${name}.${index}`, module));
  }

  // ---- contents ----

  /** This module and all modules inside it, by dotted name (its own is empty), parents first. */
  *namedModules(prefix = ""): IterableIterator<[string, Module]> {
    yield [prefix, this];
    for (const [name, child] of this.childSlots) yield* child.namedModules(join(prefix, name));
  }
  /** All parameters, its parts' too, by names such as `layers.0.weight`. */
  namedParameters(): Map<string, Tensor> {
    return this.collect((module) => [module.parameterSlots]);
  }
  /** All buffers, its parts' too, by name: what is saved and not trained, such as running means. */
  namedBuffers(): Map<string, Tensor> {
    return this.collect((module) => [module.bufferSlots]);
  }
  /** All parameters, its parts' too. */
  parameters(): Tensor[] {
    return [...this.namedParameters().values()];
  }
  /** Parameters and buffers in PyTorch's order. They are the module's own tensors, not copies. */
  state(): Map<string, Tensor> {
    return this.collect((module) => [module.parameterSlots, module.bufferSlots]);
  }

  private collect(slotsOf: (module: Module) => Map<string, Tensor>[]): Map<string, Tensor> {
    const tensors = new Map<string, Tensor>();
    for (const [prefix, module] of this.namedModules())
      for (const slots of slotsOf(module))
        for (const [name, value] of slots) tensors.set(join(prefix, name), value);
    return tensors;
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
  /** Gives every layer that draws at random (dropout) its generator. */
  setGenerator(generator: Generator): this {
    for (const child of this.childSlots.values()) child.setGenerator(generator);
    return this;
  }

  // ---- state, copies, devices ----

  /**
   * Copies values into this module's tensors, converting their type.
   *
   * @throws ArcletError for a wrong shape and, if strict, for missing or unexpected names; nothing is loaded then
   */
  load(state: ReadonlyMap<string, Tensor>, options: LoadOptions = {}): Loaded {
    const { strict = true, where = "load" } = options;
    const targets = this.state();
    const missing = [...targets.keys()].filter((name) => !state.has(name));
    const unexpected = [...state.keys()].filter((name) => !targets.has(name));
    if (strict && missing.length + unexpected.length > 0) {
      const parts = [listed("missing", missing), listed("unexpected", unexpected)].filter(Boolean);
      throw new ArcletError({ where, code: "conflict", problem: parts.join("; ") });
    }
    const pairs = [...targets].flatMap(([name, target]) => {
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

  /** A module of the same structure with its own tensors; generators are shared. */
  copy(): this {
    return tidy(() => remap(this, (tensor) => keep(leaf(tensor, tensor.detach().clone())), "copy"));
  }

  /**
   * Moves every tensor to a device, and floating-point ones to a type. The tensors are new, so make optimisers
   * afterwards.
   */
  to(device: string, dtype?: DType): this {
    return this.replace((tensor) => {
      const moved = tensor.detach().toDevice(device);
      return dtype !== undefined && isFloating(tensor.dtype) ? moved.to(dtype) : moved;
    });
  }

  /**
   * Changes the memory layout of 4-D tensors, for faster convolutions. Make optimisers afterwards. Kernels of one pixel or
   * one channel lie in memory the same in both layouts, but their strides tell libtorch which one is meant: it convolves
   * channels-last if the image or the weight says so.
   */
  layout(format: MemoryFormat): this {
    return this.replace((tensor) => (tensor.ndim === 4 ? tensor.detach().clone(format) : tensor.detach()));
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

  /** Frees every tensor of this module and of the modules inside it. */
  dispose(): void {
    for (const [, module] of this.namedModules()) {
      for (const slots of [module.parameterSlots, module.bufferSlots, module.constantSlots])
        for (const tensor of slots.values()) tensor.dispose();
    }
  }
}

const join = (prefix: string, name: string): string => (prefix === "" ? name : `${prefix}.${name}`);

const leaf = (like: Tensor, value: Tensor): Tensor => (like.requiresGrad ? value.withGrad() : value);

const listed = (what: string, names: readonly string[]): string =>
  names.length === 0 ? "" : `${what} ${names.length} of the state's tensors: ${names.join(", ")}`;
