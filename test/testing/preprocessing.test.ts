/** Every kind of preprocessing keeps the promises that a stranger's must keep. */
import { test } from "vitest";
import { preprocessings } from "../../src/dataset/views/preprocessing/registry.ts";
import { checkPreprocessing } from "../../src/testing/preprocessing.ts";

test.each(preprocessings.list.map((kind) => [kind.name, kind] as const))("%s", (_, kind) =>
  checkPreprocessing(kind),
);
