import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { FrameImage } from "../../../src/sky/frames/frame-image.ts";
import { pixelOf, skyOf, writeMade } from "./made.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-made-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the tests' own projection agrees with WCSLIB's", () => {
  for (const angle of [0, 33, -120]) {
    const path = join(folder, "a.fits");
    const { made } = writeMade(path, { angle, dec: 61, noise: 0, sky: 1 });
    using image = new FrameImage(path);
    const sky = image.wcs.toSky(Float64Array.from([12, 130]));
    const [x, y] = pixelOf(made, sky[0]!, sky[1]!);
    expect(x).toBeCloseTo(12, 6);
    expect(y).toBeCloseTo(130, 6);
    const [ra, dec] = skyOf(made, 12, 130);
    expect(ra).toBeCloseTo(sky[0]!, 8);
    expect(dec).toBeCloseTo(sky[1]!, 8);
  }
});
