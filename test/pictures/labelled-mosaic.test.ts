import { decode } from "fast-png";
import { expect, test } from "vitest";
import { labelledMosaicPng } from "../../src/pictures/labelled-mosaic.ts";
import { letter, widthOf } from "../../src/pictures/lettering.ts";

/** A line of text as rows of # and spaces. */
function drawn(text: string, scale = 1): string[] {
  const rows = Array.from({ length: 7 * scale }, () => Array(widthOf(text) * scale).fill(" "));
  letter(text, 0, 0, scale, (x, y) => {
    rows[y]![x] = "#";
  });
  return rows.map((row) => row.join("").trimEnd());
}

test("letters are beside each other, and an unknown one is a question mark", () => {
  expect(drawn("T1")).toEqual([
    "#####   #",
    "  #    ##",
    "  #     #",
    "  #     #",
    "  #     #",
    "  #     #",
    "  #    ###",
  ]);
  expect(drawn("☃")).toEqual(drawn("?"));
  expect(drawn("l", 2)[0]).toBe("  ####");
});

test("all letters differ, and those of all kinds' names are there", () => {
  const all = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.,+:()/%=<>\"'_?"];
  const shapes = all.map((character) => drawn(character).join("\n"));
  expect(new Set(shapes).size).toBe(all.length);
  expect(widthOf("lens")).toBe(23);
});

test("pictures are in rows, enlarged by whole factors, labels and title in ink", () => {
  const dot = (value: number) => ({ width: 1, height: 1, data: Uint8Array.of(value, 0, 0) });
  const rows = [
    { label: "a", pictures: [dot(100), dot(150)] },
    { label: "bc", pictures: [dot(200)] },
  ];
  const { width, height, data } = decode(labelledMosaicPng(rows, { title: "x", side: 20 }));
  // labels of two letters are 11 pixels at scale 2, with margins of 8; the title takes 14 and margins
  expect([width, height]).toEqual([16 + 22 + 2 * 23, 30 + 2 * 23]);
  const at = (x: number, y: number) => [...data.slice(3 * (y * width + x), 3 * (y * width + x) + 3)];
  expect(at(38, 30)).toEqual([100, 0, 0]);
  expect(at(61 + 19, 30 + 19)).toEqual([150, 0, 0]);
  expect(at(38, 53)).toEqual([200, 0, 0]);
  expect(at(61, 53)).toEqual([24, 24, 24]);
  // the foot of "b": its lower left, in the middle of the second row's height
  expect(at(8, 53 + 3)).toEqual([230, 230, 230]);
});
