/** The default composites, by what is lost in them: where a channel is white, nothing is seen of an arc. */
import { expect, test } from "vitest";
import { simulateConfig } from "../../../src/making/simulating/config.ts";
import { draw, populationOf } from "../../../src/making/simulating/draw.ts";
import { surveys } from "../../../src/sky/surveys/registry.ts";
import { slow } from "../../slow.ts";

slow("draws a hundred lenses as each of eight surveys sees them");

const COUNT = 100;

test("every survey's composites of lenses lose no more to white than CFHTLS's, whose stretch real pictures have", () => {
  const shares = surveys.list.map(({ name }) => {
    const settings = { out: "unused", count: COUNT, size: 48, survey: name, prevalence: 1, seed: 7 };
    const config = simulateConfig.parse({ ...settings, pixels: "display" });
    const { pixels } = draw(
      populationOf(config),
      Array.from({ length: COUNT }, (_, i) => i),
      config,
    );
    let white = 0;
    for (const value of pixels) white += Number(value === 255);
    return { name, share: white / pixels.length };
  });
  // Measured 0.39 to 1.08 of CFHTLS's. A hundred lenses show a share to a tenth of itself.
  const { share: usual } = shares.find(({ name }) => name === "cfhtls")!;
  for (const { name, share } of shares) {
    expect(share / usual, name).toBeGreaterThan(0.3);
    expect(share / usual, name).toBeLessThan(1.3);
  }
});
