/** A classifier that remembers rows: by hand, with gradients by finite differences, and without a leak. */
import { expect, test } from "vitest";
import { KernelClassifier } from "../../src/nn/kernel-classifier.ts";
import { tensor } from "../../src/torch/create.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";

const state = () =>
  new Map([
    ["own", tensor([0.75, -1])],
    ["shift", tensor([1, 0])],
    ["scale", tensor([2, 1])],
    [
      "centres",
      tensor([
        [0, 0],
        [1, 2],
      ]),
    ],
    ["alpha", tensor([0.5, -2])],
    ["gamma", tensor([0.1])],
    ["mean", tensor([0.25])],
    ["slope", tensor([3])],
    ["intercept", tensor([-1])],
  ]);

function classifier(positive: 0 | 1): KernelClassifier {
  const made = new KernelClassifier({ centres: 2, parts: [1, 1], positive });
  tidy(() => void made.load(state()));
  return made;
}

test("its logit is the process's value on a scale, by hand, for whichever class is the positive one", () => {
  // x = (3, 1): z = (1, 1), at squared distances 1 and 1, then 0 and 1, from the parts of the centres.
  // The other classifier's log odds are 2: 0.75 · 2 − 1 = 1/2.
  const f = 0.5 + 0.25 + 0.5 * Math.exp(-0.1) - 2 * ((1 + Math.exp(-0.1)) / 2);
  const before = liveTensors();
  for (const positive of [0, 1] as const) {
    const made = classifier(positive);
    tidy(() => {
      const logits = made.forward(tensor([[3, 1, 2]])).numbers();
      expect(logits[positive]).toBeCloseTo(3 * f - 1, 5);
      expect(logits[1 - positive]).toBe(0);
    });
    made.dispose();
  }
  expect(liveTensors()).toBe(before);
});

test("its gradient is that of finite differences, so that maps can be drawn", () => {
  const made = classifier(1);
  tidy(() => {
    const logit = (x: number) => made.forward(tensor([[x, 1, 2]])).numbers()[1]!;
    const x = tensor([[3, 1, 2]]).withGrad();
    made.forward(x).select(1, 1).sum().backward();
    expect(x.grad!.numbers()[0]).toBeCloseTo((logit(3.01) - logit(2.99)) / 0.02, 3);
  });
  made.dispose();
});
