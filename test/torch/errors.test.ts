import { existsSync, readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { grad, setGrad } from "../../src/torch/autograd.ts";
import { call } from "../../src/torch/call.ts";
import { full, ones, tensor, zeros } from "../../src/torch/create.ts";
import { setThreads } from "../../src/torch/machine.ts";
import { doorPath, native } from "../../src/torch/native.ts";
import { conv2d, crossEntropy } from "../../src/torch/neural.ts";
import { Generator } from "../../src/torch/random.ts";
import { liveTensors, tidy } from "../../src/torch/scope.ts";
import type { Tensor } from "../../src/torch/tensor.ts";
import { slow } from "../slow.ts";
import { inChild, messageOf, rawChild } from "./child.ts";

slow("starts a process a test");

const OVERCOMMIT = "/proc/sys/vm/overcommit_memory";
/** Linux then grants any memory, and ends the process that uses it: there is no error to test. */
const promisesAll = existsSync(OVERCOMMIT) && readFileSync(OVERCOMMIT, "utf8").trim() === "1";

/** The message of an error, which must leave no tensor behind. */
function refused(body: () => unknown): string {
  const before = liveTensors();
  const message = messageOf(() => tidy(body));
  expect(liveTensors()).toBe(before);
  expect(message).not.toContain("\n");
  return message;
}

test("shapes that do not fit: operator, libtorch's sentence and the shapes, in one line", () => {
  expect(refused(() => ones([2]).add(ones([3])))).toBe(
    "aten::add.Tensor: The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0 " +
      "(given float32 (2), float32 (3))",
  );
  expect(refused(() => ones([2, 3]).matmul(ones([2, 3])))).toMatch(
    /^aten::matmul: .*2x3.*given float32 \(2, 3\), float32 \(2, 3\)/,
  );
  expect(refused(() => conv2d(ones([1, 1, 4, 4]), ones([1, 2, 3, 3])))).toMatch(
    /^aten::conv2d: .*to have 2 channels, but got 1/,
  );
  expect(refused(() => ones([6]).reshape([4]))).toMatch(
    /^aten::reshape: shape '\[4\]' is invalid for input of size 6/,
  );
  expect(refused(() => call("aten::cat", [ones([2, 2]), ones([3, 3])]))).toMatch(
    /^aten::cat: .*given \[float32 \(2, 2\), float32 \(3, 3\)\]/,
  );
});

test("dtypes that do not fit", () => {
  const integers = () => tensor([1, 2], [2], { dtype: "int64" });
  expect(refused(() => ones([2, 2]).matmul(ones([2, 2], { dtype: "float64" })))).toMatch(
    /^aten::matmul: .*(dtype|scalar type)/,
  );
  expect(refused(() => integers().withGrad())).toMatch(/^requiresGrad: .*floating/);
  expect(refused(() => call("aten::full", [2], 1, { dtype: "float128" }))).toMatch(
    /^aten::full: dtype: dtype must be one of float32, .* got float128$/,
  );
});

test("an index out of range", () => {
  const index = (value: number) => tensor([value], [1], { dtype: "int64" });
  expect(refused(() => ones([3]).indexSelect(0, index(3)))).toMatch(/^aten::index_select: .*out of range/);
  expect(refused(() => ones([3]).select(0, 3))).toMatch(/^aten::select.int: .*(out of range|3)/);
  expect(refused(() => ones([3]).sum(1))).toMatch(/^aten::sum.dim_IntList: Dimension out of range/);
  expect(refused(() => crossEntropy(ones([1, 3]), index(7)))).toMatch(
    /^aten::cross_entropy_loss: Target 7 is out of bounds/,
  );
});

test("null, missing, surplus and unknown arguments", () => {
  expect(refused(() => call("aten::relu", null))).toBe("aten::relu: self: must not be null");
  expect(refused(() => call("aten::relu"))).toBe("aten::relu: self: is required");
  expect(refused(() => call("aten::relu", ones([1]), 1, 2))).toBe(
    "aten::relu: takes at most 1 arguments, got 3",
  );
  expect(refused(() => call("aten::rleu", ones([1])))).toMatch(/libtorch has no operator aten::rleu$/);
  expect(refused(() => call("aten::relu.Tensor", ones([1])))).toMatch(
    /libtorch has no operator aten::relu.Tensor$/,
  );
});

test("a refusal has a code; what only libtorch knows has LIBTORCH", () => {
  const codeOf = (body: () => unknown): unknown => {
    try {
      tidy(body);
    } catch (error) {
      return (((error as Error).cause ?? error) as NodeJS.ErrnoException).code;
    }
    throw new Error("nothing was thrown");
  };
  expect(codeOf(() => call("aten::rleu", ones([1])))).toBe("absent");
  expect(codeOf(() => call("aten::relu", "x"))).toBe("argument");
  expect(codeOf(() => native().shape({ handle: 0.5 }))).toBe("argument");
  expect(codeOf(() => call("aten::slow_conv3d", ones([1]), ones([1]), [1, 1, 1], null))).toBe("unsupported");
  expect(codeOf(() => tensor(new Float32Array(0), [2 ** 32, 2 ** 32]))).toBe("too-large");
  expect(codeOf(() => ones([2]).add(ones([3])))).toBe("LIBTORCH");
  expect(codeOf(() => ones([2]).withGrad().mul(2).backward())).toBe("LIBTORCH");
  if (!promisesAll) expect(codeOf(() => zeros([1e12]))).toBe("too-large");
  expect(() => native().shape({ handle: 0.5 })).toThrow(TypeError);
});

test("a JavaScript value of the wrong kind", () => {
  const x = () => ones([2]);
  expect(refused(() => call("aten::relu", "x"))).toBe("aten::relu: self: must be a tensor");
  expect(refused(() => call("aten::relu", new Generator(1)))).toBe("aten::relu: self: must be a tensor");
  expect(refused(() => call("aten::rand.generator", [2], x()))).toBe(
    "aten::rand.generator: generator: must be a generator",
  );
  expect(refused(() => call("aten::sum.dim_IntList", x(), ["0"]))).toBe(
    "aten::sum.dim_IntList: dim: must be an integer",
  );
  expect(refused(() => call("aten::squeeze.dim", x(), 0.5))).toBe(
    "aten::squeeze.dim: dim: must be an integer, got 0.5",
  );
  expect(refused(() => call("aten::squeeze.dim", x(), Number.NaN))).toMatch(/dim: must be an integer, got/);
  expect(refused(() => call("aten::softmax.int", x(), 0, { dtype: 9999 }))).toMatch(
    /dtype: must be the name of a dtype/,
  );
  expect(refused(() => call("aten::sum.dim_IntList", x(), 0, "yes"))).toBe(
    "aten::sum.dim_IntList: keepdim: must be true or false",
  );
  expect(refused(() => call("aten::cat", x()))).toBe("aten::cat: tensors: must be a list of tensors");
  expect(refused(() => call("aten::cat", new Array(2 ** 32 - 1)))).toBe(
    "aten::cat: tensors: must be a list of at most 2^24 items",
  );
  expect(refused(() => call("aten::reflection_pad1d", ones([1, 1, 4]), []))).toMatch(
    /padding: must be a list of 2, got an empty one/,
  );
});

test("a forged or broken handle reaches no tensor", () => {
  for (const handle of [Number.NaN, -1, 0.5, 16777216.5, 2 ** 60, Number.POSITIVE_INFINITY, 1e300, -1e300]) {
    expect(messageOf(() => native().shape({ handle }))).toMatch(
      /^shape: (must be a tensor|tensor is disposed)$/,
    );
  }
  expect(messageOf(() => native().shape(undefined as never))).toBe("shape: must be a tensor");
  expect(messageOf(() => (native().shape as unknown as () => void)())).toBe("shape: must be a tensor");
});

test("a disposed tensor, wherever it is used", () => {
  const gone = ones([2]);
  gone.dispose();
  gone.dispose();
  expect(gone.disposed).toBe(true);
  for (const use of [
    () => gone.add(1),
    () => gone.dtype,
    () => gone.numbers(),
    () => gone.requiresGrad,
    () => gone.grad,
    () => gone.backward(),
    () => setGrad(ones([2]), gone),
    () => call("aten::cat", [ones([2]), gone]),
  ]) {
    expect(refused(use)).toMatch(/tensor is disposed/);
  }
});

test("an old handle whose slot is reused does not reach the new tensor", () => {
  const first = ones([2]);
  const { handle } = first;
  first.dispose();
  const second = ones([5]);
  expect(messageOf(() => native().shape({ handle }))).toBe("shape: tensor is disposed");
  second.dispose();
});

test("a getter that throws, or disposes a tensor in use, is an error, not a crash", () => {
  const trap = {
    get handle(): number {
      throw new RangeError("from the getter");
    },
  };
  expect(messageOf(() => call("aten::relu", trap))).toBe("from the getter");
  tidy(() => {
    const x = ones([3]);
    const evil = {
      get handle(): number {
        x.dispose();
        for (let i = 0; i < 100; i++) ones([10]);
        return ones([3]).handle;
      },
    };
    expect((call("aten::add.Tensor", x, evil, 1) as Tensor).numbers()).toEqual([2, 2, 2]);
  });
});

test.skipIf(promisesAll)("out of memory is an error that names the operator and the bytes", () => {
  expect(refused(() => zeros([1e12]))).toMatch(/^aten::full: .*allocate.*4000000000000 bytes/);
  expect(refused(() => zeros([1]).expand([1e12]).add(1))).toMatch(/^aten::add.Tensor: .*allocate/);
  expect(refused(() => zeros([1]).expand([1e12]).data())).toMatch(/allocation failed/);
  expect(refused(() => full([2 ** 40, 2 ** 40], 0))).toMatch(/^aten::full: /);
  expect(refused(() => tensor(new Float32Array(0), [2 ** 32, 2 ** 32]))).toBe(
    "fromBytes: shape is too large",
  );
  expect(tidy(() => ones([2]).add(1).numbers())).toEqual([2, 2]);
});

test("values that JavaScript can't hold are refused, lazy views resolved", () => {
  expect(refused(() => (call("aten::to_sparse", ones([2])) as Tensor).data())).toMatch(
    /^toBytes: tensor must be dense/,
  );
  expect(refused(() => (call("aten::complex", ones([2]), ones([2])) as Tensor).data())).toMatch(
    /no typed array holds Complex/,
  );
  expect(refused(() => (call("aten::full", [2], 1, { device: "meta" }) as Tensor).data())).toMatch(
    /meta tensor/,
  );
  tidy(() => expect((call("aten::_neg_view", tensor([1, -2])) as Tensor).numbers()).toEqual([-1, 2]));
});

test("backward twice, backward of a non-scalar, backward without gradients", () => {
  expect(
    refused(() => {
      const w = ones([2]).withGrad();
      const loss = w.mul(w).sum();
      loss.backward();
      loss.backward();
    }),
  ).toMatch(/^backward: Trying to backward through the graph a second time.*given float32 \(\)/);
  expect(refused(() => ones([2]).withGrad().mul(2).backward())).toMatch(
    /^backward: grad can be implicitly created only for scalar outputs \(given float32 \(2\)\)/,
  );
  expect(refused(() => ones([1]).backward())).toMatch(/^backward: .*does not require grad/);
  expect(refused(() => grad(ones([1]).withGrad().sum(), []))).toMatch(
    /^gradients: inputs must be a list of at least one tensor/,
  );
});

test("a gradient of the wrong shape or type is refused at once", () => {
  expect(refused(() => setGrad(ones([2]), ones([3])))).toMatch(
    /^setGrad: gradient must have .*float32 \(2\), got float32 \(3\)/,
  );
  expect(refused(() => setGrad(ones([2]), ones([2], { dtype: "float64" })))).toMatch(/got float64 \(2\)/);
  expect(
    refused(() => {
      const x = ones([2]);
      setGrad(x, x);
    }),
  ).toMatch(/its own gradient/);
});

test("a device that is not there", () => {
  expect(refused(() => ones([1]).toDevice("gpu"))).toMatch(/^aten::to.dtype_layout: .*gpu/);
  expect(refused(() => ones([1]).toDevice("cuda:99"))).toMatch(/^aten::to.dtype_layout: /);
  expect(refused(() => new Generator(1, "cuda:99"))).toMatch(/^generator: /);
});

test("an absurd number of threads is refused", () => {
  for (const threads of [0, -1, 1.5, Number.NaN, 1e6])
    expect(messageOf(() => setThreads(threads))).toMatch(
      /^setThreads: threads must be a whole number from 1/,
    );
  const done = rawChild("torch.machine()", [], { ARCLET_THREADS: "many" });
  expect(done.status).toBe(1);
  expect(done.stderr).toContain("ARCLET_THREADS: setThreads: threads must be a whole number from 1");
});

test("bad bytes and shapes", () => {
  expect(refused(() => tensor([1, 2, 3], [2, 2]))).toBe(
    "fromBytes: data must hold 4 values of float32 for its shape, got 12 bytes",
  );
  expect(refused(() => tensor([1, 2], [-2]))).toBe("fromBytes: shape must be of non-negative integers");
  expect(refused(() => tensor([1, "2"] as never))).toBe("tensor: values must be numbers, got string");
  expect(refused(() => tensor(new Uint16Array(2) as never))).toMatch(/no element type for Uint16Array/);
});

test("a worker has its own registry, and its end is harmless", async () => {
  const source = `const door = require(${JSON.stringify(doorPath)});
    const handle = door.fromBytes(new Float32Array([1, 2]), "float32", [2], "cpu");
    require("node:worker_threads").parentPort.postMessage([door.live(), ...door.shape({ handle })]);`;
  const before = liveTensors();
  const worker = new Worker(source, { eval: true, execArgv: [] });
  const answer = await new Promise((resolve, reject) =>
    worker.once("message", resolve).once("error", reject),
  );
  await worker.terminate();
  expect(answer).toEqual([1, 2]);
  expect(liveTensors()).toBe(before);
  expect(tidy(() => ones([2]).sum().item())).toBe(2);
});

test("the process exits with 0 after all kinds of errors", () => {
  const source = `let errors = 0;
    const x = torch.ones([2]);
    for (let i = 0; i < 20; i++) {
      for (const bad of [() => x.add(torch.ones([3])), () => x.reshape([5]), () => torch.zeros([1e13]), () => x.backward()]) {
        try { torch.tidy(bad); } catch { errors++; }
      }
    }
    console.log(JSON.stringify([errors, torch.liveTensors()]));`;
  expect(inChild(source)).toEqual([80, 1]);
});
