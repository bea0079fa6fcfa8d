/** Every encoder keeps the promises that a stranger's must keep. */
import { test } from "vitest";
import { encoders } from "../../src/encoders/registry.ts";
import { checkEncoder } from "../../src/testing/encoder.ts";
import { setThreads } from "../../src/torch/machine.ts";

// Such small tensors gain nothing from threads, and lose much where other work shares the cores.
setThreads(1);

test.each(encoders.list.map((entry) => [entry.name, entry] as const))("%s", (_, entry) =>
  checkEncoder(entry),
);
