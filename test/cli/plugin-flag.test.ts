import { expect, test } from "vitest";
import { pluginsInFile, takePlugins } from "../../src/cli/plugin-flag.ts";

test("plug-ins are taken out of a command line wherever they stand, but not after --", () => {
  const words = ["--plugin", "a.mjs", "train", "--plugin=b.ts", "x", "--", "--plugin", "c.mjs"];
  expect(takePlugins(words)).toEqual({
    args: ["train", "x", "--", "--plugin", "c.mjs"],
    plugins: ["a.mjs", "b.ts"],
  });
  expect(takePlugins(["--plugins", "a"])).toEqual({ args: ["--plugins", "a"], plugins: [] });
});

test("the flag without a file is refused", () => {
  for (const words of [["--plugin"], ["--plugin", "--debug"], ["--plugin="], ["--plugin", "--", "a"]])
    expect(() => takePlugins(words)).toThrow("--plugin must name a file");
});

test("a file's plug-ins are a path or a list of them, and no value of the command", () => {
  const of = (values: Record<string, unknown>) => pluginsInFile({ path: "a.yaml", values });
  expect(of({ plugin: "a.mjs", lr: 1 })).toEqual({
    file: { path: "a.yaml", values: { lr: 1 } },
    plugins: ["a.mjs"],
  });
  expect(of({ plugin: ["a.mjs", "b.mjs"] }).plugins).toEqual(["a.mjs", "b.mjs"]);
  expect(of({ lr: 1 }).plugins).toEqual([]);
  for (const plugin of [3, [3], "", null])
    expect(() => of({ plugin })).toThrow("a.yaml: plugin must be a path, or a list of paths");
});
