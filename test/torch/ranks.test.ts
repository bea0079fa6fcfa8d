/** The door's ranks, in a group of one: what it does to tensors, and what it refuses. Several are in test/cli/ranks*.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clearGrads } from "../../src/torch/autograd.ts";
import { tensor } from "../../src/torch/create.ts";
import {
  addUp,
  connectRanks,
  countRank,
  currentDivision,
  dividedRows,
  joinRanks,
  leaveRanks,
  lostRank,
  rankBackends,
  rankText,
  setRankText,
  spread,
  stopWatching,
  sumOverRanks,
} from "../../src/torch/ranks.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import { freePort } from "../cli/ranks.ts";

const LOCAL = "127.0.0.1";
let port: number;
const join = (more: Partial<Parameters<typeof joinRanks>[0]> = {}) =>
  joinRanks({ host: LOCAL, port, rank: 0, size: 1, patience: 30, silence: 5, ...more });

describe.skipIf(rankBackends().length === 0)("ranks", () => {
  beforeAll(async () => {
    port = await freePort();
  });

  test("without a group there is nothing to work with", () => {
    expect(() => addUp(tensor([1]))).toThrow(/this process is in no group/);
    expect(() => rankText("name")).toThrow(/in no group/);
    expect(lostRank()).toBeNull();
    const x = tensor([[1], [2]]);
    expect(
      dividedRows(
        x,
        () => [],
        (rows) => rows,
      ),
    ).toBe(x);
  });

  test("a place that is none is refused", () => {
    expect(() => join({ rank: 1 })).toThrow(/rank must be below size/);
    expect(() => join({ port: 0 })).toThrow(/port must be/);
  });

  describe("of one", () => {
    beforeAll(async () => {
      join();
      expect(() => addUp(tensor([1]))).toThrow(/the ranks are not connected/);
      await connectRanks("gloo", LOCAL, null);
    });
    afterAll(() => {
      stopWatching();
      leaveRanks();
    });

    test("it is the only group of the process", () => {
      expect(() => join()).toThrow(/in a group already/);
    });

    test("texts and counts have names", () => {
      expect(rankText("greeting")).toBeNull();
      setRankText("greeting", "grüß dich");
      expect(rankText("greeting")).toBe("grüß dich");
      expect([countRank("all", 2), countRank("all", 0)]).toEqual([2, 2]);
    });

    test("sums, greatest values and copies are its own", async () => {
      const x = tensor([1, 2, 3]);
      addUp(x);
      addUp(x, "max");
      await spread([x]);
      expect(x.numbers()).toEqual([1, 2, 3]);
      expect(() => addUp(tensor([[1, 2]]).expand([3, 2]))).toThrow(/must be dense in memory/);
    });

    test("a sum has a gradient, and a divided parameter's is added up", () => {
      const weight = tensor([[2]]).withGrad();
      const rows = tensor([[1], [2], [3]]);
      const y = dividedRows(
        rows,
        () => [weight],
        (own) => {
          expect(currentDivision()).toMatchObject({ rows: 3, from: 0, own: 3 });
          return own.matmul(weight).sub(sumOverRanks(own.matmul(weight).sum()).div(3));
        },
      );
      expect(currentDivision()).toBeNull();
      // Σ (w (x − mean))² = 2 w², whose slope is 4 w.
      y.square().sum().backward();
      expect(weight.grad!.numbers()).toEqual([8]);
      expect(() =>
        dividedRows(
          rows,
          () => [weight],
          (own) => own.matmul(weight),
        )
          .sum()
          .backward(),
      ).toThrow(/gradients must be cleared before a backward pass/);
      clearGrads([weight]);
    });

    test("nothing is left behind", () => {
      const before = liveTensors();
      tidy(() => {
        const weight = tensor([[2]]);
        const y = dividedRows(
          tensor([[1], [2], [3]]),
          () => [weight],
          (own) => sumOverRanks(own.matmul(weight)),
        );
        expect(y.numbers()).toEqual([2, 4, 6]);
      });
      expect(liveTensors()).toBe(before);
    });
  });
});
