import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { conditionOf } from "../../src/catalog/condition.ts";
import { lockDown, queried, withDuckDB } from "../../src/catalog/duck.ts";
import { rowsWhere } from "../../src/dataset/where.ts";
import { writeDataset } from "../../src/dataset/writer.ts";
import { readJudged } from "../../src/evaluate/judged.ts";
import { fluxImage, row, SPEC, scratch } from "../tiny/dataset.ts";

const folder = scratch();
const at = (name: string) => join(folder, name);
const sqlOf = (text: string) =>
  withDuckDB(":memory:", "t.csv", async (connection) => (await conditionOf(connection, "t.csv", text)).sql);

describe("a condition is one expression", () => {
  test.each([
    ["grade >= 2", "((grade >= 2))"],
    ["grade >= 2 -- note", "((grade >= 2))"],
    ["a between 1 and 2 or not (b in ('x', 'y') and c is null)", null],
    ["lower(name) like 'sdss%' and abs(dec) < 30", null],
    ["case when a then 1 else 0 end = 1 and a::double < 1e3 and try_cast(b as bigint) % 2 = 0", null],
    ["regexp_matches(id, '^x.*y$') and contains(note, ';')", null],
    ["specobjid = 10378571704892678145", "((specobjid = 10378571704892678145))"],
  ])("%s is taken", async (text, expected) => {
    const sql = await sqlOf(text);
    if (expected !== null) expect(sql).toBe(expected);
  });

  test.each([
    [
      "grade>=2), false) AS yes FROM read_csv('x'); COPY (SELECT 1) TO 'y'; SELECT ((1",
      /not a valid condition/,
    ],
    ["1; select 2", /syntax error/],
    ["1) as x, (2", /it must be one expression/],
    ["1) from read_csv('/etc/passwd') where (1", /it must be one expression/],
    ["1) union select (2", /it must be one expression/],
    ["1) order by (1", /it must be one expression/],
    ["1) limit (1", /it must be one expression/],
    ["1) group by (1", /it must be one expression/],
    ["1) x", /syntax error|not a valid/],
    ["id in (select id from read_csv('x'))", /it has a subquery/],
    ["exists (from '/etc/passwd')", /it has a subquery/],
    ["row_number() over () < 3", /it has a window function/],
    ["count(*) > 1", /the function count_star can't be used/],
    ["$1 = 2", /it has a parameter/],
    ["columns('a.*') > 1", /it has \*/],
    ["list_filter([1], lambda x: x > 1) = [1]", /can't be used in it|has a lambda/],
    ["getenv('HOME') = 'x'", /the function getenv can't be used/],
    ["read_text('/etc/passwd') = 'x'", /the function read_text can't be used/],
    ["repeat('a', 10000000000) = 'x'", /the function repeat can't be used/],
    ["current_setting('home_directory') = 'x'", /the function current_setting can't be used/],
    ["id glob '*a*a*a*a*b'", /the function ~~~ can't be used/],
    ["id like '%a%a%a%a%_b'", /so many % takes too long/],
    ["x = 1e400", /a number in it is too large/],
    ["", /not a valid condition/],
  ])("%s is refused", async (text, message) => {
    await expect(sqlOf(text)).rejects.toThrow(message);
    await expect(sqlOf(text)).rejects.toThrow(/^t\.csv: ".*" is not a valid condition \(/s);
  });
});

test("a locked database reads the files that it was given and no other, and stays locked", async () => {
  writeFileSync(at("mine[1].csv"), "id\na\n");
  writeFileSync(at("mine1.csv"), "id\nb\n");
  await withDuckDB(":memory:", "t", async (connection) => {
    await lockDown(connection, [at("mine[1].csv")]);
    const refused = (sql: string) =>
      expect(queried(connection, sql)).rejects.toThrow(/disabled|locked|Permission/);
    await refused(`FROM read_csv('${at("mine1.csv")}')`);
    await refused("FROM read_text('/etc/hostname')");
    await refused(`COPY (SELECT 1) TO '${at("out.csv")}'`);
    await refused(`ATTACH '${at("out.db")}'`);
    await refused("FROM read_csv('https://example.org/x.csv')");
    await refused("INSTALL httpfs");
    await refused("SET enable_external_access = true");
    await refused("SET lock_configuration = false");
    expect(existsSync(at("out.csv"))).toBe(false);
  });
});

test("conditions on a dataset and on a table of truth, whole numbers to the digit", async () => {
  const columns = { specobjid: "whole", seen: "yes/no" } as const;
  const first = 10378571704892678144n;
  await writeDataset(at("data"), { ...SPEC, columns }, async (writer) => {
    for (let i = 0; i < 4; i++)
      writer.append(fluxImage(i), [row(i, { specobjid: first + BigInt(i), seen: i > 1 })]);
  });
  const rows = async (condition: string) => [...(await rowsWhere(at("data"), condition))];
  expect(await rows("specobjid = 10378571704892678145")).toEqual([1]);
  expect(await rows("specobjid > 10378571704892678145 and seen")).toEqual([2, 3]);
  expect(await rows("specobjid = 1")).toEqual([]);
  await expect(rows("1; DROP TABLE x")).rejects.toThrow(/data: "1; DROP TABLE x" is not a valid condition/);
  writeFileSync(at("s.csv"), "id,score\na,0.9\nb,0.1\n");
  writeFileSync(at("t.csv"), `id,specobjid,grade\na,${first},3\nb,${first + 1n},0\n`);
  const judged = (positives: string, negatives = "grade < 1") =>
    readJudged(at("s.csv"), { path: at("t.csv"), positives, negatives });
  expect([...(await judged(`specobjid = ${first}`)).positives]).toEqual([1, 0]);
  await expect(judged("grad >= 2")).rejects.toThrow(/t\.csv: has no column grad, did you mean grade/);
  const hostile = `grade>=2), false) AS yes, false AS no FROM read_csv('t.csv'); COPY (SELECT 1) TO '${at("pwned.csv")}'; SELECT ((1`;
  await expect(judged(hostile)).rejects.toThrow(/t\.csv: .* is not a valid condition/);
  expect(existsSync(at("pwned.csv"))).toBe(false);
});

describe("a table of truth", () => {
  test("of another form is read; its rows of other lengths are named", async () => {
    writeFileSync(at("s2.csv"), "id;score\na;0,9\nb;0,1\n");
    writeFileSync(at("t2.csv"), "id grade\na 3\nb 0\n");
    const truth = { path: at("t2.csv"), positives: "grade >= 2", negatives: "grade < 1" };
    expect([...(await readJudged(at("s2.csv"), truth)).scores]).toEqual([0.9, 0.1]);
    writeFileSync(at("s3.csv"), "id,score\na,0.9\nb,0.1,7\n");
    await expect(readJudged(at("s3.csv"), truth)).rejects.toThrow(/s3\.csv row 2: has 3 cells, the header 2/);
  });

  test("whose ids are doubles: small ones are whole numbers, large ones refused", async () => {
    const write = (name: string, id: string) =>
      withDuckDB(":memory:", name, (connection) =>
        connection.run(`COPY (SELECT ${id} AS id, unnest([3, 0]) AS grade, unnest([0.9, 0.1]) AS score)
          TO '${at(name)}' (FORMAT parquet)`),
      );
    await write("small.parquet", "unnest([5, 6.5]::DOUBLE[])");
    writeFileSync(at("s4.csv"), "id,score\n5,0.9\n6.5,0.1\n");
    const truth = (name: string) => ({ path: at(name), positives: "grade >= 2", negatives: "grade < 1" });
    expect([...(await readJudged(at("s4.csv"), truth("small.parquet"))).scores]).toEqual([0.9, 0.1]);
    await write("large.parquet", "unnest([1e19, 2e19]::DOUBLE[])");
    await expect(readJudged(at("s4.csv"), truth("large.parquet"))).rejects.toThrow(
      /large\.parquet: id is 1e\+19, a floating-point number too large|large\.parquet: id is 10000000000000000000, a/,
    );
  });
});
