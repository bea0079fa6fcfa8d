import { expect, test } from "vitest";
import { composite, shifted } from "../../src/sky/stretch.ts";
import { surveyNamed } from "../../src/sky/surveys/registry.ts";
import { tensor } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { noTensorIsLeft } from "../torch/leaks.ts";

noTensorIsLeft();

test("a composite's pixel by hand", () => {
  // CFHTLS: red, green, blue are i, r, g with scales 0.4, 0.6, 1.7 over their mean 0.9; Q 1, alpha 0.09
  const [g, r, i] = [3, 5, 10];
  const scaled = [(i * 0.4) / 0.9, (r * 0.6) / 0.9, (g * 1.7) / 0.9];
  const intensity = scaled[0]! + scaled[1]! + scaled[2]!;
  const gain = Math.asinh(0.09 * intensity) / intensity;
  const want = scaled.map((value) => Math.floor(255 * value * gain));
  expect(want).toEqual([86, 64, 109]);
  const got = tidy(() => composite(tensor([[[[g]], [[r]], [[i]]]]), surveyNamed("cfhtls")).numbers());
  expect(got).toEqual(want);
});

test("a survey that shows one band is grey: asinh of that band alone", () => {
  // HST: scale 1, Q 4, alpha 10: 255 asinh(10 · 4 · 0.02) / 4 = 46.7
  const got = tidy(() => composite(tensor([[[[0.02]]]]), surveyNamed("hst")));
  expect(got.shape).toEqual([1, 1, 1, 1]);
  expect(got.numbers()).toEqual([46]);
  got.dispose();
});

test("negative flux is black, bright flux saturates, nothing divides by zero", () => {
  const show = (value: number) =>
    tidy(() => composite(tensor([[[[value]], [[value]], [[value]]]]), surveyNamed("cfhtls")).numbers());
  expect(show(0)).toEqual([0, 0, 0]);
  expect(show(1e6)).toEqual([255, 255, 255]);
  expect(Math.max(...show(-1e-3))).toBe(0);
});

test("a display band that the survey lacks is refused by name", () => {
  const survey = surveyNamed("cfhtls");
  const wrong = {
    ...survey,
    display: { ...survey.display, bands: ["z", "r", "g"] as [string, string, string] },
  };
  tidy(() => {
    const flux = tensor([[[[1]], [[1]], [[1]]]]);
    expect(() => composite(flux, wrong)).toThrow(/cfhtls: display band must be .* got "?z/);
  });
});

test("resampling shifts bilinearly, a shift of zero only cuts, and nothing comes from the other edge", () => {
  const pixels = [0, 100, 200, 40, 80, 120, 10, 20, 30];
  const got = tidy(() => {
    const image = tensor(Uint8Array.from([...pixels, ...pixels]), [2, 1, 3, 3]);
    const made = shifted(
      image,
      tensor([
        [0, 0],
        [0.25, 0.75],
      ]),
    );
    expect(made.shape).toEqual([2, 1, 2, 2]);
    return made.numbers();
  });
  expect(got.slice(0, 4)).toEqual([80, 120, 20, 30]);
  // across 0.25 from the left, 0.75 from above: by hand
  const across = (left: number, here: number) => here + 0.25 * (left - here);
  expect(got.slice(4)).toEqual(
    [
      [across(0, 100), across(40, 80)],
      [across(100, 200), across(80, 120)],
      [across(40, 80), across(10, 20)],
      [across(80, 120), across(20, 30)],
    ].map(([above, here]) => Math.round(0.75 * above! + 0.25 * here!)),
  );
});
