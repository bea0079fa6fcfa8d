import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { reliabilityBins } from "../../src/evaluate/calibration.ts";
import { rankScores } from "../../src/evaluate/ranked.ts";
import { rocCurve } from "../../src/evaluate/ranking.ts";
import { reliabilityFigure, scoreHistogram } from "../../src/pictures/figures.ts";
import { powerOfTen, powersOfTen } from "../../src/pictures/plot.ts";
import { rocFigure } from "../../src/pictures/roc-figure.ts";
import { standaloneSvg } from "../../src/pictures/standalone-svg.ts";
import { trainingFigure } from "../../src/pictures/training-figure.ts";

const parse = (svg: string) => parseHTML(`<html><body>${svg}</body></html>`).document.querySelector("svg")!;
const lines = (svg: string) => [...parse(svg).querySelectorAll('g[aria-label="line"] path')];
const texts = (svg: string) => [...parse(svg).querySelectorAll("text")].map((node) => node.textContent);
/** Corners of a path as numbers. */
const corners = (path: Element) =>
  path
    .getAttribute("d")!
    .slice(1)
    .split("L")
    .map((point) => point.split(",").map(Number));

const curve = rocCurve(rankScores(Float64Array.of(4, 3, 2, 1), Uint8Array.of(1, 0, 1, 0)));

describe("the ROC figure", () => {
  test("goes through the curve's points on its axes", () => {
    const svg = rocFigure([{ name: "ADDA", curve }]);
    // The first line is chance: its ends give the axes in pixels.
    const [chance, drawn] = lines(svg).map(corners);
    const [[x0, y0], [x1, y1]] = chance as [number[], number[]];
    const points = drawn!.map(([x, y]) => [(x! - x0!) / (x1! - x0!), (y0! - y!) / (y0! - y1!)]);
    expect(points).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(["false-positive rate →", "↑ recall (true-positive rate)", "ADDA"]),
    );
  });

  test("on a logarithmic axis starts at the left edge, without a false positive", () => {
    const svg = rocFigure([{ name: "ADDA", curve }], { log: true });
    const drawn = corners(lines(svg)[1]!);
    expect(drawn[0]![0]).toBe(drawn[1]![0]);
    expect(texts(svg)).toEqual(expect.arrayContaining(["10⁻¹", "1"]));
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  test("of a million distinct scores stays small", () => {
    const scores = Float64Array.from({ length: 1e6 }, (_, i) => Math.sin(i * 78.233));
    const truth = Uint8Array.from(scores, (_, i) => (i % 50 === 0 ? 1 : 0));
    const svg = rocFigure([{ name: "many", curve: rocCurve(rankScores(scores, truth)) }], { log: true });
    expect(svg.length).toBeLessThan(150_000);
  });

  test("draws its names as text, whatever they are", () => {
    const name = '<script>alert("&")</script>';
    const svg = rocFigure([{ name, curve }]);
    expect(svg).not.toContain("<script>");
    expect(texts(svg)).toContain(name);
  });
});

describe("the score histogram", () => {
  test("normalises each class by itself", () => {
    const svg = scoreHistogram(
      [
        { name: "lens", scores: Float32Array.of(0.75, 1) },
        { name: "other", scores: Float32Array.of(0, 0.1, 0.2, 0.9) },
      ],
      { bins: 2 },
    );
    // Heights above the base line: lens 0 then 1; other 0.75 then 0.25.
    const [lens, other] = lines(svg).map((path) => corners(path).map(([, y]) => y!));
    const base = lens![0]!;
    const full = base - lens![2]!;
    expect(full).toBeGreaterThan(0);
    expect((base - other![0]!) / full).toBeCloseTo(0.75, 6);
    expect((base - other![2]!) / full).toBeCloseTo(0.25, 6);
    expect(texts(svg)).toEqual(expect.arrayContaining(["lens (2)", "other (4)"]));
  });

  test("takes logits, and one value only", () => {
    const svg = scoreHistogram([{ name: "lens", scores: Float64Array.of(-3, -3, -3) }], {
      label: "logit",
      log: true,
    });
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(texts(svg)).toContain("logit →");
    const wrong = [{ name: "lens", scores: Float64Array.of(0.1, Number.NaN) }];
    expect(() => scoreHistogram(wrong)).toThrow("score 1 of lens must be a finite number, got NaN");
    expect(() => scoreHistogram([])).toThrow("scores must be of one class or more");
  });
});

test("the reliability figure has a dot and an interval a bin", () => {
  const bins = reliabilityBins(Float64Array.of(0.1, 0.2, 0.7, 0.9), Uint8Array.of(0, 1, 1, 1), 2);
  const svg = parse(reliabilityFigure(bins, "lens"));
  expect(svg.querySelectorAll('g[aria-label="dot"] circle').length).toBe(2);
  expect(svg.querySelectorAll('g[aria-label="rule"] line').length).toBe(3);
});

describe("training curves", () => {
  const points = [1, 2, 3].map((epoch) => ({ epoch, value: epoch === 2 ? Number.NaN : 1 / epoch }));

  test("leave a gap where a value is not finite, and mark the chosen epoch", () => {
    const svg = trainingFigure([{ name: "loss", points }], { label: "loss (nats)", chosenEpoch: 3 });
    expect(svg).not.toMatch(/NaN|Infinity/);
    // Two separate pieces of line.
    expect(lines(svg)[0]!.getAttribute("d")!.match(/M/g)!.length).toBe(2);
    expect(texts(svg)).toEqual(expect.arrayContaining(["chosen", "↑ loss (nats)", "epoch →", "loss"]));
  });

  test("are drawn at parts of an epoch, on an axis of whole ones from 0", () => {
    const curve = Array.from({ length: 24 }, (_, k) => ({ epoch: (k + 1) / 2, value: 2e-5 * k }));
    const svg = trainingFigure([{ name: "lr", points: curve }], { label: "rate", domain: [0, 5e-4] });
    const shown = texts(svg);
    expect(shown).toEqual(expect.arrayContaining(["0", "2", "12", "5e-4"]));
    expect(shown).not.toContain("1");
    // Neither half epochs nor rates as 0.00015.
    expect(shown.filter((text) => /^\d+\.\d+$/.test(text ?? ""))).toEqual([]);
  });

  test("without a value are refused", () => {
    expect(() => trainingFigure([{ name: "loss", points: [] }], { label: "loss" })).toThrow(
      "training curves must be one or more",
    );
  });
});

test("figures take the colour of their page, and a standalone file has a theme", () => {
  const svg = rocFigure([{ name: "ADDA", curve }]);
  expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"');
  expect(svg).toContain("currentColor");
  expect(standaloneSvg(svg)).toMatch(/^<\?xml[^\n]*\n<svg[^>]*><style>.*prefers-color-scheme:dark/);
  // Plot's own transparent background is in the element; light text on a white page could not be read.
  expect(standaloneSvg(svg).match(/background:#[0-9a-f]+!important/g)).toHaveLength(2);
});

test("a standalone file is XML whatever the names are", () => {
  const svg = standaloneSvg(rocFigure([{ name: 'a < b & "c"', curve }]));
  for (const attribute of svg.matchAll(/="([^"]*)"/g))
    expect(attribute[1]).not.toMatch(/[<>]|&(?!\w+;|#\d+;)/);
  expect(svg).toContain('aria-label="ROC curve: a &lt; b &amp; &quot;c&quot;"');
});

test("powers of ten", () => {
  expect([1e-4, 1e-1, 1, 100, 0.2].map(powerOfTen)).toEqual(["10⁻⁴", "10⁻¹", "1", "10²", ""]);
  expect(powersOfTen(2e-3, 1)).toEqual([1e-2, 1e-1, 1]);
});
