import { expect, test } from "vitest";
import { troublesOf, type Watched } from "../../src/train/watch.ts";

const fine: Watched = {
  train: { loss: 0.3, hits: 0.8, alarms: 0.6 },
  // By their declarations, whatever their names.
  numbers: {
    loss: { kind: "loss", meaning: "what is learned from" },
    hits: { kind: "share", meaning: "source found", discriminated: "source" },
    alarms: { kind: "share", meaning: "target found", discriminated: "target" },
  },
  outlook: { images: 1000, predicted: [0.9, 0.1], spread: [0.3, 0.3] },
  classes: ["other", "lens"],
  prior: [0.9, 0.1],
};

test("a good epoch has no troubles", () => {
  expect(troublesOf(fine)).toEqual([]);
  expect(troublesOf({ ...fine, train: {}, outlook: null })).toEqual([]);
});

test("predictions that are the same for every image are a collapse", () => {
  const outlook = { images: 1000, predicted: [1, 0], spread: [1e-5, 1e-5] };
  expect(troublesOf({ ...fine, outlook, prior: null })).toEqual([
    "collapsed: the predictions are the same for every target image",
  ]);
});

test("a class that is never predicted is a collapse only if the prior expects ten images of it", () => {
  const outlook = { images: 1000, predicted: [1, 0], spread: [0.1, 0.1] };
  expect(troublesOf({ ...fine, outlook })).toEqual([
    "collapsed: no target image is predicted as lens, 100 of 1000 are expected",
  ]);
  expect(troublesOf({ ...fine, outlook, prior: [0.995, 0.005] })).toEqual([]);
  expect(troublesOf({ ...fine, outlook, prior: null })).toEqual([]);
});

test("a discriminator that is certain or at chance is reported", () => {
  const at = (hits: number, alarms: number) => troublesOf({ ...fine, train: { hits, alarms } });
  expect(at(1, 0.999)[0]).toMatch(/right on 100\.0 % of the images/);
  expect(at(0.9, 0.1)[0]).toMatch(/at chance \(0\.500\)/);
  expect(at(0.7, 0.5)).toEqual([]);
  expect(troublesOf({ ...fine, train: { hits: 1 } })).toEqual([]);
  expect(troublesOf({ ...fine, train: { hits: 1, alarms: 1 }, numbers: {} })).toEqual([]);
});
