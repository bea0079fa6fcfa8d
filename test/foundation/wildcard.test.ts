import { describe, expect, test } from "vitest";
import { type PatternPart, wildcard } from "../../src/foundation/wildcard.ts";

const any = (name: string | null = null, least: 0 | 1 = 0): PatternPart => ({ kind: "any", name, least });
const text = (value: string): PatternPart => ({ kind: "text", text: value });
const same = (name: string): PatternPart => ({ kind: "same", name });

describe("a pattern", () => {
  test("gives each field the longest text from the left, as a regular expression does", () => {
    const match = wildcard([any("a", 1), text("_"), any("b", 1), text(".fits")], "/", "here");
    expect(match("x_y_z.fits")).toEqual({ a: "x_y", b: "z" });
    expect(match("_y.fits")).toBeNull();
    expect(match("d/x_y.fits")).toBeNull();
    expect(wildcard([any("a", 1), text("_"), any("b", 1)], null, "here")("d/x_y")).toEqual({
      a: "d/x",
      b: "y",
    });
  });

  test("takes the first of its choices that leads to a match", () => {
    const band: PatternPart = { kind: "choice", name: "band", options: ["i", "i2"] };
    expect(wildcard([band, any()], null, "here")("i2.fits")).toEqual({ band: "i" });
    expect(wildcard([band, text(".fits")], null, "here")("i2.fits")).toEqual({ band: "i2" });
  });

  test("finds the same text where a field comes twice", () => {
    const match = wildcard([any("id", 1), text("/"), same("id"), any(), text(".fits")], "/", "here");
    expect(match("ab/ab_g.fits")).toEqual({ id: "ab" });
    expect(match("ab/b.fits")).toBeNull();
    const run = wildcard([any("id", 1), same("id")], null, "here");
    expect(run("abab")).toEqual({ id: "ab" });
    expect(run("aba")).toBeNull();
  });

  test("of many stars takes no more time than of few", () => {
    const name = `${"a".repeat(4000)}.fits`;
    const stars = Array.from({ length: 40 }, () => [any(), text("a")]).flat();
    const match = wildcard([...stars, text("b")], "/", "here");
    const start = performance.now();
    expect(match(name)).toBeNull();
    expect(wildcard([...stars, text(".fits")], "/", "here")(name)).toEqual({});
    // A regular expression takes longer than the universe is old.
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("that can be divided in too many ways is refused", () => {
    const match = wildcard(
      [any("a", 1), any("b", 1), any("c", 1), same("a"), same("b"), same("c"), text("x")],
      null,
      "here",
    );
    expect(() => match(`${"a".repeat(2000)}x`)).toThrow(/here: pattern fits ".*" in too many ways/);
  });
});
