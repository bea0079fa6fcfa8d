import { expect, test } from "vitest";
import { AnsweringThread, Threads } from "../../src/foundation/threads.ts";

interface Question {
  wait?: number;
  value?: number;
  fails?: boolean;
  ends?: boolean;
  memory?: ArrayBuffer;
}
interface Answer {
  value: number;
  memory: Uint8Array;
}

const PROGRAM = new URL("threads-program.mjs", import.meta.url);
const threads = (count: number) => new Threads<Question, Answer>(PROGRAM, { factor: 10 }, count);

test("answers come in the order of the questions, and few more of these are taken than are answered", async () => {
  const two = threads(2);
  let taken = 0;
  const questions = function* () {
    for (const wait of [60, 0, 30, 0, 0, 20, 0]) yield { wait, value: taken++ };
  };
  const values: number[] = [];
  for await (const { value } of two.inOrder(questions())) {
    values.push(value);
    expect(taken - values.length).toBeLessThanOrEqual(4);
  }
  expect(values).toEqual([0, 10, 20, 30, 40, 50, 60]);
  await two.close();
});

test("what a thread refuses is thrown here with its place, and it answers on", async () => {
  const thread = new AnsweringThread<Question, Answer>(PROGRAM, { factor: 1 });
  const [refused, next] = [thread.ask({ fails: true }), thread.ask({ value: 5 })];
  await expect(refused).rejects.toMatchObject({ data: { where: "here", row: 7, code: "broken" } });
  expect((await next).value).toBe(5);
  await thread.close();
});

test("what ends a thread is thrown here, for all that it was asked and will be", async () => {
  const thread = new AnsweringThread<Question, Answer>(PROGRAM, { factor: 1 });
  const asked = [thread.ask({ ends: true }), thread.ask({ value: 5 })];
  for (const one of asked) await expect(one).rejects.toThrow("a bug");
  await expect(thread.ask({ value: 6 })).rejects.toThrow("a bug");
  await thread.close();
});

test("what was answered before the bug that ended a thread is had", async () => {
  const thread = new AnsweringThread<Question, Answer>(PROGRAM, { factor: 3 });
  const asked = [thread.ask({ value: 1 }), thread.ask({ value: 2 }), thread.ask({ ends: true })];
  // As in a program that is busy when all of this comes.
  await new Promise((done) => setTimeout(done, 20));
  for (const until = performance.now() + 300; performance.now() < until; );
  await expect(asked[2]).rejects.toThrow("a bug");
  expect([(await asked[0]!).value, (await asked[1]!).value]).toEqual([3, 6]);
  await thread.close();
});

test("memory of a question is moved to the thread", async () => {
  const one = threads(1);
  const memory = new ArrayBuffer(8);
  const answers = one.inOrder([{ value: 1, memory }], ({ memory: own }) => [own!]);
  expect((await answers.next()).value.memory).toEqual(new Uint8Array(4));
  expect(memory.byteLength).toBe(0);
  await one.close();
});

test("threads that are closed are ended, whatever they are at", async () => {
  const one = threads(1);
  const answer = one.inOrder([{ wait: 60_000 }]).next();
  answer.catch(() => {});
  await one.close();
});
