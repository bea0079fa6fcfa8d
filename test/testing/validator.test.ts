/** Every validator keeps the promises that a stranger's must keep. */
import { test } from "vitest";
import { validators } from "../../src/adapt/validators/registry.ts";
import { checkValidator } from "../../src/testing/validator.ts";

test.each(validators.list.map((validator) => [validator.name, validator] as const))("%s", (_, validator) =>
  checkValidator(validator),
);
