import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ones } from "../../src/torch/create.ts";
import { tidy } from "../../src/torch/scope.ts";
import { MODEL_FILE } from "../../src/train/model.ts";
import { Compute, fasterPrecision } from "../../src/train/precision.ts";
import { readRunConfig } from "../../src/train/run.ts";
import { train } from "../../src/train/train.ts";
import { slow } from "../slow.ts";
import { configOf, temporaryFolder, writeSource, writeTarget } from "../tiny/domains.ts";

slow("times training");

/** Times steps on a clock that only they move: by the given milliseconds for their precision, the first by more. */
function timed(compute: Compute, milliseconds: Record<Compute["precision"], number>) {
  let time = 0;
  const fresh = new Set(["float32", "bfloat16"]);
  const step = () => {
    time += milliseconds[compute.precision] + (fresh.delete(compute.precision) ? 1000 : 0);
  };
  return fasterPrecision(compute, step, () => time);
}

test("auto takes bfloat16 if it saves a tenth of the time, else float32", async () => {
  const compute = new Compute("cpu");
  const faster = await timed(compute, { float32: 20, bfloat16: 10 });
  expect(compute.precision).toBe("bfloat16");
  expect(faster).toEqual({ precision: "bfloat16", float32: 20, bfloat16: 10 });
  const alike = await timed(compute, { float32: 20, bfloat16: 19.5 });
  expect(alike.precision).toBe("float32");
  expect(compute.precision).toBe("float32");
});

test("networks compute in the precision that is set", () => {
  const compute = new Compute("cpu");
  const product = () => tidy(() => compute.run(() => ones([2, 2]).matmul(ones([2, 2]))).dtype);
  expect(product()).toBe("float32");
  compute.precision = "bfloat16";
  expect(product()).toBe("bfloat16");
});

test("timing both precisions leaves no trace in the training", async () => {
  const folder = temporaryFolder();
  try {
    const source = await writeSource(folder.path);
    const target = await writeTarget(folder.path);
    const messages: string[] = [];
    const run = (out: string, precision: string) =>
      train(
        configOf({ source, target, out: join(folder.path, out), precision }),
        {},
        { say: (line) => messages.push(line) },
      );
    await run("auto", "auto");
    const { resolved } = readRunConfig(join(folder.path, "auto"));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(
      new RegExp(
        `^precision: ${resolved.precision} \\(float32 [\\d.]+ ms a step, bfloat16 [\\d.]+ ms a step\\)$`,
      ),
    );
    await run("given", resolved.precision);
    const model = (out: string) => readFileSync(join(folder.path, out, MODEL_FILE));
    expect(model("auto").equals(model("given"))).toBe(true);
  } finally {
    folder.remove();
  }
});
