/** CDAN: a discriminator of f ⊗ g, images weighed by how confident their prediction is. */
import { expect, test } from "vitest";
import { multilinear, sureShares } from "../../src/adapt/cdan.ts";
import { tensor } from "../../src/torch/create.ts";
import type { Params } from "./plain.ts";
import { confusion } from "./plain-confusion.ts";
import { domainLoss } from "./plain-discriminator.ts";
import { type Both, entropy, equal, shares, softmax, sum } from "./plain-network.ts";
import { expectTwoSteps } from "./two-steps.ts";

const outer = (f: number[], g: number[]) => f.flatMap((value) => g.map((part) => value * part));

const conditional = (pass: Both, now: Both, d: Params): number => {
  const [gS, gT] = [now.zS.map(softmax), now.zT.map(softmax)];
  const sure = (w: number[], g: number[][]) => {
    const weighed = w.map((value, i) => value * (1 + Math.exp(-entropy(g[i]!))));
    return weighed.map((value) => value / sum(weighed));
  };
  const [vS, vT] = [pass.fS.map((f, i) => outer(f, gS[i]!)), pass.fT.map((f, i) => outer(f, gT[i]!))];
  return domainLoss(d, vS, vT, sure(shares(), gS), sure(equal(vT.length), gT));
};

test("two steps match a plain re-derivation", () => {
  expectTwoSteps("cdan", {
    settings: { weight: 0.8, discriminator: [4], confusion: 0.5 },
    loss: (pass, now, d, lambda) =>
      -lambda * 0.8 * conditional(pass, now, d) + 0.5 * confusion(pass.zT, now.zT, 2.5),
    discriminatorLoss: (pass, now, d) => 0.8 * conditional(pass, now, d),
  });
});

test("f ⊗ g, and confident images weigh 1 + exp(−H)", () => {
  expect(multilinear(tensor([[2, 3]]), tensor([[0.25, 0.75]])).numbers()).toEqual([0.5, 1.5, 0.75, 2.25]);
  const w = sureShares(
    tensor([0.5, 0.5]),
    tensor([
      [0.5, 0.5],
      [1, 0],
    ]),
  ).numbers();
  // exp(−log 2) = 1/2 and exp(0) = 1
  expect(w[0]! / w[1]!).toBeCloseTo(1.5 / 2, 6);
  expect(w[0]! + w[1]!).toBeCloseTo(1, 6);
});
