/** What a method's steps leave: its state, its models, and no other tensor. */
import type { Method } from "../../adapt/method.ts";
import { noGrad } from "../../torch/autograd.ts";
import { tensor } from "../../torch/create.ts";
import { liveTensors, tidy } from "../../torch/scope.ts";
import { bitsOf, differing } from "../bits.ts";
import { expected, expectRefusal, promisesOf } from "../promise.ts";
import { copiesOf, withTrials } from "./trial.ts";

const promise = promisesOf<Method>();

export const leaks = promise(
  "leaks",
  "steps leave no tensor behind, and dispose frees what it made",
  (method) => {
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
  },
);

export const resumes = promise(
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

export const state = promise(
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

export const seed = promise("seed", "the same seed gives the same result, to the last bit", (method) => {
  withTrials(method, [{}, {}], (first, second) => {
    for (const trial of [first, second]) trial.run(4);
    const name = differing(
      bitsOf(() => first.trainer.state()),
      bitsOf(() => second.trainer.state()),
    );
    if (name !== undefined) expected(`state ${name}`, "the same in two runs of one seed", "another");
  });
});

export const model = promise(
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
