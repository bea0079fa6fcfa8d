import { expect, test } from "vitest";
import { slow } from "../slow.ts";
import { inChild } from "./child.ts";

slow("trains 10,000 steps");

test("tensors outside scopes are freed when JavaScript collects them", () => {
  const source = `
    for (let i = 0; i < 200; i++) torch.ones([1000]).add(i);
    const before = torch.liveTensors();
    for (let i = 0; i < 20 && torch.liveTensors() > 0; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    console.log(JSON.stringify([before, torch.liveTensors(), torch.liveBytes()]));`;
  const [before, live, bytes] = inChild(source, ["--expose-gc"]);
  expect(before).toBeGreaterThan(100);
  expect([live, bytes]).toEqual([0, 0]);
});

test("a generator that JavaScript collects is freed too, and one in use is not", () => {
  const source = `
    const held = new torch.Generator(1);
    for (let i = 0; i < 1000; i++) new torch.Generator(i);
    for (let i = 0; i < 5; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 10)); }
    const reused = new torch.Generator(2);
    console.log(JSON.stringify([held.handle !== reused.handle, torch.tidy(() => held.uniform([1]).item())]));`;
  const [distinct, value] = inChild(source, ["--expose-gc"]);
  expect(distinct).toBe(true);
  expect(value).toBeGreaterThan(0);
});

test("V8 collects unreachable tensors because of their native size, which is reported to it", () => {
  // Hardly anything is allocated in JavaScript here: only the reported bytes can make V8 collect.
  const source = `
    const most = async (elements) => {
      let most = 0;
      for (let i = 0; i < 300; i++) {
        torch.empty([elements]);
        await new Promise((resolve) => setImmediate(resolve));
        most = Math.max(most, torch.liveTensors());
      }
      return most;
    };
    const small = await most(4);
    console.log(JSON.stringify([small, await most(16 << 20)]));`;
  const [small, large] = inChild(source);
  expect(small).toBe(300);
  expect(large - small).toBeLessThan(150);
});

test("V8 is not made to collect by tensors that scopes free", () => {
  const source = `
    const { PerformanceObserver, constants } = await import("node:perf_hooks");
    let collections = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries())
        if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections++;
    });
    observer.observe({ entryTypes: ["gc"] });
    for (let i = 0; i < 100; i++) {
      torch.tidy(() => void torch.empty([16 << 20]).add(torch.empty([16 << 20])));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const scoped = collections;
    for (let i = 0; i < 100; i++) {
      torch.empty([16 << 20]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    console.log(JSON.stringify([scoped, collections - scoped]));`;
  const [scoped, loose] = inChild(source);
  expect(scoped).toBe(0);
  expect(loose).toBeGreaterThan(0);
});

test("10,000 training steps don't raise resident memory", () => {
  const source = `
    const { tidy, keep, conv2d, batchNorm, maxPool2d, linear, crossEntropy, Generator, clearGrads, noGrad } = torch;
    const generator = new Generator(1);
    const parameter = (...shape) => keep(tidy(() => generator.normal(shape).mul(0.2)).withGrad());
    const [w1, g1, b1, w2, w3, b3] = [parameter(4, 1, 3, 3), parameter(4), parameter(4), parameter(4, 4, 3, 3), parameter(2, 16), parameter(2)];
    const parameters = [w1, g1, b1, w2, w3, b3];
    const [mean, variance] = [keep(torch.zeros([4])), keep(torch.ones([4]))];
    const step = () => tidy(() => {
      const y = tidy(() => generator.integers(0, 2, [8]));
      const x = generator.normal([8, 1, 8, 8]).add(y.to("float32").reshape([8, 1, 1, 1]));
      let h = conv2d(x, w1, { padding: 1 });
      h = batchNorm(h, { weight: g1, bias: b1, runningMean: mean, runningVar: variance }, true).relu();
      h = maxPool2d(conv2d(maxPool2d(h, 2), w2, { padding: 1 }).relu(), 2);
      const loss = crossEntropy(linear(h.flatten(1), w3, b3), y);
      loss.backward();
      noGrad(() => { for (const p of parameters) torch.call("aten::add_.Tensor", p, p.grad, -0.05); });
      clearGrads(parameters);
      return loss.item();
    });
    const rss = [];
    const losses = [];
    for (let i = 0; i < 10000; i++) {
      losses.push(step());
      if (i % 100 === 99) rss.push(process.memoryUsage().rss);
    }
    const mean100 = (values) => values.reduce((a, b) => a + b) / values.length;
    console.log(JSON.stringify({ rss, first: mean100(losses.slice(0, 100)), last: mean100(losses.slice(-100)), live: torch.liveTensors() }));`;
  const { rss, first, last, live } = inChild(source);
  expect(last).toBeLessThan(first);
  expect(live).toBe(8);
  const warm = Math.max(...rss.slice(10, 20));
  expect(Math.max(...rss.slice(20)) / warm).toBeLessThan(1.05);
});
