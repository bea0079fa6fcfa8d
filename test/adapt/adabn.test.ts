/** AdaBN: batch norm's statistics are the target's. */
import { expect, test } from "vitest";
import { methods } from "../../src/adapt/registry.ts";
import { tidy } from "../../src/torch/scope.ts";
import { contextOf, pixels, stepAt, tinyNetwork } from "../tiny/network.ts";
import { batchesOf, expectClose, K, NETWORK, pick, stateOf, statistics } from "./plain-network.ts";

test("statistics are the mean of the target's batches, and nothing else changes", () => {
  const network = tinyNetwork(K);
  const method = methods.find("adabn");
  const trainer = method.build(
    method.schema.parse({ batch: 7 }),
    contextOf(network, K, { pretrained: true }),
  );
  trainer.begin(0);
  const before = pick(stateOf(trainer), "network");
  const p = pick(stateOf(trainer), "network", NETWORK);
  const moments = [0, 1].map((step) => {
    const xT = pixels(7, step + 20);
    tidy(() => void trainer.step(0, batchesOf(pixels(5, step), xT), stepAt(step)));
    return statistics(p, xT);
  });
  const now = pick(stateOf(trainer), "network");
  for (const name of NETWORK) expect(now[name]).toEqual(before[name]);
  expectClose(now, {
    "encoder.norm.running_mean": moments[0]!.centre.map((m, j) => (m + moments[1]!.centre[j]!) / 2),
    "encoder.norm.running_var": moments[0]!.variance.map(
      (v, j) => ((v + moments[1]!.variance[j]!) / 2) * (7 / 6),
    ),
  });
  trainer.dispose();
  network.dispose();
});
