import { expect, test } from "vitest";
import { type PlannedRun, plannedRuns } from "../../../src/train/comparing/plan.ts";
import { checkedSpec } from "../../../src/train/comparing/spec.ts";

const spec = (more: Record<string, unknown> = {}) =>
  checkedSpec({ source: "s", target: "t", encoders: { cnn: null }, ...more }, "c.yaml");
const planned = (more: Record<string, unknown> = {}): PlannedRun[] => plannedRuns(spec(more), "c.yaml");
const named = (runs: readonly PlannedRun[], name: string): PlannedRun =>
  runs.find((run) => run.name === name)!;

test("an empty spec compares the DeepLense project's methods on three seeds", () => {
  const runs = planned();
  expect(new Set(runs.map(({ row }) => row))).toEqual(
    new Set(["source-only", "adda", "self-ensembling", "adamatch"]),
  );
  expect(runs).toHaveLength(12);
  expect(spec().ensembles).toEqual([{ by: "mean" }]);
});

test("a method starts from the source-only run of its encoder and seed, and comes after it", () => {
  const runs = planned({
    methods: { "cdan + mcc": { method: "cdan" }, "source-only": null },
    encoders: { small: { encoder: "cnn", "cnn.widths": [4] }, lenet: null },
    seeds: [3, 5],
    out: "o",
  });
  const names = runs.map(({ name }) => name);
  expect(names.slice(0, 2)).toEqual(["small-source-only-3", "small-cdan-mcc-3"]);
  const run = named(runs, "small-cdan-mcc-3");
  expect(run.from).toBe("small-source-only-3");
  expect(run.values).toEqual({
    preset: "paper",
    "cnn.widths": [4],
    source: "s",
    target: "t",
    from: "o/small-source-only-3",
    method: "cdan",
    encoder: "cnn",
    seed: 3,
    out: "o/small-cdan-mcc-3",
  });
  expect(run.config).toMatchObject({ method: "cdan", encoder: "cnn", cnn: { widths: [4] } });
  // Groups of another encoder of the comparison do not reach it.
  expect(named(runs, "lenet-source-only-5").values).not.toHaveProperty("cnn.widths");
});

test("grades reach the rows whose method takes them; one that needs them starts from source-only, too", () => {
  const graded = { graded: "grades.csv", gradedSoft: "grade", gradedHeld: 0.2, select: "graded-auroc" };
  const runs = planned({
    methods: { "source-only": null, coral: null, adabn: null, "fine-tune": null },
    settings: { ...graded, "fineTune.trainLast": 2 },
    seeds: [0],
  });
  const of = (row: string) => named(runs, `cnn-${row}-0`);
  for (const row of ["coral", "fine-tune"]) expect(of(row).config).toMatchObject(graded);
  for (const row of ["source-only", "adabn"])
    expect(of(row).config).toMatchObject({ graded: null, gradedHeld: 0, select: null });
  expect(of("fine-tune")).toMatchObject({ from: "cnn-source-only-0" });
  expect(of("fine-tune").config).toMatchObject({ target: "t", fineTune: { trainLast: 2 } });
});

test("with held grades and no validator named, each row's run chooses as train does", () => {
  const graded = { graded: "grades.csv", gradedSoft: "grade", gradedHeld: 0.2 };
  const runs = planned({
    methods: { "source-only": null, coral: null, "fine-tune": null, sda: null },
    settings: graded,
    seeds: [0],
  });
  for (const row of ["coral", "fine-tune", "sda"])
    expect(named(runs, `cnn-${row}-0`).config).toMatchObject({ gradedHeld: 0.2, select: null });
});

test("what a row starts from can be another row or nothing", () => {
  const runs = planned({
    methods: {
      adabn: { from: "dann" },
      dann: { from: null },
      "source-only": null,
    },
    seeds: [0],
  });
  expect(runs.map(({ name, from }) => [name, from])).toEqual([
    ["cnn-dann-0", null],
    ["cnn-adabn-0", "cnn-dann-0"],
    ["cnn-source-only-0", null],
  ]);
});

test("the method's settings override the encoder's, and these the shared ones; other methods' are dropped", () => {
  const runs = planned({
    methods: { "source-only": null, adda: { settings: { adda: { lr: 3 } } }, dann: null },
    encoders: { cnn: { adda: { lr: 2, batch: 7 }, epochs: 4 } },
    settings: { adda: { lr: 1, batch: 1, epochs: 9 }, "dann.epochs": 8, epochs: 2, weights: "w.pth" },
    seeds: [0],
  });
  expect(named(runs, "cnn-adda-0").values).toMatchObject({
    "adda.lr": 3,
    "adda.batch": 7,
    "adda.epochs": 9,
    epochs: 4,
  });
  expect(named(runs, "cnn-dann-0").values).toMatchObject({ "dann.epochs": 8 });
  expect(named(runs, "cnn-dann-0").values).not.toHaveProperty("adda.lr");
  // A run that starts from another has all its weights.
  expect(named(runs, "cnn-source-only-0").config.weights).toBe("w.pth");
  expect(named(runs, "cnn-adda-0").config.weights).toBeNull();
});

test("settings of methods and encoders that are not compared are dropped", () => {
  const runs = planned({
    methods: { "source-only": null },
    settings: { "dann.lr": 1, "resnet34d.dropPath": 0.1, lr: 0.5 },
    seeds: [0],
  });
  expect(named(runs, "cnn-source-only-0").values).not.toHaveProperty("dann.lr");
  expect(named(runs, "cnn-source-only-0").config.lr).toBe(0.5);
});

test("the upper bound is trained on the target in place of the source, without an oracle", () => {
  const runs = planned({
    methods: { "source-only": null, "target-only": null },
    settings: { select: "infomax" },
    oracle: true,
    seeds: [0],
  });
  const upper = named(runs, "cnn-target-only-0");
  expect(upper.config).toMatchObject({ source: "t", target: null, from: null, select: null });
  expect(upper.config.oracleSplits).toBeNull();
  expect(named(runs, "cnn-source-only-0").config.oracleSplits).toEqual(["test"]);
});

test("errors in a file are refused in one line that names them", () => {
  const refused = (more: Record<string, unknown>) => expect(() => planned(more));
  refused({ sees: [1] }).toThrow("c.yaml: sees is not known, did you mean seeds?");
  refused({ seeds: [] }).toThrow(
    "c.yaml: seeds must be a list of whole numbers, of length 1 or more, each at least 0, got []",
  );
  refused({ seeds: [1, 1] }).toThrow("c.yaml: seeds must be each named once");
  refused({ seeds: [0.5] }).toThrow("c.yaml: seeds[0] must be a whole number, at least 0, got 0.5");
  refused({ methods: {} }).toThrow("c.yaml: methods must be one or more, got");
  refused({ methods: { addda: null } }).toThrow("did you mean adda?");
  refused({ methods: { adda: null } }).toThrow(
    'c.yaml: methods.adda.from must be a row (adda), or null for a fresh start, got "source-only"',
  );
  refused({ methods: { adda: { from: "x" } } }).toThrow("methods.adda.from must be another row");
  refused({ methods: { adda: { from: "dann" }, dann: { from: "adda" } } }).toThrow("no circle of rows");
  refused({ methods: { adda: { setting: {} } } }).toThrow(
    "methods.adda.setting is not known, did you mean methods.adda.settings?",
  );
  refused({ methods: { "source-only": { settings: { seed: 1 } } } }).toThrow(
    "methods.source-only.settings.seed must be left out: the comparison sets it, got 1",
  );
  refused({ encoders: { rsnet: null } }).toThrow("c.yaml: encoders.rsnet must be one of");
  refused({ settings: { lrr: 1 } }).toThrow(
    "c.yaml, source-only with cnn: lrr is not known, did you mean lr?",
  );
  refused({ settings: { "danm.lr": 1 } }).toThrow("danm.lr is not known");
  refused({ settings: { lr: -1 } }).toThrow("c.yaml, source-only with cnn: lr must be a number, > 0, got -1");
  refused({ ensembles: [{ by: "mean", rows: ["dann"] }] }).toThrow("ensembles[0].rows must be one of");
  refused({ ensembles: [{ by: "vote" }] }).toThrow("ensembles[0].by must be one of mean, stack");
  refused({ oracle: true, test: { data: "other" } }).toThrow("oracle must be false unless test.data is");
  refused({ methods: { "source-only": null, "a+b": { method: "adda" }, "a b": { method: "adda" } } }).toThrow(
    "different in their letters and digits",
  );
});
