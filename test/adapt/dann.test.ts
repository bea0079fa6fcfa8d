/** DANN: the domain loss through the reversed gradient. */
import { test } from "vitest";
import { adversarial, domainLoss } from "./plain-discriminator.ts";
import { equal, shares } from "./plain-network.ts";
import { expectTwoSteps } from "./two-steps.ts";

test("two steps match a plain re-derivation", () => {
  expectTwoSteps("dann", {
    settings: { weight: 0.8, discriminator: [4] },
    ...adversarial(({ fS, fT }, _, d) => domainLoss(d, fS, fT, shares(), equal(fT.length)), 0.8),
  });
});
