import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { surveyFigures } from "../../src/evaluate/designed-sample/survey-figures.ts";
import { surveyFigure } from "../../src/pictures/survey-figure.ts";

const figures = surveyFigures(
  [
    {
      ...{ rows: 1000, graded: 100, positives: 30 },
      above: [
        { rows: 100, graded: 20, positives: 15 },
        { rows: 500, graded: 60, positives: 25 },
      ],
    },
  ],
  { seed: 0, draws: 100 },
);

test("purity and completeness are drawn against the rows selected, with their intervals", () => {
  const { document } = parseHTML(`<html><body>${surveyFigure(figures.thresholds)}</body></html>`);
  const texts = [...document.querySelectorAll("text")].map((node) => node.textContent);
  expect(texts).toEqual(expect.arrayContaining(["rows selected →", "purity", "completeness"]));
  expect(document.querySelectorAll('g[aria-label="area"] path')).toHaveLength(2);
  const dots = [...document.querySelectorAll('g[aria-label="dot"] circle')];
  expect(dots).toHaveLength(4);
  // From the first threshold to the second purity falls and completeness rises (y grows downwards).
  const y = dots.map((dot) => Number(dot.getAttribute("cy")));
  expect(y[1]).toBeGreaterThan(y[0]!);
  expect(y[3]).toBeLessThan(y[2]!);
});

test("one threshold is drawn, none refused", () => {
  expect(surveyFigure(figures.thresholds.slice(0, 1))).toContain("circle");
  expect(() => surveyFigure([])).toThrow("figure: thresholds must be one or more, got 0");
});
