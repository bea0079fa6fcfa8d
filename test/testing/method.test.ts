/** Every method keeps the promises that a stranger's must keep. */
import { expect, test } from "vitest";
import { methods } from "../../src/adapt/registry.ts";
import { checkMethod, methodPromises } from "../../src/testing/method.ts";
import { slow } from "../slow.ts";

slow("every method keeps 20 promises, each by some trainings");

test.each(methods.list.map((method) => [method.name, method] as const))("%s", (_, method) =>
  checkMethod(method),
);

test("promises have names of their own and a sentence", () => {
  const names = methodPromises.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { promise } of methodPromises) expect(promise).toMatch(/\w+ \w+/);
});
