/** A search that learns from its grades: real trainings of a second, what they leave, and what they don't take. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCatalog } from "../../../src/catalog/read.ts";
import type { LearningAnswer, SessionAnswer } from "../../../src/inspect/contract.ts";
import { Learning } from "../../../src/inspect/learning/learning.ts";
import {
  commandsOf,
  type Plan,
  readRetrainSettings,
  planOf as resolved,
} from "../../../src/inspect/learning/plan.ts";
import { openObjects } from "../../../src/inspect/objects.ts";
import { Search } from "../../../src/inspect/search.ts";
import { startServer } from "../../../src/inspect/server.ts";
import { commandLine, environment, program } from "../../cli/arclet.ts";
import { SLOW, slow } from "../../slow.ts";
import { folderWith } from "../../tiny/runs.ts";
import { Browser, newRequest } from "../asking.ts";

slow("trains twice");

const folder = folderWith("source", "target", "so");
const at = (...names: string[]) => join(folder, ...names);
const TINY =
  "train:\n  method: fine-tune\n  fineTune: { epochs: 1, trainLast: 0 }\n  adaptSteps: 2\n  gradedBatch: 8\n";
beforeAll(() => {
  commandLine(folder).done("score target so --out scores.csv");
  writeFileSync(at("retrain.yaml"), `${TINY}score:\n  prior: [0.9, 0.1]\n`);
  writeFileSync(at("wrong.yaml"), `${TINY}  epoch: 3\n`);
});

const planOf = (settings: string): Plan => ({
  dataset: at("target"),
  source: at("source"),
  finder: at("so"),
  settings: readRetrainSettings(at(settings)),
  lensGrades: ["A", "B"],
});

/** A search whose server runs, and a grader's browser. */
async function opened(settings: string | null) {
  const objects = await openObjects({ dataset: at("target"), scores: [at("scores.csv")] });
  const search = Search.open(at("search"), objects, false);
  const learning = await Learning.open(search, settings === null ? "no reason" : planOf(settings));
  const rules = { pages: new Map(), showScores: false, readOnly: false, host: "127.0.0.1", port: 0 };
  const server = await startServer({ ...rules, search, learning, graders: ["anna"] });
  const anna = await Browser.open("anna", server.addresses[0]!.url);
  const close = async () => {
    await server.close();
    await learning.end();
    search.close();
    objects.domain.close();
  };
  return { search, learning, anna, close };
}
type Opened = Awaited<ReturnType<typeof opened>>;
let open: Opened;
afterAll(() => open?.close());

const asked = (anna: Browser) => anna.json<LearningAnswer>("/api/learning");
const over = async (anna: Browser) => {
  await expect.poll(async () => (await asked(anna)).running, { timeout: SLOW }).toBeNull();
  return asked(anna);
};
const retrain = (anna: Browser) => anna.post("/api/retrain", { request: newRequest() });
const order = async (anna: Browser, finder: number) => [
  ...new Int32Array(
    Uint8Array.from((await anna.get(`/api/order?by=score&show=all&finder=${finder}`)).body).buffer,
  ),
];

test("grades of now train a finder from the one that is given; its ranking begins the next round", async () => {
  open = await opened("retrain.yaml");
  const { anna, search } = open;
  const early = await retrain(anna);
  expect([early.status, early.body.toString()]).toEqual([
    400,
    expect.stringMatching(/no object has a grade A or B/),
  ]);
  const before = await order(anna, 0);
  await anna.grade(before.slice(0, 6), "A");
  await anna.grade(before.slice(6, 30), "X");
  await anna.grade(before.slice(30, 40), "C");
  expect((await retrain(anna)).status).toBe(200);
  const second = await retrain(anna);
  expect([second.status, second.body.toString()]).toEqual([
    400,
    expect.stringMatching(/a retraining runs already/),
  ]);
  // Grading goes on meanwhile; what is said now belongs to the next retraining.
  await anna.grade([before[50]!], "X");
  const { round, failed, rounds } = await over(anna);
  expect(failed).toBeNull();
  expect(round).toBe(2);
  expect(rounds[0]).toMatchObject({ round: 1, grader: "anna", graded: 40 });

  const { table } = await readCatalog(at("search", "rounds", "1", "scores.csv"));
  const ranked = table.texts("id").map((id) => search.objects.domain.ids.indexOf(id));
  expect(await order(anna, 1)).toEqual(ranked);
  const session = await anna.json<SessionAnswer>("/api/session");
  expect([session.ranking, session.finders.at(-1)!.name]).toEqual([1, "round-1"]);
  const { changes } = rounds[0]!;
  expect(changes).toMatchObject({ scored: 96, head: 96, fresh: 0, next: 55 });
  const left = ranked.flatMap((row, k) => (before.indexOf(row) < 40 || row === before[50] ? [] : [k]));
  const expected = left.reduce((sum, k) => sum + Number(table.column("calibrated")[k]), 0);
  expect(changes.expected).toBeCloseTo(expected, 9);
  expect(changes.grades.map(({ grade, objects, before }) => [grade, objects, before])).toEqual([
    ["A", 6, 3.5],
    ["C", 10, 35.5],
    // 24 of the ranks 7 to 30, and rank 51.
    ["X", 25, 19],
  ]);
  const graded = readFileSync(at("search", "rounds", "1", "grades.csv"), "utf8")
    .trim()
    .split("\n");
  expect(graded).toHaveLength(41);
});

test("the commands of a round, typed again, make the same scores to the last digit", async () => {
  const commands = at("search", "rounds", "1", "commands.sh");
  // What was the faster precision then may not be so now.
  expect(readFileSync(commands, "utf8")).toMatch(/ --precision (float32|bfloat16) /);
  await promisify(execFile)("sh", [commands, at("again")], {
    env: environment({ ARCLET: `${process.execPath} ${program}` }),
  });
  expect(readFileSync(at("again", "scores.csv"), "utf8")).toBe(
    readFileSync(at("search", "rounds", "1", "scores.csv"), "utf8"),
  );
});

test("of a retraining that is stopped nothing is taken", async () => {
  const { anna } = open;
  await retrain(anna);
  await anna.post("/api/retrain/stop", { request: newRequest() });
  const { round, failed, rounds } = await over(anna);
  expect([round, failed?.problem, rounds.length]).toEqual([2, "stopped", 1]);
  expect((await anna.json<SessionAnswer>("/api/session")).finders).toHaveLength(2);
  expect(readdirSync(at("search", "rounds", "2"))).not.toContain("round.json");
});

test("a search that is opened again has its rounds; of one that fails the reason is said", async () => {
  await open.close();
  open = await opened("wrong.yaml");
  const { anna, search } = open;
  expect([search.grading.round, search.ranking]).toEqual([2, 1]);
  await retrain(anna);
  const { round, failed } = await over(anna);
  expect(round).toBe(2);
  expect(failed!.problem).toMatch(/rounds\/2\/train\.yaml line \d+: epoch .*epochs/);
  expect(existsSync(at("search", "rounds", "2", "run"))).toBe(false);
});

test("a round whose closing was lost with its server is closed when the search is opened again", async () => {
  await open.close();
  const journal = at("search", "journal.jsonl");
  const whole = readFileSync(journal, "utf8");
  const lines = whole.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/"action":"close"/);
  writeFileSync(journal, `${lines.slice(0, -1).join("\n")}\n`);
  open = await opened(null);
  expect(open.search.grading.round).toBe(2);
  expect((await asked(open.anna)).cannot).toBe("no reason");
  expect((await retrain(open.anna)).status).toBe(400);
});

test("scores of a round that have changed since are refused", async () => {
  await open.close();
  const path = at("search", "rounds", "1", "scores.csv");
  writeFileSync(path, readFileSync(path, "utf8").trimEnd().split("\n").slice(0, -1).join("\n"));
  await expect(opened(null)).rejects.toThrow(/rounds\/1\/scores\.csv: has changed since the round ended/);
});

test("a share of the grades is held when both classes have enough of them, and not before", () => {
  const wish = { ...planOf("retrain.yaml"), settings: null };
  const train = (lenses: number, others: number) => resolved(wish, { lenses, others }).settings.train;
  expect(train(24, 900)).toEqual({
    method: "fine-tune",
    fineTune: { epochs: 15, lr: 2e-3, trainLast: 0 },
    gradedBatch: 64,
  });
  expect(train(25, 25)).toMatchObject({ gradedHeld: 0.2 });
});

test("without a source a probe learns, and is scored together with its finder", () => {
  const wish = { ...planOf("retrain.yaml"), dataset: "d", finder: "f", source: null, settings: null };
  const commands = commandsOf(resolved(wish, { lenses: 5, others: 5 }), "r").map((words) => words.join(" "));
  expect(commands[0]).toMatch(/^probe d f --config r\/probe\.yaml --graded r\/grades\.csv .* --out r\/run$/);
  expect(commands[1]).toBe("score d f r/run --out r/scores.csv");
});

test("keys of a file of settings that there are not are named with their line", () => {
  writeFileSync(at("strange.yaml"), "train: {}\nscoring: {}\n");
  expect(() => readRetrainSettings(at("strange.yaml"))).toThrow(/strange\.yaml.*scoring/);
});
