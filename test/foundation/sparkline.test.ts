import { expect, test } from "vitest";
import { sparkline } from "../../src/foundation/sparkline.ts";

test("numbers become bars scaled from the least to the greatest, only the last if there are too many", () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe("▁▂▃▄▅▆▇█");
  expect(sparkline([9, 9, 0, 7], 2)).toBe("▁█");
  expect(sparkline([2, 2])).toBe("▁▁");
  expect(sparkline([0, Number.NaN, 1])).toBe("▁ █");
  expect(sparkline([])).toBe("");
});
