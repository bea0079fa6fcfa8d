/** What a method declares, compared with what it does. */
import type { Method } from "../../adapt/method.ts";
import { declarationOf } from "../../adapt/numbers.ts";
import { holdMethod, type Values } from "../../plugins/entry-contracts.ts";
import { bitsOf, differing } from "../bits.ts";
import { expected, promisesOf } from "../promise.ts";
import { checkDescribed, choicesOf } from "../settings.ts";
import { checkNumbers, STARTS, withTrials } from "./trial.ts";

const promise = promisesOf<Method>();

export const shape = promise("shape", "everything that the contract requires is declared", (method) => {
  holdMethod(`method ${method.name}`, method as unknown as Values);
});

export const settings = promise(
  "settings",
  "every setting is described, and every number has a range",
  ({ schema }) => checkDescribed(schema),
);

export const phases = promise(
  "phases",
  "its phases have epochs and batches, one of them can be chosen from, and they use the target if it is needed",
  (method) => {
    for (const start of STARTS)
      withTrials(method, [start], ({ trainer }) => {
        if (trainer.phases.length === 0) expected("phases", "one or more", "none");
        for (const { name, epochs, batch } of trainer.phases) {
          if (!(Number.isInteger(epochs) && epochs >= 1))
            expected(`phase ${name}: epochs`, "1 or more", epochs);
          const { graded = 0 } = batch;
          if (!(batch.source >= 1 || graded >= 1))
            expected(`phase ${name}: batch.source`, "1 or more, or 0 with graded rows", batch.source);
          if (graded > 0 && method.graded !== "needed")
            expected(`phase ${name}: batch.graded`, "0 without graded rows", graded);
          if (batch.target > 0 && !method.needsTarget)
            expected(`phase ${name}: batch.target`, "0 with needsTarget false", batch.target);
        }
        if (!trainer.phases.some(({ selectable }) => selectable))
          expected("phases", "such that one is selectable", trainer.phases);
        if (method.needsTarget && !trainer.phases.some(({ batch }) => batch.target > 0))
          expected("phases", "such that one has a target with needsTarget true", trainer.phases);
        if (method.graded === "needed" && !trainer.phases.some(({ batch }) => (batch.graded ?? 0) > 0))
          expected("phases", "such that one has graded rows with graded needed", trainer.phases);
      });
  },
);

export const choices = promise(
  "choices",
  "every choice of each setting steps to finite numbers, from a network that has learned the source",
  (method) => {
    for (const { key, value } of choicesOf(method.schema))
      withTrials(method, [{ pretrained: true, settings: { [key]: value } }], (trial) =>
        checkNumbers(trial, (name, number) => {
          if (!Number.isFinite(number)) expected(`number ${name} with ${key} ${value}`, "finite", number);
        }),
      );
  },
);

export const numbers = promise(
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

export const target = promise(
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

export const separate = promise(
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
