import { describe, expect, test } from "vitest";
import { z } from "zod";
import { errorCodeOf, foreignError, reasonOf } from "../../src/foundation/errors/foreign.ts";
import { unknown, unknownKey } from "../../src/foundation/errors/unknown.ts";
import { checked } from "../../src/foundation/errors/zod-errors.ts";
import {
  ArcletError,
  CODES,
  type ErrorCode,
  type ErrorData,
  EXIT,
  Interrupted,
  oneLine,
  refuse,
  show,
} from "../../src/foundation/errors.ts";
import { nearest } from "../../src/foundation/nearest.ts";

test("a refusal says where, which argument, what it must be and what it was", () => {
  const where = { where: "table.csv", row: 12 };
  expect(() => refuse(where, "grade", "a number from 0 to 3", "high")).toThrow(
    expect.objectContaining({
      name: "ArcletError",
      message: 'table.csv row 12: grade must be a number from 0 to 3, got "high"',
      code: "argument",
      data: {
        where: "table.csv",
        row: 12,
        code: "argument",
        field: "grade",
        must: "a number from 0 to 3",
        got: "high",
      },
    }),
  );
  expect(() => refuse("train", "out", "given", undefined)).toThrow("train: out must be given, got nothing");
  expect(() => refuse("a.fits", "NAXIS", "0 to 999", 1e4, "broken")).toThrow(
    expect.objectContaining({ code: "broken" }),
  );
});

describe("a sentence is made of the data", () => {
  const cases: [ErrorData, string][] = [
    [{ where: "f", code: "truncated", problem: "is cut short" }, "f: is cut short"],
    [{ where: "f.yaml", line: 3, code: "broken", problem: "not YAML" }, "f.yaml line 3: not YAML"],
    [{ where: "f", code: "argument", field: "n", must: "1 or 2" }, "f: n must be 1 or 2"],
    [
      { where: "f", code: "argument", field: "n", must: "1 or 2", got: undefined },
      "f: n must be 1 or 2, got nothing",
    ],
    [
      { where: "f", code: "argument", field: ["bands", 1, "seeing"], must: "> 0", got: -1 },
      "f: bands[1].seeing must be > 0, got -1",
    ],
    [
      { where: "f", code: "unknown", field: "bnads", near: "bands" },
      "f: bnads is not known, did you mean bands?",
    ],
    [{ where: "f", code: "unknown", field: "x", fix: "see --help" }, "f: x is not known; see --help"],
    [{ where: "f", code: "missing", field: "out" }, "f: out is missing"],
    [{ where: "f", code: "missing", field: "out", must: "text" }, "f: out is missing, it must be text"],
    [{ where: "f", code: "missing", field: "--out", problem: "needs a value" }, "f: --out needs a value"],
    [
      { where: "f", code: "conflict", problem: "states no zero point", fix: "give --zero-point" },
      "f: states no zero point; give --zero-point",
    ],
    [{ where: "f", code: "broken", problem: "keyword\u0000 \uFFFD\nis odd" }, "f: keyword? ? is odd"],
  ];
  test.each(cases)("%j", (data, message) => {
    const error = new ArcletError(data);
    expect(error.message).toBe(message);
    expect(error.message).toBe(`${message.slice(0, -error.reason.length)}${error.reason}`);
  });

  test("the reason leaves out where", () => {
    expect(new ArcletError({ where: "f", row: 2, code: "broken", problem: "is odd" }).reason).toBe("is odd");
  });
});

test("values are shown on one line of at most 120 characters", () => {
  expect(show([1, 2, { a: null }])).toBe('[1,2,{"a":null}]');
  expect(show("two\nlines")).toBe('"two\\nlines"');
  expect(show(Number.NaN)).toBe("NaN");
  expect(show(10n)).toBe("10");
  const long = show("x".repeat(500));
  expect(long).toHaveLength(120);
  expect(long.endsWith("...")).toBe(true);
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(show(circle)).toBe("[object Object]");
});

test("a text of other programs is printed on one line, without what a terminal would obey", () => {
  expect(oneLine(" a  b\r\n\tc\u001b[31m\u0007 ")).toBe("a  b c?[31m?");
});

test("each code says what it means, and what the command line leaves with", () => {
  expect(new ArcletError({ where: "x", code: "argument", problem: "y" }).exitCode).toBe(EXIT.refused);
  expect(new ArcletError({ where: "x", code: "internal", problem: "y" }).exitCode).toBe(EXIT.internal);
  expect(new Interrupted("x").exitCode).toBe(130);
  expect(new Interrupted("x")).toBeInstanceOf(ArcletError);
  expect(new Interrupted("nothing was saved").message).toBe("interrupted: nothing was saved");
  for (const { means, exit } of Object.values(CODES)) {
    expect(means).not.toBe("");
    expect(Object.values(EXIT)).toContain(exit);
  }
});

test("the cause is kept", () => {
  const cause = new Error("below");
  expect(new ArcletError({ where: "x", code: "broken", problem: "above" }, { cause }).cause).toBe(cause);
});

test("an error takes more context, and keeps the one that was thrown", () => {
  const error = new ArcletError({
    where: "recipe",
    code: "argument",
    field: ["lens", "q"],
    must: "0 to 1",
    got: 2,
  });
  const more = error.with({ where: "mine.yaml", line: 4 });
  expect(more.message).toBe("mine.yaml line 4: lens.q must be 0 to 1, got 2");
  expect(more.cause).toBe(error);
  expect(more.with({ field: "--lens.q" }).message).toBe("mine.yaml line 4: --lens.q must be 0 to 1, got 2");
  const stop = new Interrupted("saved");
  expect(stop.with()).toBe(stop);
});

test("an error as JSON is its data, with short values", () => {
  const json = (data: ErrorData) => JSON.parse(JSON.stringify(new ArcletError(data))) as unknown;
  expect(
    json({ where: "a.yaml", line: 2, code: "argument", field: ["bands", 0], must: "text", got: 3 }),
  ).toEqual({
    name: "ArcletError",
    message: "a.yaml line 2: bands[0] must be text, got 3",
    exitCode: 2,
    where: "a.yaml",
    line: 2,
    code: "argument",
    field: ["bands", 0],
    must: "text",
    got: 3,
  });
  const got = (value: unknown) =>
    (json({ where: "f", code: "argument", field: "x", must: "y", got: value }) as { got: unknown }).got;
  expect(got("high")).toBe("high");
  expect(got(Number.NaN)).toBe("NaN");
  expect(got(new Array(1000).fill(1))).toHaveLength(120);
  expect(got(2n ** 70n)).toBe("1180591620717411303424");
  expect(json({ where: "f", code: "empty", problem: "is empty" })).not.toHaveProperty("got");
});

test("the nearest name is a third of the letters away at most, or begins with what was typed", () => {
  expect(nearest("sees", ["seeing", "seeds"])).toBe("seeds");
  expect(nearest("SEEDS", ["seeds"])).toBe("seeds");
  expect(nearest("x", ["yy"])).toBeUndefined();
  expect(nearest("--batch-siz", ["--balance", "--batch"])).toBe("--batch");
  expect(nearest("pixel", ["size", "pixelScale"])).toBe("pixelScale");
  expect(nearest("size", ["sizeFactorOfAll"])).toBeUndefined();
});

describe("names that are not known", () => {
  test("one of a list, with the nearest", () => {
    expect(unknown("explain", "method", "adaa", ["adda", "dann"])).toMatchObject({
      code: "unknown",
      field: "method",
      message: 'explain: method must be one of adda, dann, got "adaa", did you mean adda?',
      data: { near: "adda", got: "adaa" },
    });
    expect(unknown("x", "name", "q", ["adda", "dann"], { or: "a file" }).message).toBe(
      'x: name must be one of adda, dann, or a file, got "q"',
    );
    expect(unknown("x", "id", "b7", ["b8"], { must: "one of its 9 ids" }).message).toBe(
      'x: id must be one of its 9 ids, got "b7", did you mean b8?',
    );
  });

  test("a key, with the nearest or the way out", () => {
    const known = [
      ["bands", 0, "seeing"],
      ["bands", 0, "name"],
    ];
    expect(unknownKey({ where: "s.yaml", line: 3 }, ["bands", 0, "seing"], known).message).toBe(
      "s.yaml line 3: bands[0].seing is not known, did you mean bands[0].seeing?",
    );
    const options = { noun: "a command", fix: "see --help" };
    expect(unknownKey("arclet", "qqqqqq", ["doctor"], options).message).toBe(
      "arclet: qqqqqq is not a command; see --help",
    );
    expect(unknownKey("arclet", "doctr", ["doctor"], options).message).toBe(
      "arclet: doctr is not a command, did you mean doctor?",
    );
  });
});

describe("what a schema refuses", () => {
  const schema = z.strictObject({
    name: z.string().min(1),
    pixelScale: z.number().positive().max(10).meta({ unit: "arcsec" }),
    size: z
      .int()
      .refine((n) => n % 2 === 0, "an even number")
      .default(64),
    bands: z.array(z.strictObject({ name: z.string(), seeing: z.number().gt(0).optional() })).min(1),
    fill: z.union([z.number(), z.literal("interpolated")]).default(0),
    psf: z
      .discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("gaussian") }),
        z.strictObject({ kind: z.literal("moffat"), beta: z.number().gt(1) }),
      ])
      .optional(),
    noise: z
      .union([z.number(), z.strictObject({ sigma: z.number().min(0), kernel: z.string().optional() })])
      .optional(),
    shares: z.record(z.string().min(1), z.number().min(0)).default({}),
    hash: z
      .string()
      .regex(/^[0-9a-f]{4}$/)
      .optional(),
    pair: z.tuple([z.number(), z.number().max(1)]).optional(),
    mode: z
      .enum(["a", "b"])
      .optional()
      .meta({ renamed: { z: "b" } }),
  });
  const good = { name: "x", pixelScale: 0.2, bands: [{ name: "g" }] };
  const refused = (values: object, code?: ErrorCode) => {
    try {
      checked("s.yaml", schema, { ...good, ...values }, { code, lineOf: (path) => path.length });
    } catch (error) {
      return error as ArcletError;
    }
    throw new Error("was not refused");
  };
  const cases: [string, object, ErrorCode, string][] = [
    ["missing", { name: undefined }, "missing", "line 1: name is missing, it must be text"],
    ["empty", { name: "" }, "argument", 'line 1: name must be a text that is not empty, got ""'],
    ["of another type", { name: 3 }, "argument", "line 1: name must be text, got 3"],
    [
      "out of range, with its unit",
      { pixelScale: -1 },
      "argument",
      "line 1: pixelScale must be a number, > 0 and at most 10 (arcsec), got -1",
    ],
    ["by the schema's own rule", { size: 63 }, "argument", "line 1: size must be an even number, got 63"],
    ["an item", { bands: ["g"] }, "argument", 'line 2: bands[0] must be keys and values, got "g"'],
    [
      "nested in a list",
      { bands: [{ name: "g" }, { name: "r", seeing: 0 }] },
      "argument",
      "line 3: bands[1].seeing must be a number, > 0, got 0",
    ],
    [
      "too few",
      { bands: [] },
      "argument",
      "line 1: bands must be a list of values, of length 1 or more, got []",
    ],
    [
      "an unknown key, before all else",
      { pixelscale: 1, pixelScale: undefined },
      "unknown",
      "line 1: pixelscale is not known, did you mean pixelScale?",
    ],
    [
      "an unknown key inside",
      { bands: [{ name: "g", seing: 1 }] },
      "unknown",
      "line 3: bands[0].seing is not known, did you mean bands[0].seeing?",
    ],
    [
      "a union of values",
      { fill: "no" },
      "argument",
      'line 1: fill must be a number or interpolated, got "no"',
    ],
    [
      "a union's variant that was meant",
      { noise: { sigma: -1 } },
      "argument",
      "line 2: noise.sigma must be a number, at least 0, got -1",
    ],
    [
      "a key of the variant that was meant",
      { noise: { sigma: 1, kernal: "x" } },
      "unknown",
      "line 2: noise.kernal is not known, did you mean noise.kernel?",
    ],
    [
      "a kind",
      { psf: { kind: "airy" } },
      "argument",
      'line 2: psf.kind must be one of gaussian, moffat, got "airy"',
    ],
    [
      "inside a kind",
      { psf: { kind: "moffat", beta: 1 } },
      "argument",
      "line 2: psf.beta must be a number, > 1, got 1",
    ],
    [
      "a record's value",
      { shares: { a: -1 } },
      "argument",
      "line 2: shares.a must be a number, at least 0, got -1",
    ],
    [
      "a record's key",
      { shares: { "": 1 } },
      "argument",
      'line 1: shares must be given by names, each a text that is not empty, got ""',
    ],
    ["a format", { hash: "xyz" }, "argument", 'line 1: hash must be of the form /^[0-9a-f]{4}$/, got "xyz"'],
    ["a tuple's item", { pair: [0, 2] }, "argument", "line 2: pair[1] must be a number, at most 1, got 2"],
    ["a choice", { mode: "c" }, "argument", 'line 1: mode must be one of a, b, got "c"'],
    ["a choice by its old name", { mode: "z" }, "unknown", 'line 1: mode "z" is now called "b"'],
    [
      "null",
      { pixelScale: null },
      "argument",
      "line 1: pixelScale must be a number, > 0 and at most 10 (arcsec), got null",
    ],
  ];
  test.each(cases)("%s", (_, values, code, message) => {
    expect(refused(values)).toMatchObject({ code, message: `s.yaml ${message}` });
  });

  test("the field stays data", () => {
    expect(refused({ bands: [{ name: 3 }] }).field).toEqual(["bands", 0, "name"]);
  });

  test("of a file that a program wrote, the file is broken", () => {
    expect(refused({ size: 63 }, "broken").code).toBe("broken");
  });

  test("all of it", () => {
    const all = (values: unknown) => () => checked("s.yaml", schema, values, { whole: "the survey" });
    expect(all(3)).toThrow("s.yaml: the survey must be keys and values, got 3");
    expect(all(undefined)).toThrow("s.yaml: the survey is missing, it must be keys and values");
  });
});

describe("errors of others", () => {
  const withCode = (code: string, text = "text") => Object.assign(new Error(text), { code });

  test.each([
    ["ENOENT", "absent"],
    ["EACCES", "unreadable"],
    ["ENOSPC", "machine"],
    ["Z_BUF_ERROR", "truncated"],
    ["Z_DATA_ERROR", "broken"],
    ["ERR_BUFFER_TOO_LARGE", "too-large"],
    ["too-large", "too-large"],
    ["unsupported", "unsupported"],
    ["ERR_OTHER", "unreadable"],
  ])("%s is %s", (code, ours) => {
    expect(errorCodeOf(withCode(code), "unreadable")).toBe(ours);
  });

  test("what an error says decides nothing", () => {
    expect(errorCodeOf(new Error("file was truncated, no such file"), "broken")).toBe("broken");
    expect(errorCodeOf(withCode("toString"), "broken")).toBe("broken");
  });

  test("they become one line that names the place, with the first error as the cause", () => {
    const cause = withCode("Z_BUF_ERROR", "unexpected\nend");
    const error = foreignError(
      { where: "a.gz", line: 2 },
      cause,
      "broken",
      (reason) => `does not unpack (${reason})`,
    );
    expect(error.message).toBe("a.gz line 2: does not unpack (unexpected end)");
    expect(error).toMatchObject({ code: "truncated", cause });
    expect(foreignError("a", withCode("ENOENT"), "broken").message).toBe("a: no such file or folder");
    expect(foreignError("b", error, "broken")).toBe(error);
  });

  test("a reason is there even where none is given", () => {
    expect(reasonOf(new Error(""))).toBe("no reason given");
    expect(reasonOf("odd")).toBe("odd");
    expect(reasonOf(new ArcletError({ where: "f", code: "empty", problem: "is empty" }))).toBe("is empty");
  });
});
