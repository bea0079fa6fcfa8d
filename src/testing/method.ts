/** What Arclet's training relies on in a method. */
import type { Method } from "../adapt/method.ts";
import { declarationOf } from "../adapt/numbers.ts";
import { describeConfig } from "../foundation/config.ts";
import { holdMethod, type Values } from "../plugins/entry-contracts.ts";
import type { AnyMethod } from "../plugins/plugin.ts";
import { autocast, noGrad } from "../torch/autograd.ts";
import { tensor } from "../torch/create.ts";
import { liveTensors, tidy } from "../torch/scope.ts";
import { bitsOf, differing } from "./bits.ts";
import { accuracyOf, copiesOf, type Trial, type TrialOptions, withTrials } from "./method-trial.ts";
import { expected, expectRefusal, holdTo, type Promised, promisesOf } from "./promise.ts";

const promise = promisesOf<Method>();

/** Starts that a method must train from: fresh or pretrained, two classes or three, with and without a target prior. */
const STARTS: readonly TrialOptions[] = [
  {},
  { pretrained: true },
  { classes: 3, sourcePrior: [0.6, 0.2, 0.2], targetPrior: [0.9, 0.05, 0.05], pretrained: true },
];

const shape = promise("shape", "everything that the contract requires is declared", (method) => {
  holdMethod(`method ${method.name}`, method as unknown as Values);
});

const settings = promise(
  "settings",
  "every setting is described, and every number has a range",
  ({ schema }) => {
    for (const { key, description, type, range } of describeConfig(schema)) {
      if (description.trim() === "") expected(`setting ${key}`, "described (.describe(…))", "no description");
      if (/^(whole )?number$/.test(type) && range === "")
        expected(`setting ${key}`, "a number with a range (.min(…), .positive(), …)", "no range");
    }
  },
);

const phases = promise(
  "phases",
  "its phases have epochs and batches, one of them can be chosen from, and they use the target if it is needed",
  (method) => {
    for (const start of STARTS)
      withTrials(method, [start], ({ trainer }) => {
        if (trainer.phases.length === 0) expected("phases", "one or more", "none");
        for (const { name, epochs, batch } of trainer.phases) {
          if (!(Number.isInteger(epochs) && epochs >= 1))
            expected(`phase ${name}: epochs`, "1 or more", epochs);
          if (!(batch.source >= 1)) expected(`phase ${name}: batch.source`, "1 or more", batch.source);
          if (batch.target > 0 && !method.needsTarget)
            expected(`phase ${name}: batch.target`, "0 with needsTarget false", batch.target);
        }
        if (!trainer.phases.some(({ selectable }) => selectable))
          expected("phases", "such that one is selectable", trainer.phases);
        if (method.needsTarget && !trainer.phases.some(({ batch }) => batch.target > 0))
          expected("phases", "such that one has a target with needsTarget true", trainer.phases);
      });
  },
);

/** Takes steps of every phase and calls `check` with each of their numbers. */
function checkNumbers(
  trial: Trial,
  check: (name: string, value: number) => void,
  more: { only?: number } = {},
): void {
  for (const phase of trial.trainer.phases.keys()) {
    trial.trainer.begin(phase);
    for (let i = 0; i < 3; i++)
      for (const [name, value] of Object.entries(trial.step(phase, i, more))) check(name, value);
  }
}

const finite = (name: string, value: number): void => {
  if (!Number.isFinite(value)) expected(`number ${name}`, "finite", value);
};

const steps = promise(
  "steps",
  "every phase steps to finite numbers: fresh or from a start, with two classes or three, with a prior and clipping",
  (method) => {
    for (const start of STARTS) withTrials(method, [start], (trial) => checkNumbers(trial, finite));
    const source = {
      epochs: 1,
      batch: 16,
      lr: 0.05,
      weightDecay: 0,
      warmup: 0.2,
      clip: 0.1,
      labelSmoothing: 0.1,
    };
    withTrials(method, [{ source }], (trial) => checkNumbers(trial, finite));
  },
);

const numbers = promise(
  "numbers",
  "its steps return only declared numbers, each within the range of its kind",
  (method) => {
    const seen = new Set<string>();
    for (const start of STARTS)
      withTrials(method, [start], (trial) =>
        checkNumbers(trial, (name, value) => {
          const { kind } =
            declarationOf(method.numbers, name) ?? expected(`number ${name}`, "declared", "nothing");
          seen.add(Object.hasOwn(method.numbers, name) ? name : name.replace(/\d+$/, ""));
          const top = kind === "share" ? 1 + 1e-6 : Number.POSITIVE_INFINITY;
          const bottom = kind === "loss" || kind === "distance" ? Number.NEGATIVE_INFINITY : 0;
          if (!(value >= bottom && value <= top))
            expected(
              `number ${name}`,
              kind === "share" ? `a ${kind}, from 0 to 1` : `a ${kind}, 0 or more`,
              value,
            );
        }),
      );
    for (const [name, { when }] of Object.entries(method.numbers))
      if (when === undefined && !seen.has(name))
        expected(`number ${name}`, "returned in some phase, or declared with `when`", "nothing");
  },
);

const oneClass = promise(
  "one-class",
  "it learns from a batch whose source images are all of one class",
  (method) => {
    for (const only of [0, 1])
      withTrials(method, [{ pretrained: true }], (trial) => {
        checkNumbers(trial, finite, { only });
        const bad = [...bitsOf(() => trial.trainer.state())].find(([, bits]) => /NaN|Infinity/.test(bits));
        if (bad !== undefined) expected(`state ${bad[0]}`, "finite", bad[1]);
      });
  },
);

const target = promise(
  "target",
  "what it learns depends on the target's images if it says that it needs them",
  (method) => {
    if (!method.needsTarget) return;
    const states = [0.7, -1.3].map((shift) =>
      withTrials(method, [{ pretrained: true }], (trial) => {
        for (const phase of trial.trainer.phases.keys()) {
          trial.trainer.begin(phase);
          // In the middle of the phase: at its start a growing weight may be 0.
          for (let i = 4; i < 7; i++) trial.step(phase, i, { shift });
        }
        return bitsOf(() => trial.trainer.state());
      }),
    );
    if (differing(states[0]!, states[1]!) === undefined)
      expected("its state", "another with another target", "the same to the last bit");
  },
);

const separate = promise(
  "separate-source",
  "the source's network does not change if it is declared separate, and another one is adapted",
  (method) => {
    if (!method.separateSource) return;
    withTrials(method, [{ pretrained: true }], (trial) => {
      const before = bitsOf(() => trial.network.state());
      trial.run(4);
      const changed = differing(
        before,
        bitsOf(() => trial.network.state()),
      );
      if (changed !== undefined)
        expected(`the source's ${changed}`, "what it was before adapting", "another");
      if (trial.trainer.model(trial.last) === trial.network)
        expected("the adapted network", "another than the source's", "the same");
    });
  },
);

const batches = promise(
  "batches",
  "a step does not change the images and labels that it is given",
  (method) => {
    withTrials(method, [{}], (trial) => {
      for (const phase of trial.trainer.phases.keys()) {
        trial.trainer.begin(phase);
        tidy(() => {
          const domains = trial.batches(phase, 4);
          const bits = () =>
            [domains.source?.view("weak"), domains.source?.view("strong"), domains.source?.labels]
              .concat([domains.target?.view("weak"), domains.target?.view("strong")])
              .map((values) => String(values?.numbers()));
          const before = bits();
          trial.stepOn(phase, 4, domains);
          if (String(before) !== String(bits()))
            expected("its batch", "what it was before the step", "another");
        });
      }
    });
  },
);

const leaks = promise("leaks", "steps leave no tensor behind, and dispose frees what it made", (method) => {
  tidy(() => {
    const start = liveTensors();
    withTrials(method, [{}], (trial) => {
      for (const phase of trial.trainer.phases.keys()) {
        trial.trainer.begin(phase);
        for (let i = 0; i < 2; i++) trial.step(phase, i);
        const after = liveTensors();
        for (let i = 2; i < 6; i++) trial.step(phase, i);
        const more = liveTensors() - after;
        if (more !== 0)
          expected(`tensors of 4 steps of phase ${trial.trainer.phases[phase]!.name}`, "0 more", more);
      }
    });
    const left = liveTensors() - start;
    if (left !== 0) expected("tensors left after dispose", "0", left);
  });
});

const resumes = promise(
  "resumes",
  "a state saved in any phase resumes to the same bits in a trainer with other weights",
  (method) => {
    const before = liveTensors();
    withTrials(method, [{}, { weights: 6 }], (whole, resumed) => {
      for (const phase of whole.trainer.phases.keys()) {
        whole.trainer.begin(phase);
        for (let i = 2; i < 5; i++) whole.step(phase, i);
        const saved = copiesOf(whole.trainer);
        resumed.trainer.load(saved);
        resumed.context.generator.restore(whole.context.generator.state());
        for (let i = 5; i < 7; i++) for (const trial of [whole, resumed]) trial.step(phase, i);
        for (const value of saved.values()) value.dispose();
        const states = [whole, resumed].map((trial) => bitsOf(() => trial.trainer.state()));
        const name = differing(states[0]!, states[1]!);
        const phaseName = whole.trainer.phases[phase]!.name;
        if (name !== undefined)
          expected(
            `state ${name} of phase ${phaseName}`,
            "the same to the last bit as without a stop",
            "another",
          );
        const models = [whole, resumed].map((trial) => bitsOf(() => trial.trainer.model(phase).state()));
        const part = differing(models[0]!, models[1]!);
        if (part !== undefined)
          expected(
            `the model's ${part} of phase ${phaseName}`,
            "the same to the last bit as without a stop",
            "another",
          );
      }
    });
    if (liveTensors() !== before) expected("tensors left", "none", liveTensors() - before);
  },
);

const state = promise(
  "state",
  "a state with a part that it does not have, or of another shape, is refused",
  (method) => {
    withTrials(method, [{}, { classes: 3 }], (trial, other) =>
      tidy(() => {
        const complete = trial.trainer.state();
        if (complete.size === 0) expected("its state", "the tensors that further steps depend on", "none");
        const stranger = new Map([...complete, ["stranger.weight", tensor(0)]]);
        expectRefusal("a state with a part that is not its own", "refused", () =>
          trial.trainer.load(stranger),
        );
        expectRefusal("the state of a network of three classes", "refused", () =>
          trial.trainer.load(other.trainer.state()),
        );
      }),
    );
  },
);

const seed = promise("seed", "the same seed gives the same result, to the last bit", (method) => {
  withTrials(method, [{}, {}], (first, second) => {
    for (const trial of [first, second]) trial.run(4);
    const name = differing(
      bitsOf(() => first.trainer.state()),
      bitsOf(() => second.trainer.state()),
    );
    if (name !== undefined) expected(`state ${name}`, "the same in two runs of one seed", "another");
  });
});

const rate = promise("rate", "every learning rate is multiplied by the step's rate", (method) => {
  withTrials(method, [{}, {}], (whole, halved) => {
    for (const phase of whole.trainer.phases.keys()) {
      for (const trial of [whole, halved]) trial.trainer.begin(phase);
      const [a, b] = [whole.step(phase, 4), halved.step(phase, 4, { rate: 0.5 })];
      for (const [name, value] of Object.entries(a))
        if (
          declarationOf(method.numbers, name)?.kind === "learning rate" &&
          Math.abs(b[name]! - value / 2) > 1e-12
        )
          expected(`${name} at half the rate`, `${value / 2}`, b[name]);
    }
    // Only the network: a discriminator may have its own rate, and an average of weights moves without one.
    const learner = method.separateSource ? whole.trainer.model(whole.last) : whole.network;
    const before = bitsOf(() => learner.namedParameters());
    whole.step(whole.last, 5, { rate: 0 });
    const moved = differing(
      before,
      bitsOf(() => learner.namedParameters()),
    );
    if (moved !== undefined) expected(`${moved} at rate 0`, "what it was before the step", "another");
  });
});

const precision = promise(
  "precision",
  "its networks run in bfloat16 through the context's compute; numbers stay finite, and weights float32",
  (method) => {
    let calls = 0;
    const compute = <T>(forward: () => T): T => {
      calls++;
      return autocast("bfloat16", forward);
    };
    withTrials(method, [{ compute }], (trial) => {
      checkNumbers(trial, finite);
      if (calls === 0) expected("the network's passes", "run through the context's compute", "none");
      for (const [name, { dtype }] of trial.trainer.model(trial.last).namedParameters())
        if (dtype !== "float32") expected(`the model's ${name}`, "float32", dtype);
    });
  },
);

const model = promise(
  "model",
  "each phase's model gives finite logits, the same each time, when it does not train",
  (method) => {
    withTrials(method, [{}], (trial) => {
      for (const phase of trial.trainer.phases.keys()) {
        trial.trainer.begin(phase);
        for (let i = 0; i < 3; i++) trial.step(phase, i);
        const logits = () =>
          tidy(() =>
            noGrad(() => {
              const images = trial.batches(phase, 50, { source: 4 }).source!.view("plain");
              const z = trial.trainer.model(phase).train(false).forward(images);
              if (String(z.shape) !== String([4, trial.classes]))
                expected("the logits' shape", "(4, 2)", z.shape);
              return z.numbers();
            }),
          );
        const [a, b] = [logits(), logits()];
        if (!a.every(Number.isFinite)) expected("the logits", "finite", a);
        if (String(a) !== String(b)) expected("the logits", "the same each time", b);
        trial.trainer.model(phase).train();
      }
    });
  },
);

const keeps = promise(
  "keeps",
  "if the target is like the source, adapting does not unlearn the classes",
  (method) => {
    withTrials(method, [{ pretrained: true }], (trial) => {
      const before = accuracyOf(trial.network, 2);
      trial.run(9, { shift: 0 });
      const after = accuracyOf(trial.trainer.model(trial.last), 2);
      if (after < before - 0.1)
        expected("the accuracy after 9 steps on a target like the source", `${before} or about`, after);
    });
  },
);

export const methodPromises: readonly Promised<Method>[] = [
  shape,
  settings,
  phases,
  steps,
  numbers,
  oneClass,
  target,
  separate,
  batches,
  leaks,
  resumes,
  state,
  seed,
  rate,
  precision,
  model,
  keeps,
];

/**
 * Checks that a method keeps all promises.
 *
 * @throws ArcletError at the first broken one: its name, what was expected and what came
 */
export const checkMethod = (method: AnyMethod): Promise<void> =>
  holdTo(`method ${method.name}`, method as unknown as Method, methodPromises);
