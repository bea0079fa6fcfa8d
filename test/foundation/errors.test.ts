import { expect, test } from "vitest";
import { ArcletError, EXIT, Interrupted, refuse, show } from "../../src/foundation/errors.ts";

test("a refusal says where, which argument, what it must be and what it was", () => {
  expect(() => refuse("table.csv row 12", "grade", "a number from 0 to 3", "high")).toThrow(
    new ArcletError('table.csv row 12: grade must be a number from 0 to 3, got "high"'),
  );
  expect(() => refuse("train", "out", "given", undefined)).toThrow("train: out must be given, got nothing");
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

test("exit codes tell a refusal from an interruption", () => {
  expect(new ArcletError("x").exitCode).toBe(EXIT.refused);
  expect(new ArcletError("x", { exitCode: 7 }).exitCode).toBe(7);
  expect(new Interrupted("x").exitCode).toBe(130);
  expect(new Interrupted("x")).toBeInstanceOf(ArcletError);
});

test("the cause is kept", () => {
  const cause = new Error("below");
  expect(new ArcletError("above", { cause }).cause).toBe(cause);
});
