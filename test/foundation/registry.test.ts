import { expect, test } from "vitest";
import { registry } from "../../src/foundation/registry.ts";

const colours = () =>
  registry("colour", [{ name: "red" }, { name: "green" }], { or: "a file that ends in .yaml" });

test("names and entries keep their order, and grow when one is registered", () => {
  const known = colours();
  const { names, list } = known;
  known.register({ name: "blue" });
  expect(names).toEqual(["red", "green", "blue"]);
  expect(list.map(({ name }) => name)).toEqual(names);
  expect(known.has("blue")).toBe(true);
  expect(known.has("toString")).toBe(false);
});

test("an unknown name is refused with the known ones, the nearest and where it was given", () => {
  const known = colours();
  expect(known.find("green").name).toBe("green");
  expect(() => known.find("gren")).toThrow(
    'colour: name must be one of red, green, or a file that ends in .yaml, got "gren", did you mean green?',
  );
  expect(() => known.find("x", "spec.yaml", "rows.a.colour")).toThrow(
    'spec.yaml: rows.a.colour must be one of red, green, or a file that ends in .yaml, got "x"',
  );
});

test("a name that is taken is refused, and nothing changes", () => {
  const known = colours();
  expect(() => known.register({ name: "red" })).toThrow(
    'colour: name must be one that is not taken, got "red"',
  );
  expect(known.names).toEqual(["red", "green"]);
  expect(() => registry("colour", [{ name: "red" }, { name: "red" }])).toThrow("not taken");
});

test("an entry's plug-in is known; Arclet's own entries have none", () => {
  const known = colours();
  const plugin = { name: "mine", path: "./mine.mjs", sha256: "ab" };
  known.register({ name: "blue" }, plugin);
  expect(known.originOf("blue")).toBe(plugin);
  expect(known.originOf("red")).toBeUndefined();
});
