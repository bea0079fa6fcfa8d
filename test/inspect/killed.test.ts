/** A server that is killed while somebody grades: what it had confirmed is there when it starts again. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { FactsAnswer } from "../../src/inspect/contract.ts";
import { environment, program } from "../cli/arclet.ts";
import { slow } from "../slow.ts";
import { scratch } from "../tiny/dataset.ts";
import { COUNT, writeSearchData } from "../tiny/search.ts";
import { Browser } from "./asking.ts";

slow("starts the program three times");

const folder = scratch();
beforeAll(() => writeSearchData(folder));

/** The program as it is typed, once it listens. */
async function started(): Promise<{ child: ChildProcess; anna: Browser; ended: Promise<number | null> }> {
  const words = ["inspect", "data", "one.csv", "--out", "search", "--graders", "anna", "--no-open"];
  const child = spawn("node", [program, ...words], {
    cwd: folder,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let [text, errors] = ["", ""];
  child.stderr!.on("data", (chunk) => {
    errors += chunk;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on("data", (chunk) => {
      text += chunk;
      const found = /^anna: (http:\S+)$/m.exec(text);
      if (found !== null) resolve(found[1]!);
    });
    ended.then(() => reject(new Error(errors)));
  });
  return { child, ended, anna: await Browser.open("anna", url) };
}

const GRADES = ["A", "B", "C", "X"];

test("killed in the middle of grading, twice, nothing that was confirmed is lost", async () => {
  const confirmed = new Map<number, string>();
  let last: [number, string] | null = null;
  for (const most of [23, 40]) {
    const { child, ended, anna } = await started();
    for (let k = 0; ; k++) {
      const [row, grade] = [k % COUNT, GRADES[(k * 7) % 4]!];
      last = [row, grade];
      // The last request is under way when the program dies.
      if (k === most) setImmediate(() => child.kill("SIGKILL"));
      const answer = await anna.grade([row], grade).catch(() => null);
      if (answer === null) break;
      expect(answer.status).toBe(200);
      confirmed.set(row, grade);
    }
    await ended;
  }
  expect(confirmed.size).toBe(COUNT);
  const { child, ended, anna } = await started();
  const { objects } = await anna.json<FactsAnswer>(`/api/facts?rows=${[...confirmed.keys()].join()}`);
  for (const { row, grade } of objects) {
    const unsure = last![0] === row ? [confirmed.get(row), last![1]] : [confirmed.get(row)];
    expect(unsure).toContain(grade);
  }
  child.kill("SIGINT");
  expect(await ended).toBe(0);
  expect(existsSync(join(folder, "search", "lock"))).toBe(false);
  const table = readFileSync(join(folder, "search", "grades.csv"), "utf8")
    .trim()
    .split("\n");
  expect(table).toHaveLength(COUNT + 1);
  expect(table[0]).toBe("id,grader,grade,kind,candidate,comment,tags,seconds,graded_at,ra,dec,score_one");
});
