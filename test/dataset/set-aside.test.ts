import { expect, test } from "vitest";
import { countByKind, type SetAside, setAsideCsv } from "../../src/dataset/set-aside.ts";

const rows: SetAside[] = [
  { row: 0, id: "a,1", kind: "broken", reason: 'it says "no"' },
  { row: 4, id: "", kind: "too small", reason: "3 pixels", file: "other.csv" },
  { row: 5, id: "c", kind: "broken", reason: "cut short" },
];

test("rows set aside are listed by file and row, counted from 1", () => {
  expect(setAsideCsv("/data/table.csv", rows)).toBe(
    'file,row,id,kind,reason\ntable.csv,1,"a,1",broken,"it says ""no"""\n' +
      "other.csv,5,,too small,3 pixels\ntable.csv,6,c,broken,cut short\n",
  );
  expect(setAsideCsv("table.csv", [])).toBe("file,row,id,kind,reason\n");
});

test("kinds of reasons are counted", () => {
  expect(countByKind(rows)).toEqual({ broken: 2, "too small": 1 });
});
