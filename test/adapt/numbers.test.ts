/** How a method declares its steps' numbers, at run time and for the compiler. */
import { expect, test } from "vitest";
import { z } from "zod";
import {
  type Batches,
  method,
  type StepNumbers,
  type StepPosition,
  type Trainer,
} from "../../src/adapt/method.ts";
import { declarationOf, declaredNumbers, type NumberDeclarations } from "../../src/adapt/numbers.ts";
import { methods } from "../../src/adapt/registry.ts";
import { describeConfig } from "../../src/foundation/config.ts";

const numbers = {
  loss: { kind: "loss", meaning: "what training minimises" },
  part: { kind: "share", meaning: "of a class", each: "class" },
} as const satisfies NumberDeclarations;

test("a number is declared by its name, or by its family and a number from 1", () => {
  expect(declarationOf(numbers, "loss")?.kind).toBe("loss");
  expect(declarationOf(numbers, "part1")?.kind).toBe("share");
  expect(declarationOf(numbers, "part12")?.kind).toBe("share");
  for (const name of ["part", "part0", "part01x", "loss1", "toString", "other"])
    expect(declarationOf(numbers, name), name).toBeUndefined();
});

test("a step's number that is not declared is refused by name, one that is undefined is left out", () => {
  expect(declaredNumbers({ name: "mine", numbers }, { loss: 2, part1: 0.5, part2: undefined })).toEqual([
    ["loss", 2],
    ["part1", 0.5],
  ]);
  expect(() => declaredNumbers({ name: "mine", numbers }, { loss: 2, accuracy: 1 })).toThrow(
    'method mine: step must be one that returns declared numbers (loss, part), got "accuracy"',
  );
});

const about = {
  ...{ name: "mine", paper: "", summary: "", needsTarget: false, separateSource: false },
  graded: "no",
} as const;
const schema = z.strictObject({ lr: z.number().default(1) });
const tuning = { lr: "fixed" } as const;
const trainer = <R extends StepNumbers>(stepNumbers: R) =>
  ({ step: () => stepNumbers }) as unknown as Omit<Trainer, "step"> & { step(): R };

test("the compiler demands a declaration of every number, and a tuning of every setting", () => {
  const good = { schema, tuning, numbers };
  const build = () => trainer({ loss: 1, part1: 0.5 } as StepNumbers<"loss" | `part${number}`>);
  expect(method({ ...about, ...good, build }).name).toBe("mine");

  // @ts-expect-error accuracy is not declared
  method({ ...about, ...good, build: () => trainer({ loss: 1, part1: 0.5, accuracy: 1 }) });
  // @ts-expect-error part is declared and not returned
  method({ ...about, ...good, build: () => trainer({ loss: 1 }) });
  // @ts-expect-error the names are not given
  method({ ...about, ...good, build: () => trainer({ loss: 1 } as StepNumbers) });
  // @ts-expect-error an unknown kind
  method({ ...about, schema, tuning, numbers: { loss: { kind: "rate", meaning: "" } }, build });
  // @ts-expect-error the tuning of lr is left out
  method({ ...about, schema, tuning: {}, numbers, build });
  // @ts-expect-error whether the source stays apart is left out
  method({ name: "mine", paper: "", summary: "", needsTarget: false, graded: "no", ...good, build });
});

test("the compiler lets graded rows reach a method that declares that it takes them, and no other", () => {
  const asking = <B>() =>
    ({ step: () => ({}) }) as unknown as Omit<Trainer, "step"> & {
      step(phase: number, batches: B, position: StepPosition): StepNumbers<never>;
    };
  const rest = { ...about, schema, tuning, numbers: {} };
  const blind = () => asking<Batches>();
  const seeing = () => asking<Batches<"optional">>();
  expect(method({ ...rest, build: blind }).graded).toBe("no");
  expect(method({ ...rest, graded: "needed", build: seeing }).graded).toBe("needed");

  // @ts-expect-error it takes graded rows and declares that it doesn't
  method({ ...rest, build: seeing });
  // @ts-expect-error it declares that it takes graded rows and doesn't
  method({ ...rest, graded: "optional", build: blind });
  // @ts-expect-error a batch of a method that takes none has none
  const reach = (batches: Batches) => batches.graded;
  expect(reach({})).toBeUndefined();
});

test("every method declares how each of its settings is tuned, and what each number means", () => {
  for (const { name, schema: settings, tuning: declared, numbers: ofMethod } of methods.list) {
    const keys = describeConfig(settings).map(({ key }) => key);
    expect(Object.keys(declared).sort(), name).toEqual([...keys].sort());
    for (const { meaning } of Object.values(ofMethod)) expect(meaning).not.toBe("");
  }
});
