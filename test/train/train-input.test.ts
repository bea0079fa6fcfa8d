import { expect, test } from "vitest";
import { trainConfig } from "../../src/train/config.ts";

const folders = { source: "source", target: "target", out: "run" };

test("the groups of the named method and encoder are typed, and their values kept", () => {
  const config = trainConfig({
    ...folders,
    method: "self-ensembling",
    selfEnsembling: { alpha: 0.9 },
    encoder: "cnn",
    cnn: { widths: [4, 8] },
    head: { width: 16 },
  });
  expect(config).toMatchObject({
    selfEnsembling: { alpha: 0.9 },
    cnn: { widths: [4, 8] },
    head: { width: 16 },
  });
});

test("what is no setting, or of another type, is an error when compiled, and again when it runs", () => {
  // @ts-expect-error the group of another method
  expect(() => trainConfig({ ...folders, method: "adda", mcc: { weight: 1 } })).toThrow(/mcc/);
  // @ts-expect-error no setting of MCC
  expect(() => trainConfig({ ...folders, method: "mcc", mcc: { wait: 1 } })).toThrow(/wait/);
  // @ts-expect-error no setting of a run
  expect(() => trainConfig({ ...folders, epohs: 3 })).toThrow(/epochs/);
  // @ts-expect-error a text for a number
  expect(() => trainConfig({ ...folders, method: "mcc", batch: "eight" })).toThrow(/batch/);
  // @ts-expect-error no source
  expect(() => trainConfig({ out: "run" })).toThrow(/source/);
});

test("without a preset and a method they are what `arclet train` takes: AdaMatch with a target, source-only without", () => {
  expect(trainConfig(folders)).toMatchObject({
    preset: "survey",
    method: "adamatch",
    encoder: "equivariant",
  });
  expect(trainConfig({ ...folders, target: null })).toMatchObject({ method: "source-only" });
  expect(trainConfig({ ...folders, preset: "paper" })).toMatchObject({ method: "adda" });
});

test("a name that is known only when the program runs takes any group, which is checked then", () => {
  const method: string = "dann";
  expect(trainConfig({ ...folders, method, dann: { lr: 1e-4 } })).toMatchObject({ dann: { lr: 1e-4 } });
  expect(() => trainConfig({ ...folders, method, dann: { rate: 1 } })).toThrow(/rate/);
});
