/** Positions in hours, minutes and seconds, by hand and back. */
import { expect, test } from "vitest";
import { sexagesimal } from "../../src/catalog/angles.ts";
import { sexagesimalText } from "../../src/sky/sexagesimal.ts";

test.each([
  [0, 0, "00:00:00.000 +00:00:00.00"],
  // 150.11632° / 15 = 10.00775467 h: 0.00775467 h are 27.9168 s
  [150.11632, 2.20583, "10:00:27.917 +02:12:20.99"],
  [15, -0.5, "01:00:00.000 -00:30:00.00"],
  [-15, 89.999999, "23:00:00.000 +90:00:00.00"],
  // Less than half a thousandth of a second before midnight, and half a minute that would be 60 seconds
  [359.999999, -5, "00:00:00.000 -05:00:00.00"],
  [14.9999999, 0.0166666, "01:00:00.000 +00:01:00.00"],
])("%d, %d is %s", (ra, dec, text) => {
  expect(sexagesimalText(ra, dec)).toBe(text);
});

test("what is written is read again, to half of the last digit", () => {
  for (let k = 0; k < 200; k++) {
    const [ra, dec] = [(k * 137.508) % 360, ((k * 61.803) % 180) - 90];
    const [a, d] = sexagesimalText(ra, dec).split(" ") as [string, string];
    expect(Math.abs(sexagesimal(a, true)! - ra) * 3600).toBeLessThan(0.0076);
    expect(Math.abs(sexagesimal(d, false)! - dec) * 3600).toBeLessThan(0.0051);
  }
});
