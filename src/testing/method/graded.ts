/** What methods promise about the target's graded rows. */
import type { Method } from "../../adapt/method.ts";
import { liveTensors, tidy } from "../../torch/scope.ts";
import { bitsOf, differing } from "../bits.ts";
import { expected, promisesOf } from "../promise.ts";
import { checkFinite, checkNumbers, GRADED, type TrialOptions, withTrials } from "./trial.ts";

const promise = promisesOf<Method>();

const WITH: TrialOptions = { pretrained: true, gradedBatch: GRADED };

export const graded = promise(
  "graded",
  "it asks for graded rows if it says that it takes them, and what it learns then depends on their images and labels",
  (method) => {
    const asks = withTrials(method, [WITH], ({ trainer }) =>
      trainer.phases.some(({ batch }) => (batch.graded ?? 0) > 0),
    );
    if (asks !== (method.graded !== "no"))
      expected(
        "batch.graded of its phases",
        asks ? "0 with graded no" : `above 0 with graded ${method.graded}`,
        asks,
      );
    if (!asks) return;
    const states = [{}, { misgraded: true }, { shift: -1.3 }].map((more) =>
      withTrials(method, [WITH], (trial) => {
        for (const phase of trial.trainer.phases.keys()) {
          trial.trainer.begin(phase);
          for (let i = 4; i < 7; i++)
            tidy(() => {
              const { graded: changed } = trial.batches(phase, i, more);
              const batches = trial.batches(phase, i);
              trial.stepOn(phase, i, batches.graded && changed ? { ...batches, graded: changed } : batches);
            });
        }
        return bitsOf(() => trial.trainer.state());
      }),
    );
    if (differing(states[0]!, states[1]!) === undefined)
      expected("its state", "another with other grades", "the same to the last bit");
    if (differing(states[0]!, states[2]!) === undefined)
      expected("its state", "another with other graded images", "the same to the last bit");
  },
);

export const gradedSteps = promise(
  "graded-steps",
  "with graded rows it steps to finite numbers and leaves no tensor, though a batch may hold one class",
  (method) => {
    if (method.graded === "no") return;
    for (const start of [WITH, { ...WITH, classes: 3 }, { gradedBatch: GRADED }])
      withTrials(method, [start], (trial) => {
        checkNumbers(trial, checkFinite);
        const before = liveTensors();
        for (const phase of trial.trainer.phases.keys()) trial.step(phase, 4);
        if (liveTensors() !== before)
          expected("tensors of a step with graded rows", "0 more", liveTensors() - before);
      });
    for (const only of [0, 1])
      withTrials(method, [WITH], (trial) => {
        checkNumbers(trial, checkFinite, { only });
        const bad = [...bitsOf(() => trial.trainer.state())].find(([, bits]) => /NaN|Infinity/.test(bits));
        if (bad !== undefined) expected(`state ${bad[0]}`, "finite", bad[1]);
      });
  },
);
