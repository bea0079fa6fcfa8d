import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ones, zeros } from "../../src/torch/create.ts";
import { keep, liveBytes, liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { messageOf } from "./child.ts";
import { settledTensors } from "./leaks.ts";

let before = 0;
beforeAll(async () => {
  await settledTensors();
});
beforeEach(() => {
  before = liveTensors();
});
afterEach(() => expect(liveTensors()).toBeLessThanOrEqual(before));

test("a scope frees what was made in it, but not what it returns", () => {
  const { sum, parts } = tidy(() => {
    const x = ones([4]);
    return { sum: x.sum(), parts: [x.mul(2), { deep: x.mul(3) }] as [Tensor, { deep: Tensor }], number: 3 };
  });
  expect(liveTensors()).toBe(before + 3);
  expect([sum.item(), parts[0].numbers()[0], parts[1].deep.numbers()[0]]).toEqual([4, 2, 3]);
  for (const tensor of [sum, parts[0], parts[1].deep]) tensor.dispose();
});

test("what an inner scope returns belongs to the outer one", () => {
  tidy(() => {
    const inner = tidy(() => ones([2]).add(1));
    expect(liveTensors()).toBe(before + 1);
    expect(inner.numbers()).toEqual([2, 2]);
  });
});

test("a kept tensor outlives its scopes until it is disposed", () => {
  let kept: Tensor | null = null;
  tidy(() =>
    tidy(() => {
      kept = keep(ones([3]));
    }),
  );
  expect((kept as Tensor | null)?.numbers()).toEqual([1, 1, 1]);
  (kept as Tensor | null)?.dispose();
});

test("an error in a scope frees everything and is passed on unchanged", () => {
  const error = new Error("from the body");
  let caught: unknown;
  try {
    tidy(() => {
      ones([2]);
      tidy(() => {
        ones([3]);
        throw error;
      });
    });
  } catch (thrown) {
    caught = thrown;
  }
  expect(caught).toBe(error);
  expect(liveTensors()).toBe(before);
});

test("an asynchronous body is refused, and its own failure does not end the process", async () => {
  const message = messageOf(() =>
    tidy(async () => {
      ones([2]);
      throw new Error("later");
    }),
  );
  expect(message).toBe("tidy: body must be synchronous, got a promise");
  await new Promise((resolve) => setTimeout(resolve, 5));
});

test("a tensor of a scope that has ended says that it is disposed", () => {
  let leaked: Tensor | null = null;
  tidy(() => {
    leaked = ones([2]);
  });
  expect((leaked as unknown as Tensor).disposed).toBe(true);
  expect(messageOf(() => (leaked as unknown as Tensor).add(1))).toBe(
    "aten::add.Tensor: self: tensor is disposed",
  );
});

test("a returned object may contain itself", () => {
  const circle = tidy(() => {
    const circle: Record<string, unknown> = { x: ones([1]) };
    circle.self = circle;
    return circle;
  });
  expect((circle.x as Tensor).item()).toBe(1);
  (circle.x as Tensor).dispose();
});

test("disposing inside a scope is fine, and `using` disposes at the end of a block", () => {
  tidy(() => {
    const x = ones([2]);
    x.dispose();
    expect(liveTensors()).toBe(before);
  });
  const pair = ones([2]);
  pair[Symbol.dispose]();
  expect(pair.disposed).toBe(true);
});

test("bytes count a shared storage once, until its last tensor is freed", () => {
  const bytes = liveBytes();
  const x = zeros([1024]);
  const view = x.slice(0, 0, 10);
  const same = x.contiguous();
  expect(liveBytes() - bytes).toBe(4096);
  x.dispose();
  expect(liveBytes() - bytes).toBe(4096);
  view.dispose();
  same.dispose();
  expect(liveBytes()).toBe(bytes);
});
