import { expect, test } from "vitest";
import { autocast, grad } from "../../src/torch/autograd.ts";
import { ones, tensor } from "../../src/torch/create.ts";
import { machine, setThreads } from "../../src/torch/machine.ts";
import { native } from "../../src/torch/native.ts";
import { conv2d } from "../../src/torch/neural.ts";
import { Generator } from "../../src/torch/random.ts";
import { tidy } from "../../src/torch/scope.ts";
import { messageOf } from "./child.ts";

test("autocast runs convolutions and products in bfloat16 and leaves parameters alone", () => {
  tidy(() => {
    const x = ones([1, 2, 4, 4]);
    const w = ones([3, 2, 3, 3]).withGrad();
    const y = autocast("bfloat16", () => conv2d(x, w));
    expect(y.dtype).toBe("bfloat16");
    expect(w.dtype).toBe("float32");
    expect(y.numbers()[0]).toBe(18);
    const [dw] = grad(y.to("float32").sum(), [w]);
    expect(dw?.dtype).toBe("float32");
    expect(dw?.numbers()[0]).toBe(4);
    expect(autocast("bfloat16", () => ones([2, 2]).matmul(ones([2, 2]))).dtype).toBe("bfloat16");
    expect(autocast("bfloat16", () => ones([2]).add(1)).dtype).toBe("float32");
  });
});

test("autocast ends with its body, through nesting and errors", () => {
  tidy(() => {
    const product = () => ones([2, 2]).matmul(ones([2, 2])).dtype;
    expect(autocast(null, product)).toBe("float32");
    autocast("bfloat16", () => {
      expect(autocast("bfloat16", product)).toBe("bfloat16");
      expect(autocast(null, product)).toBe("bfloat16");
      expect(messageOf(() => autocast("bfloat16", () => ones([2]).matmul(ones([3]))))).toMatch(
        /aten::matmul/,
      );
      expect(product()).toBe("bfloat16");
    });
    expect(product()).toBe("float32");
    expect(messageOf(() => native().leaveAutocast())).toBe("leaveAutocast: no autocast is entered");
    expect(messageOf(() => autocast("int64" as never, product))).toMatch(/must be bfloat16 or float16/);
    expect(messageOf(() => autocast("bfloat16", async () => 1))).toMatch(/synchronous/);
    expect(product()).toBe("float32");
  });
});

test("autocast drops a weight's cast when it ends: a changed weight is used", () => {
  tidy(() => {
    const w = ones([1, 1]).withGrad();
    const y = () =>
      autocast("bfloat16", () => ones([1, 1]).matmul(w))
        .to("float32")
        .item();
    expect(y()).toBe(1);
    w.detach().copy_(tensor([4], [1, 1]));
    expect(y()).toBe(4);
  });
});

test("channels-last survives a convolution, and the values are the same", () => {
  tidy(() => {
    const generator = new Generator(5);
    const x = generator.normal([2, 3, 8, 8]);
    const w = generator.normal([4, 3, 3, 3]);
    const plain = conv2d(x, w, { padding: 1 });
    const last = conv2d(x.contiguous("channels_last"), w.contiguous("channels_last"), { padding: 1 });
    expect(last.shape).toEqual([2, 4, 8, 8]);
    expect(last.strides).toEqual([256, 1, 32, 4]);
    expect(last.relu().add(1).strides).toEqual([256, 1, 32, 4]);
    expect(last.sub(plain).abs().max().item()).toBeLessThan(1e-4);
  });
});

test("the number of threads is what was set", () => {
  const { threads } = machine();
  setThreads(1);
  expect(machine().threads).toBe(1);
  setThreads(2);
  expect(machine().threads).toBe(2);
  setThreads(threads);
});

test("the machine is described", () => {
  const facts = machine();
  expect(facts.torch).toMatch(/^\d+\.\d+/);
  expect(facts.build).toContain("C++");
  expect(typeof facts.cuda).toBe("boolean");
  expect(facts.onednn).toBe(true);
});
