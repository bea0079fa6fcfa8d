import { expect, test } from "vitest";
import { frameOf, ICRS } from "../../src/sky/celestial-frame.ts";

const none = Number.NaN;
const words = (longitude: string, frame = "", equinox = none, mjd = none) => ({
  longitude,
  frame,
  equinox,
  mjd,
});
const POSITIONS = [150, 2, 10.5, -45.25, 359.9, 89.5, 266.4, -28.9, 0.01, -0.01];

/** The same positions in ICRS, by astropy 5.2.1 (BarycentricMeanEcliptic for ecliptic coordinates). */
const ASTROPY: [string, string, number, number, number[]][] = [
  [
    "RA",
    "FK4",
    1950,
    none,
    [
      150.645122559, 1.758128779, 11.08832298, -44.976448585, 0.820746828, 89.77830564, 267.194263741,
      -28.9155646, 0.650684435, 0.268406711,
    ],
  ],
  [
    "RA",
    "FK4",
    1950,
    44239,
    [
      150.645141835, 1.75816016, 11.088349296, -44.97648429, 0.820762069, 89.77826935, 267.19426357,
      -28.915562323, 0.650704271, 0.268370421,
    ],
  ],
  [
    "RA",
    "FK4",
    1975,
    none,
    [
      150.322804315, 1.879269186, 10.794646547, -45.113125409, 0.246047634, 89.639104223, 266.7973447,
      -28.908267825, 0.330540867, 0.129204769,
    ],
  ],
  [
    "RA",
    "FK4-NO-E",
    1950,
    none,
    [
      150.645184971, 1.758118206, 11.088321421, -44.976521572, 0.816093942, 89.778398762, 267.194158831,
      -28.915560406, 0.650666163, 0.268398764,
    ],
  ],
  [
    "RA",
    "FK5",
    1950,
    none,
    [
      150.644998152, 1.758132038, 11.088135491, -44.976539278, 0.81658385, 89.778381242, 267.193962784,
      -28.915556688, 0.650479696, 0.268381251,
    ],
  ],
  [
    "RA",
    "FK5",
    2015.5,
    none,
    [
      149.79986593, 2.074658254, 10.317161671, -45.334870055, 359.730089023, 89.413709202, 266.153875646,
      -28.894403386, 359.811405071, -0.096291129,
    ],
  ],
  [
    "GLON",
    "",
    none,
    none,
    [
      63.371028654, 53.894701156, 320.921912479, -34.258047868, 193.329333117, 26.854917987, 91.009060499,
      -57.82634306, 266.420694276, -28.93285176,
    ],
  ],
  [
    "SLON",
    "",
    none,
    none,
    [
      206.154933174, -31.48292275, 91.174012753, 27.344811074, 283.986765306, 16.156077833, 38.328569135,
      -33.564317026, 42.337313816, 59.531463521,
    ],
  ],
  [
    "ELON",
    "",
    none,
    none,
    [
      152.811836967, 13.343406438, 30.03402095, -36.909222785, 271.256755242, 66.554814789, 264.84558687,
      -52.274888323, 0.013148536, -0.005192435,
    ],
  ],
  [
    "ELON",
    "FK5",
    1950,
    none,
    [
      153.48323563, 13.098004921, 30.573692382, -36.665623621, 271.255236246, 66.554416285, 265.844224499,
      -52.30395879, 0.65363537, 0.273192706,
    ],
  ],
];

test.for(ASTROPY)(
  "%s %s of %s, observed %s: to ICRS as astropy has it, and back",
  ([longitude, frame, equinox, mjd, want]) => {
    const celestial = frameOf(words(longitude, frame, equinox, mjd))!;
    const sky = Float64Array.from(POSITIONS);
    const icrs = celestial.toIcrs(sky);
    const back = celestial.fromIcrs(icrs);
    for (let i = 0; i < sky.length; i++) {
      const across = i % 2 === 1 ? 1 : Math.cos((want[i + 1]! * Math.PI) / 180);
      expect(Math.abs(icrs[i]! - want[i]!) * across).toBeLessThan(1e-9); // 4 microarcsec, what was written down
      expect(Math.abs(back[i]! - sky[i]!)).toBeLessThan(1e-11 / Math.cos((89.5 * Math.PI) / 180));
    }
  },
);

test("defaults are the standard's: without a name by the equinox, without both ICRS", () => {
  expect(frameOf(words("RA"))).toBe(ICRS);
  expect(frameOf(words("RA", "", 2000))!.isIcrs).toBe(true);
  expect(frameOf(words("RA", " fk5 "))!.isIcrs).toBe(true);
  expect(frameOf(words("RA", "", 1950))!.name).toBe("FK4 B1950");
  expect(frameOf(words("RA", "", 1984))!.name).toBe("FK5 J1984");
  expect(frameOf(words("RA", "FK4"))!.name).toBe("FK4 B1950");
  expect(frameOf(words("RA", "ICRS", 1950))).toBe(ICRS); // the standard: no equinox applies to the ICRS
});

test("what can't be turned is no frame, and NaN stays NaN", () => {
  for (const bad of [
    words("RA", "GAPPT"),
    words("HLON"),
    words("ELON", "FK4", 1950),
    words("RA", "FK5", 20000),
  ])
    expect(frameOf(bad)).toBeNull();
  expect([...frameOf(words("GLON"))!.toIcrs(Float64Array.of(NaN, 1))]).toEqual([NaN, NaN]);
});
