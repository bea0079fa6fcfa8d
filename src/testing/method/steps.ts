/** What a method's steps must do, whatever its loss. */
import type { Method } from "../../adapt/method.ts";
import { declarationOf } from "../../adapt/numbers.ts";
import { autocast } from "../../torch/autograd.ts";
import { tidy } from "../../torch/scope.ts";
import { bitsOf, differing } from "../bits.ts";
import { expected, promisesOf } from "../promise.ts";
import { accuracyOf, checkFinite, checkNumbers, STARTS, withTrials } from "./trial.ts";

const promise = promisesOf<Method>();

export const steps = promise(
  "steps",
  "every phase steps to finite numbers: fresh or from a start, with two classes or three, with a prior and clipping",
  (method) => {
    for (const start of STARTS) withTrials(method, [start], (trial) => checkNumbers(trial, checkFinite));
    const source = {
      epochs: 1,
      batch: 16,
      lr: 0.05,
      weightDecay: 0,
      warmup: 0.2,
      clip: 0.1,
      labelSmoothing: 0.1,
    };
    withTrials(method, [{ source }], (trial) => checkNumbers(trial, checkFinite));
  },
);

export const oneClass = promise(
  "one-class",
  "it learns from a batch whose source images are all of one class",
  (method) => {
    for (const only of [0, 1])
      withTrials(method, [{ pretrained: true }], (trial) => {
        checkNumbers(trial, checkFinite, { only });
        const bad = [...bitsOf(() => trial.trainer.state())].find(([, bits]) => /NaN|Infinity/.test(bits));
        if (bad !== undefined) expected(`state ${bad[0]}`, "finite", bad[1]);
      });
  },
);

export const batches = promise(
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
              .concat([domains.graded?.view("weak"), domains.graded?.labels])
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

export const rate = promise("rate", "every learning rate is multiplied by the step's rate", (method) => {
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

export const precision = promise(
  "precision",
  "its networks run in bfloat16 through the context's compute; numbers stay finite, and weights float32",
  (method) => {
    let calls = 0;
    const compute = <T>(forward: () => T): T => {
      calls++;
      return autocast("bfloat16", forward);
    };
    withTrials(method, [{ compute }], (trial) => {
      checkNumbers(trial, checkFinite);
      if (calls === 0) expected("the network's passes", "run through the context's compute", "none");
      for (const [name, { dtype }] of trial.trainer.model(trial.last).namedParameters())
        if (dtype !== "float32") expected(`the model's ${name}`, "float32", dtype);
    });
  },
);

export const keeps = promise(
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
