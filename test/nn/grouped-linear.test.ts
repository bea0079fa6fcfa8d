/** A classifier whose classes have kinds: the classes' probabilities are sums over their outputs. */
import { expect, test } from "vitest";
import { GroupedLinear, overClasses } from "../../src/nn/grouped-linear.ts";
import { Linear } from "../../src/nn/linear.ts";
import { Network } from "../../src/nn/network.ts";
import { tensor } from "../../src/torch/create.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";

const CLASS_OF = [0, 1, 0, 0];

test("the softmax of the classes' logits is the sum of the outputs' softmax, by hand", () => {
  // exp z = 1, 5, 2, 2: classes 1 + 2 + 2 and 5.
  tidy(() => {
    const z = tensor([[0, Math.log(5), Math.log(2), Math.log(2)]]);
    const logits = overClasses(z, CLASS_OF).numbers();
    expect(logits[0]).toBeCloseTo(Math.log(5), 6);
    expect(logits[1]).toBeCloseTo(Math.log(5), 6);
  });
});

test("it keeps its outputs through a copy, has a row of weights for each, and leaks nothing", () => {
  const before = liveTensors();
  const encoder = new Linear(3, 3, new Generator(1));
  const network = new Network(encoder, null, new GroupedLinear(3, CLASS_OF, new Generator(2)));
  const copy = network.copy();
  tidy(() => {
    const x = tensor([[1, 2, 3]]);
    expect(network.outputs(network.features(x)).shape).toEqual([1, 4]);
    expect(network.forward(x).shape).toEqual([1, 2]);
    expect(copy.forward(x).numbers()).toEqual(network.forward(x).numbers());
    const shares = network.outputs(network.features(x)).softmax(1).numbers();
    expect(network.forward(x).softmax(1).numbers()[1]).toBeCloseTo(shares[1]!, 6);
  });
  expect(network.state().get("classifier.weight")!.shape).toEqual([4, 3]);
  copy.dispose();
  network.dispose();
  expect(liveTensors()).toBe(before);
});

test("a plain classifier's outputs are its classes' logits", () => {
  const network = new Network(new Linear(3, 3, new Generator(1)), null, new Linear(3, 2, new Generator(2)));
  tidy(() => {
    const x = tensor([[1, 2, 3]]);
    const outputs = network.outputs(network.features(x));
    expect(network.classLogits(outputs).numbers()).toEqual(network.forward(x).numbers());
  });
  network.dispose();
});
