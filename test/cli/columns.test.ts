import { expect, test } from "vitest";
import { columnsText } from "../../src/cli/columns.ts";

test("columns are as wide as their widest text, and lines end with their last sign", () => {
  const rows = [
    ["name", "n", "about"],
    ["a", "100", "short"],
    ["longer", "7", ""],
  ];
  expect(columnsText(rows, (k) => k === 1)).toBe("name      n  about\na       100  short\nlonger    7\n");
  expect(columnsText(rows.slice(0, 2))).toBe("name  n    about\na     100  short\n");
});
