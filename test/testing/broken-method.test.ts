/** Each promise of a method is broken by one thing that strangers get wrong, and named. */
import { expect, test } from "vitest";
import { z } from "zod";
import { lossCls } from "../../src/adapt/class-loss.ts";
import type {
  Batches,
  ImageBatch,
  Method,
  MethodContext,
  StepPosition,
  Trainer,
} from "../../src/adapt/method.ts";
import { joinStates, loadStates } from "../../src/adapt/state.ts";
import { supervisedNumbers } from "../../src/adapt/supervised.ts";
import type { Network } from "../../src/nn/network.ts";
import { SGD } from "../../src/nn/optim/sgd.ts";
import { methodPromises } from "../../src/testing/method.ts";
import { outcomesOf } from "../../src/testing/promise.ts";
import { noGrad } from "../../src/torch/autograd.ts";
import { zeros } from "../../src/torch/create.ts";
import { keep, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { slow } from "../slow.ts";

slow("each promise is checked by some trainings");

/** The source's cross-entropy, and that of the target's own guesses: a whole method, of which parts can go wrong. */
class Guessing implements Trainer {
  readonly phases: Trainer["phases"] = [
    { name: "adapt", epochs: 1, batch: { source: 8, target: 8 }, selectable: true },
  ];
  protected readonly context: MethodContext;
  protected readonly optimizer: SGD;

  constructor(context: MethodContext) {
    this.context = context;
    this.optimizer = new SGD(context.network.namedParameters(), { lr: 0.01, weightDecay: 0, momentum: 0.9 });
  }

  begin(): void {}

  step(_: number, { source, target }: Batches, { rate = 1 }: StepPosition): Record<string, number> {
    const { network } = this.context;
    const logits = (batch: ImageBatch) =>
      this.context.compute(() => network.train().forward(batch.view("weak"))).to("float32");
    const zS = logits(source!);
    const zT = this.onTarget(logits, target!);
    const loss = lossCls(zS, source!.labels);
    const guessed = zT === null ? loss : loss.add(lossCls(zT, zT.argmax(1)).mul(0.1));
    this.optimizer.zeroGrad();
    guessed.backward();
    this.optimizer.factor = rate;
    this.optimizer.step();
    this.optimizer.zeroGrad();
    return {
      loss: loss.item(),
      accuracy: zS.argmax(1).eq(source!.labels).to("float32").mean().item(),
      lr: 0.01 * rate,
    };
  }

  protected onTarget(logits: (batch: ImageBatch) => Tensor, target: ImageBatch): Tensor | null {
    return logits(target);
  }

  model(_phase: number): Network {
    return this.context.network;
  }
  protected get parts() {
    return { network: this.context.network, optimizer: this.optimizer };
  }
  state() {
    return joinStates(this.parts);
  }
  load(state: Parameters<Trainer["load"]>[0]): void {
    loadStates(this.parts, state);
  }
  dispose(): void {
    this.optimizer.dispose();
  }
}

const { gradNorm: _, ...numbers } = supervisedNumbers;

const guessing = (
  changes: Partial<Method> = {},
  Made: new (context: MethodContext) => Trainer = Guessing,
): Method => ({
  name: "guessing",
  paper: "",
  summary: "learns from its own guesses",
  schema: z.strictObject({}),
  tuning: {},
  numbers,
  needsTarget: true,
  graded: "no",
  separateSource: false,
  build: (_settings, context) => new Made(context),
  ...changes,
});

/** The promises that are broken, with why: all, or that of a name. */
async function broken(method: Method, only?: string): Promise<Record<string, string>> {
  const asked = methodPromises.filter(({ name }) => only === undefined || name === only);
  const outcomes = await outcomesOf("method guessing", method, asked);
  return Object.fromEntries(
    outcomes.flatMap(({ name, broken: why }) => (why === null ? [] : [[name, why.message]])),
  );
}

test("the method as it is keeps every promise", async () => {
  expect(await broken(guessing())).toEqual({});
});

/** Asks for graded rows, and does not learn from them. */
class Asking extends Guessing {
  override readonly phases: Trainer["phases"];
  constructor(context: MethodContext) {
    super(context);
    const batch = { source: 8, target: 8, graded: context.gradedBatch };
    this.phases = [{ name: "adapt", epochs: 1, batch, selectable: true }];
  }
}
class Keeping extends Asking {
  override step(...args: Parameters<Guessing["step"]>) {
    keep(zeros([1]));
    return super.step(...args);
  }
}

const weight = z.number().default(1).describe("weight");
const DECLARATIONS: [name: string, method: Method, message: RegExp][] = [
  ["shape", guessing({ numbers: undefined as never }), /numbers must be declared/],
  [
    "settings",
    guessing({ schema: z.strictObject({ weight }), tuning: { weight: "fixed" } }),
    /setting weight must be a number with a range/,
  ],
  [
    "settings",
    guessing({ schema: z.strictObject({ on: z.boolean().default(true) }), tuning: { on: "choices" } }),
    /setting on must be described/,
  ],
  [
    "graded",
    guessing({ graded: "optional" }),
    /batch.graded of its phases must be above 0 with graded optional/,
  ],
  ["graded", guessing({ graded: "optional" }, Asking), /its state must be another with other grades/],
  ["graded", guessing({}, Asking), /batch.graded of its phases must be 0 with graded no/],
  [
    "graded-steps",
    guessing({ graded: "optional" }, Keeping),
    /tensors of a step with graded rows must be 0 more, got 1/,
  ],
  ["phases", guessing({ graded: "needed" }), /such that one has graded rows with graded needed/],
  ["phases", guessing({ needsTarget: false }), /batch.target must be 0 with needsTarget false, got 8/],
  [
    "choices",
    guessing({
      schema: z.strictObject({ view: z.enum(["weak", "strong"]).default("weak").describe("view") }),
      tuning: { view: "choices" },
      build: ({ view }, context) => {
        if (view === "strong") throw new RangeError("not written yet");
        return new Guessing(context);
      },
    }),
    /its code must be free of exceptions, got "RangeError: not written yet"/,
  ],
  [
    "numbers",
    guessing({ numbers: { ...numbers, gap: { kind: "distance", meaning: "of the domains" } } }),
    /number gap must be returned in some phase, or declared with `when`, got "nothing"/,
  ],
  [
    "numbers",
    guessing({ numbers: { loss: numbers.loss, lr: numbers.lr } }),
    /number accuracy must be declared/,
  ],
  [
    "separate-source",
    guessing({ separateSource: true }),
    /the source's .* must be what it was before adapting/,
  ],
];

test.each(DECLARATIONS)("%s: what is declared must be so (%#)", async (name, method, message) => {
  expect((await broken(method, name))[name]).toMatch(message);
});

const WORK: [name: string, Made: new (context: MethodContext) => Trainer, message: RegExp][] = [
  [
    "steps",
    class extends Guessing {
      override step(...args: Parameters<Guessing["step"]>) {
        return { ...super.step(...args), loss: Number.NaN };
      }
    },
    /number loss must be finite, got NaN/,
  ],
  [
    "numbers",
    class extends Guessing {
      override step(...args: Parameters<Guessing["step"]>) {
        return { ...super.step(...args), accuracy: 1.5 };
      }
    },
    /number accuracy must be a share, from 0 to 1, got 1\.5/,
  ],
  [
    "one-class",
    class extends Guessing {
      override step(...args: Parameters<Guessing["step"]>) {
        if (new Set(args[1].source!.labels.numbers()).size < 2) throw new TypeError("no second class");
        return super.step(...args);
      }
    },
    /its code must be free of exceptions, got "TypeError: no second class"/,
  ],
  [
    "target",
    class extends Guessing {
      override onTarget() {
        return null;
      }
    },
    /its state must be another with another target/,
  ],
  [
    "batches",
    class extends Guessing {
      override step(...args: Parameters<Guessing["step"]>) {
        noGrad(() => void args[1].source!.view("weak").copy_(zeros([])));
        return super.step(...args);
      }
    },
    /its batch must be what it was before the step/,
  ],
  [
    "leaks",
    class extends Guessing {
      override step(...args: Parameters<Guessing["step"]>) {
        keep(zeros([1]));
        return super.step(...args);
      }
    },
    /tensors of 4 steps of phase adapt must be 0 more, got 4/,
  ],
  [
    "leaks",
    class extends Guessing {
      override dispose() {}
    },
    /tensors left after dispose must be 0, got 8/,
  ],
  [
    "resumes",
    class extends Guessing {
      override get parts() {
        return { network: this.context.network } as never;
      }
    },
    /state network\..* of phase adapt must be the same to the last bit as without a stop/,
  ],
  [
    "state",
    class extends Guessing {
      override load(state: Parameters<Trainer["load"]>[0]) {
        const own = [...state].filter(([name]) => !name.startsWith("stranger"));
        super.load(new Map(own));
      }
    },
    /a state with a part that is not its own must be refused, got "no refusal"/,
  ],
  [
    "seed",
    class extends Guessing {
      override step(...args: Parameters<Guessing["step"]>) {
        this.optimizer.factor = 1;
        const [phase, batches, place] = args;
        return super.step(phase, batches, { ...place, rate: (place.rate ?? 1) * Math.random() });
      }
    },
    /must be the same in two runs of one seed/,
  ],
  [
    "rate",
    class extends Guessing {
      override step(...args: Parameters<Guessing["step"]>) {
        const [phase, batches, place] = args;
        return super.step(phase, batches, { ...place, rate: 1 });
      }
    },
    /lr at half the rate must be 0\.005, got 0\.01/,
  ],
  [
    "precision",
    class extends Guessing {
      constructor(context: MethodContext) {
        super({ ...context, compute: (forward) => forward() });
      }
    },
    /the network's passes must be run through the context's compute, got "none"/,
  ],
  [
    "model",
    class extends Guessing {
      override model(phase: number) {
        const network = super.model(phase);
        network.train = () => network; // dropout stays on
        return network;
      }
    },
    /the logits must be the same each time/,
  ],
  [
    "keeps",
    class extends Guessing {
      override step(...args: Parameters<Guessing["step"]>) {
        const made = super.step(...args);
        tidy(() =>
          noGrad(() => this.context.network.parameters().forEach((one) => void one.copy_(zeros([])))),
        );
        return made;
      }
    },
    /the accuracy after 9 steps on a target like the source must be \S+ or about/,
  ],
];

test.each(WORK)("%s: what it does must be so (%#)", async (name, Made, message) => {
  expect((await broken(guessing({}, Made), name))[name]).toMatch(message);
});

test("every promise is broken by one of these", () => {
  const names = [...DECLARATIONS, ...WORK].map(([name]) => name);
  expect(methodPromises.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
});
