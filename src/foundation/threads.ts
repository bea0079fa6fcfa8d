/** Threads of this program that answer questions: each one after the other, in the order in which they were asked. */
import { availableParallelism } from "node:os";
import { parentPort, type TransferListItem, Worker } from "node:worker_threads";
import { ArcletError, type ErrorData } from "./errors.ts";

/** Cores that this program may use. */
export const coresHere = (): number => Number(process.env.ARCLET_THREADS) || availableParallelism();

/** An answer, what was refused, or what ended the thread: in the order of the questions, which an event would overtake. */
type Reply<Answer> = { answer: Answer } | { failed: ErrorData } | { ended: unknown };

interface Waiting<Answer> {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Questions that each thread has, besides the one that it answers, before more are asked. */
const AHEAD = 1;

export class AnsweringThread<Question, Answer> {
  private readonly worker: Worker;
  private readonly waiting: Waiting<Answer>[] = [];
  private broken: unknown;

  /**
   * @param program JavaScript, as it was built: a thread runs nothing else, wherever its caller is run from
   * @param data what the program finds as `workerData`
   */
  constructor(program: URL, data: unknown) {
    this.worker = new Worker(program, { workerData: data, execArgv: [] });
    this.worker.on("message", (reply: Reply<Answer>) => {
      if ("ended" in reply) {
        this.end(reply.ended);
        return;
      }
      // An answer may come after an error that ended the thread: whoever waited for it has been told.
      const asked = this.waiting.shift();
      if ("failed" in reply) asked?.reject(new ArcletError(reply.failed));
      else asked?.resolve(reply.answer);
    });
    this.worker.on("error", (error) => this.end(error));
  }

  private end(error: unknown): void {
    this.broken ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }

  /**
   * @param moved memory of the question that is the thread's from here on
   * @throws ArcletError as the program does; whatever ended the thread
   */
  ask(question: Question, moved: readonly TransferListItem[] = []): Promise<Answer> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    const answer = new Promise<Answer>((resolve, reject) => this.waiting.push({ resolve, reject }));
    answer.catch(() => {}); // thrown where it is awaited
    this.worker.postMessage(question, moved);
    return answer;
  }

  /** Ends the thread, whatever it is at. */
  async close(): Promise<void> {
    await this.worker.terminate();
  }
}

/** Threads of one program that share the questions between them. */
export class Threads<Question, Answer> {
  private readonly threads: readonly AnsweringThread<Question, Answer>[];

  /** As of `AnsweringThread`. */
  constructor(program: URL, data: unknown, count: number) {
    this.threads = Array.from({ length: count }, () => new AnsweringThread(program, data));
  }

  /**
   * The answers, in the order of the questions, of which few more are taken than are answered.
   *
   * @param moved as in `AnsweringThread.ask`
   */
  async *inOrder(
    questions: Iterable<Question>,
    moved: (question: Question) => readonly TransferListItem[] = () => [],
  ): AsyncGenerator<Answer> {
    const { threads } = this;
    const pending: Promise<Answer>[] = [];
    let turn = 0;
    for (const question of questions) {
      pending.push(threads[turn++ % threads.length]!.ask(question, moved(question)));
      if (pending.length >= threads.length * (1 + AHEAD)) yield await pending.shift()!;
    }
    for (const answer of pending) yield await answer;
  }

  /** Ends the threads, whatever they are at. */
  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

/**
 * Makes this program that of an answering thread.
 *
 * @param answerTo throws ArcletError, which its caller gets
 * @param moved memory of an answer that is the caller's from there on
 */
export function answering<Question, Answer>(
  answerTo: (question: Question) => Answer | Promise<Answer>,
  moved: (answer: Answer) => readonly TransferListItem[] = () => [],
): void {
  const port = parentPort!;
  let over = false;
  const reply = async (question: Question): Promise<void> => {
    if (over) return;
    try {
      const answer = await answerTo(question);
      port.postMessage({ answer } satisfies Reply<Answer>, moved(answer));
    } catch (error) {
      if (error instanceof ArcletError) port.postMessage({ failed: error.data } satisfies Reply<Answer>);
      else {
        over = true;
        port.postMessage({ ended: error } satisfies Reply<Answer>);
      }
    }
  };
  let last: Promise<void> = Promise.resolve();
  port.on("message", (question: Question) => {
    last = last.then(() => reply(question));
  });
}
