import { describe, expect, test } from "vitest";
import { metricsOf } from "../../src/evaluate/metrics.ts";
import { cellText, markdownTable, methodTable, rateText, textTable } from "../../src/pictures/table.ts";

const table = {
  columns: ["method", "AUROC", "lenses"],
  rows: [
    ["source only", { value: 0.5, low: 0.4, high: 0.6 }, 12],
    ["ADDA | C4", { value: 0.75, low: null, high: null }, null],
  ],
};

test("plain text is aligned", () => {
  expect(textTable(table)).toBe(
    [
      "method                      AUROC  lenses",
      "───────────  ────────────────────  ──────",
      "source only  0.500 [0.400, 0.600]      12",
      "ADDA | C4                   0.750       –",
    ].join("\n"),
  );
});

test("Markdown escapes the bars within a cell", () => {
  expect(markdownTable(table).split("\n")).toEqual([
    "| method      |                AUROC | lenses |",
    "| ----------- | -------------------: | -----: |",
    "| source only | 0.500 [0.400, 0.600] |     12 |",
    "| ADDA \\| C4  |                0.750 |      – |",
  ]);
});

test("a row with too few cells is refused", () => {
  expect(() => textTable({ columns: ["a", "b"], rows: [["x"]] })).toThrow(
    "table row 0: cells must be as many as the 2 columns, got 1",
  );
});

describe("cells", () => {
  test.each([
    [null, "–"],
    [3, "3"],
    [0.12345, "0.123"],
    [{ value: null, low: null, high: null }, "–"],
  ])("%o is %s", (cell, text) => expect(cellText(cell)).toBe(text));
});

test("the table of methods leads with the low-false-positive end", () => {
  const metrics = metricsOf({
    positiveClass: "lens",
    scores: Float64Array.of(0.9, 0.8, 0.3, 0.2),
    positives: Uint8Array.of(1, 0, 1, 0),
  });
  const { columns, rows } = methodTable(["method", "epoch"], [{ names: ["ADDA", "chosen"], metrics }]);
  expect(columns.slice(0, 5)).toEqual(["method", "epoch", "TPR_0", "TPR_10", "recall at FPR 1e-3"]);
  expect(rows[0]!.slice(0, 3)).toEqual(["ADDA", "chosen", metrics.tpr0]);
  expect(cellText(rows[0]![2]!)).toMatch(/^0\.500 \[/);
});

test("rates are written briefly", () => {
  expect([1e-3, 1e-4, 0.05, 0.0025].map(rateText)).toEqual(["1e-3", "1e-4", "0.05", "2.5e-3"]);
});
