/** What Arclet relies on in a validator when it chooses an epoch. */
import { Script } from "node:vm";
import type { Validator, ValidatorInput } from "../adapt/validators/validator.ts";
import { ArcletError } from "../foundation/errors.ts";
import { holdValidator, type Values } from "../plugins/entry-contracts.ts";
import { cat, full, stack, tensor } from "../torch/create.ts";
import { Generator } from "../torch/random.ts";
import { liveTensors, tidy } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { expected, holdTo, type Promised, promisesOf } from "./promise.ts";

const promise = promisesOf<Validator>();

/** A score of a few hundred rows takes milliseconds. */
const MOST_MILLISECONDS = 10_000;
const ROWS = 120;
const FEATURES = 5;

/**
 * A network's output on images whose classes alternate.
 *
 * `good`: both domains form the same clusters, one for each class, predicted confidently and correctly. Else the target's
 * features are apart from the source's, predictions are spread over the classes, those of the source have nothing to do
 * with its labels, those of graded rows nothing with their grades, and those of mixed images nothing with the two that they
 * are made of.
 */
function outputs(good: boolean, classes = 2, rows = ROWS, seed = 1): ValidatorInput {
  const random = new Generator(seed);
  const labels = Array.from({ length: rows }, (_, i) => i % classes);
  const sure = (truth: readonly number[]) =>
    tensor(
      truth.flatMap((label) => Array.from({ length: classes }, (_, k) => (k === label ? 6 : -6))),
      [truth.length, classes],
    ).add(random.normal([truth.length, classes]).mul(0.2));
  const unsure = (count: number) => random.normal([count, classes]).mul(1.5);
  const clusters = (shift: number) =>
    tensor(
      labels.flatMap((label) => Array.from({ length: FEATURES }, (_, j) => (j === label ? 3 : 0) + shift)),
      [rows, FEATURES],
    ).add(random.normal([rows, FEATURES]).mul(0.3));
  const drawn = {
    sourceLogits: good ? sure(labels) : unsure(rows),
    sourceLabels: tensor(labels, [rows], { dtype: "int64" }),
    sourceFeatures: clusters(0),
    targetLogits: good ? sure(labels) : unsure(rows),
    targetFeatures: clusters(good ? 0 : 2),
  };
  const { targetLogits } = drawn;
  const pairs = (by: number) =>
    stack([targetLogits, targetLogits.roll([-by], [0]), good ? targetLogits.mul(0.5) : unsure(rows)], 1);
  return {
    ...drawn,
    // Each row with the next one, which is of another class, and with the next one of its own.
    mixedLogits: cat([pairs(1), pairs(classes)]),
    gradedLogits: good ? sure(labels) : unsure(rows),
    gradedLabels: tensor(
      labels.flatMap((label) => Array.from({ length: classes }, (_, k) => (k === label ? 1 : 0))),
      [rows, classes],
    ),
    prior: Array(classes).fill(1 / classes),
  };
}

const score = (validator: Validator, input: () => ValidatorInput): number =>
  tidy(() => validator.score(input()));

/** The score; null for a refusal. @param within milliseconds @throws on a broken promise: a hang, or an error that is not a refusal */
function answer(validator: Validator, input: () => ValidatorInput, within: number): number | null {
  return tidy(() => {
    const values = input();
    try {
      // An endless loop can only be stopped from outside.
      const run = new Script("score()");
      return run.runInNewContext({ score: () => validator.score(values) }, { timeout: within });
    } catch (error) {
      if (error instanceof ArcletError) return null;
      if ((error as { code?: string }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT")
        expected("the score", `returned within ${within / 1000} s`, "no end");
      throw error;
    }
  });
}

const shape = promise("shape", "everything that the contract requires is declared", (validator) => {
  holdValidator(`validator ${validator.name}`, validator as unknown as Values);
});

const finite = promise("finite", "its score is a finite number, of two classes and of three", (validator) => {
  for (const classes of [2, 3])
    for (const good of [true, false]) {
      const value = score(validator, () => outputs(good, classes));
      if (!Number.isFinite(value)) expected(`the score of ${classes} classes`, "a finite number", value);
    }
});

const better = promise("better", "it prefers the better of two made-up networks", (validator) => {
  for (const classes of [2, 3]) {
    const [good, bad] = [true, false].map((which) => score(validator, () => outputs(which, classes)));
    if (!(good! > bad!)) expected("the better network's score", `above the worse one's (${bad})`, good);
  }
});

const repeats = promise("repeats", "the same input gives the same score", (validator) => {
  const [a, b] = [0, 1].map(() => score(validator, () => outputs(false)));
  if (a !== b) expected("a second score of the same input", `${a}`, b);
});

const order = promise("order", "the order of the rows does not matter", (validator) => {
  const reversed = (): ValidatorInput => {
    const { prior, ...rows } = outputs(false);
    const turned = Object.entries(rows).map(([name, value]) => [name, value.flip([0])]);
    return { ...(Object.fromEntries(turned) as typeof rows), prior };
  };
  const [a, b] = [score(validator, () => outputs(false)), score(validator, reversed)];
  if (!(Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a))))
    expected("the score of the rows reversed", `${a}`, b);
});

const blind = promise(
  "blind",
  "if it says that it needs no target, it takes an empty one, and its score does not depend on it",
  (validator) => {
    const none: Pick<ValidatorInput, "targetLogits" | "targetFeatures" | "mixedLogits"> = {
      targetLogits: tensor([]),
      targetFeatures: tensor([]),
      mixedLogits: tensor([]),
    };
    const other = () => ({
      ...outputs(false),
      targetLogits: full([4, 2], 3),
      targetFeatures: full([4, FEATURES], -3),
      mixedLogits: full([4, 3, 2], 3),
    });
    if (validator.needsTarget) {
      if (score(validator, () => outputs(false)) === score(validator, other))
        expected("the score with another target", "another with needsTarget true", "the same");
      return;
    }
    const [a, b] = [
      score(validator, () => outputs(false)),
      score(validator, () => ({ ...outputs(false), ...none })),
    ];
    if (a !== b) expected("the score without a target", `${a} with needsTarget false`, b);
    if (a !== score(validator, other))
      expected("the score with another target", `${a} with needsTarget false`, "another");
  },
);

const ungraded = promise(
  "graded",
  "if it does not say that it needs graded rows, it takes none, and its score does not depend on them",
  (validator) => {
    const own = score(validator, () => outputs(false));
    const others = score(validator, () => {
      const input = outputs(false);
      return { ...input, gradedLabels: input.gradedLabels.flip([1]) };
    });
    if (validator.needsGraded) {
      if (own === others)
        expected("the score with other grades", "another with needsGraded true", "the same");
      return;
    }
    const none = { gradedLogits: tensor([]), gradedLabels: tensor([]) };
    const without = score(validator, () => ({ ...outputs(false), ...none }));
    if (own !== without) expected("the score without grades", `${own} without needsGraded`, without);
    if (own !== others) expected("the score with other grades", `${own} without needsGraded`, others);
  },
);

const nan = (within: number) =>
  promise(
    "nan",
    "predictions that are not finite get no finite score, or are refused, and it ends",
    (validator) => {
      const lost = ({ shape: size }: Tensor) => full(size, Number.NaN);
      const value = answer(
        validator,
        () => {
          const { sourceLabels, gradedLabels, prior, ...rows } = outputs(true);
          const broken = Object.fromEntries(Object.entries(rows).map(([name, one]) => [name, lost(one)]));
          return { ...(broken as typeof rows), sourceLabels, gradedLabels, prior };
        },
        within,
      );
      if (value !== null && Number.isFinite(value)) expected("the score of NaN", "NaN, or a refusal", value);
    },
  );

const few = (within: number) =>
  promise(
    "few",
    "rows that are too few, or of one class, get a number or are refused, and it ends",
    (validator) => {
      const one = () => {
        const { prior, ...rows } = outputs(true, 2, 2);
        const first = Object.entries(rows).map(([name, value]) => [name, value.narrow(0, 0, 1)]);
        return { ...(Object.fromEntries(first) as typeof rows), prior };
      };
      for (const input of [() => outputs(true, 2, 2), one]) {
        const value = answer(validator, input, within);
        if (value !== null && typeof value !== "number")
          expected("the score of few rows", "a number, or a refusal", value);
      }
    },
  );

const leaks = promise("leaks", "it leaves no tensor behind, and does not change its input", (validator) => {
  tidy(() => {
    const input = outputs(false);
    const texts = () =>
      Object.values(input).map((one) => String(Array.isArray(one) ? one : (one as Tensor).numbers()));
    const before = texts();
    const live = liveTensors();
    validator.score(input);
    if (liveTensors() !== live) expected("tensors of a score", "0 more", liveTensors() - live);
    if (String(before) !== String(texts())) expected("its input", "what it was", "another");
  });
});

/** @param within milliseconds after which a score is taken to have no end */
export const promisesWithin = (within: number): readonly Promised<Validator>[] => [
  shape,
  finite,
  better,
  repeats,
  order,
  blind,
  ungraded,
  nan(within),
  few(within),
  leaks,
];

/** What Arclet relies on in every validator. */
export const validatorPromises = promisesWithin(MOST_MILLISECONDS);

/**
 * Checks that a validator keeps all promises.
 *
 * @throws ArcletError at the first broken one: its name, what was expected and what came
 */
export const checkValidator = (validator: Validator): Promise<void> =>
  holdTo(`validator ${validator.name}`, validator, validatorPromises);
