/** Batch norm of a batch that ranks share is libtorch's own, in a group of one; of several, in test/cli/ranks-alike.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BatchNorm } from "../../src/nn/batchnorm.ts";
import { Generator } from "../../src/torch/random.ts";
import {
  connectRanks,
  dividedRows,
  joinRanks,
  leaveRanks,
  rankBackends,
  stopWatching,
} from "../../src/torch/ranks.ts";
import { freePort } from "../cli/ranks.ts";

describe.skipIf(rankBackends().length === 0)("divided", () => {
  beforeAll(async () => {
    const port = await freePort();
    joinRanks({ host: "127.0.0.1", port, rank: 0, size: 1, patience: 30, silence: 5 });
    await connectRanks("gloo", "127.0.0.1", null);
  });
  afterAll(() => {
    stopWatching();
    leaveRanks();
  });

  test.each([[[6, 3]], [[6, 3, 4, 5]]])("of %o: values, gradients and running statistics", (shape) => {
    const generator = new Generator(3);
    const x = generator.normal(shape).mul(2).add(5);
    const slope = generator.normal(shape);
    const made = [false, true].map((divided) => {
      const norm = new BatchNorm(3, { momentum: 0.2 });
      const input = x.detach().clone().withGrad();
      const y = divided
        ? dividedRows(
            input,
            () => norm.parameters(),
            (own) => norm.forward(own),
          )
        : norm.forward(input);
      y.mul(slope).sum().backward();
      return [
        y,
        input.grad!,
        norm.weight.grad!,
        norm.bias.grad!,
        norm.runningMean,
        norm.runningVar,
        norm.batchesTracked,
      ];
    });
    for (const [k, value] of made[0]!.entries()) {
      const off = made[1]![k]!.to("float64").sub(value.to("float64")).abs().max().item();
      expect(off, `${k}`).toBeLessThan(2e-5);
    }
  });
});
