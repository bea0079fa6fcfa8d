/** Each promise of a validator is broken by one thing that strangers get wrong, and named. */
import { expect, test } from "vitest";
import { entropy } from "../../src/adapt/validators/entropy.ts";
import { gradedAuroc } from "../../src/adapt/validators/graded-auroc.ts";
import { sourceAuroc } from "../../src/adapt/validators/source-auroc.ts";
import type { Validator } from "../../src/adapt/validators/validator.ts";
import { outcomesOf } from "../../src/testing/promise.ts";
import { promisesWithin, validatorPromises } from "../../src/testing/validator.ts";
import { ones } from "../../src/torch/create.ts";
import { keep, tidy } from "../../src/torch/scope.ts";
import { slow } from "../slow.ts";

slow("a validator that hangs is waited for");

/** Less than a user's validator has: the one below that hangs is waited for. */
const promises = promisesWithin(2000);

async function broken(validator: Validator, only: string): Promise<string | undefined> {
  const asked = promises.filter(({ name }) => name === only);
  const [outcome] = await outcomesOf("validator mine", validator, asked);
  return outcome!.broken?.message;
}

const { score } = entropy;
const BROKEN: [name: string, validator: Validator, message: RegExp][] = [
  ["shape", { ...entropy, paper: 3 as never }, /paper must be a text/],
  ["finite", { ...entropy, score: () => Number.POSITIVE_INFINITY }, /must be a finite number, got Infinity/],
  [
    "better",
    { ...entropy, score: (input) => -score(input) },
    /the better network's score must be above the worse one's/,
  ],
  ["repeats", { ...entropy, score: () => Math.random() }, /a second score of the same input must be/],
  [
    "order",
    { ...entropy, score: ({ targetLogits }) => tidy(() => targetLogits.narrow(0, 0, 1).sum().item()) },
    /the score of the rows reversed must be/,
  ],
  [
    "blind",
    { ...entropy, needsTarget: false },
    /the score without a target must be|its code must be free of exceptions/,
  ],
  ["blind", { ...sourceAuroc, needsTarget: true }, /the score with another target must be another/],
  [
    "graded",
    { ...gradedAuroc, needsGraded: false },
    /the score without grades must be|its code must be free of exceptions/,
  ],
  [
    "graded",
    {
      ...entropy,
      score: ({ gradedLogits, gradedLabels }) =>
        tidy(() => gradedLogits.sum().item() + (gradedLabels.size > 0 ? 1 : 0)),
    },
    /the score without grades must be/,
  ],
  ["graded", { ...entropy, needsGraded: true }, /the score with other grades must be another/],
  ["nan", { ...entropy, score: () => 1 }, /the score of NaN must be NaN, or a refusal, got 1/],
  [
    "nan",
    {
      ...entropy,
      // A search that ends when it has found an order, which NaN has not.
      score({ targetLogits }) {
        const values = targetLogits.flatten().numbers();
        for (let i = 0; i < values.length; ) if (values[i]! <= 0 || values[i]! > 0) i++;
        return 0;
      },
    },
    /the score must be returned within 2 s, got "no end"/,
  ],
  [
    "few",
    {
      ...entropy,
      score({ targetLogits }) {
        if (targetLogits.shape[0]! < 3) throw new TypeError("no third row");
        return 0;
      },
    },
    /its code must be free of exceptions, got "TypeError: no third row"/,
  ],
  [
    "leaks",
    {
      ...entropy,
      score(input) {
        keep(ones([1]));
        return score(input);
      },
    },
    /tensors of a score must be 0 more, got 1/,
  ],
  [
    "leaks",
    {
      ...entropy,
      score({ sourceFeatures }) {
        tidy(() => void sourceFeatures.copy_(ones([])));
        return 0;
      },
    },
    /its input must be what it was/,
  ],
];

test.each(BROKEN)(
  "%s (%#)",
  async (name, validator, message) => {
    expect(await broken(validator, name)).toMatch(message);
  },
  30_000,
);

test("every promise is broken by one of these", () => {
  const names = BROKEN.map(([name]) => name);
  expect(validatorPromises.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
});
