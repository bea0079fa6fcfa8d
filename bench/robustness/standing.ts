/** Commands that are not disturbed: one program runs them all, since each alone would take a second to load libtorch. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";

const PROGRAM = join(import.meta.dirname, "..", "..", "test", "cli", "standing-program.mjs");

/** What a command leaves its terminal. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What runs a command undisturbed, and waits for its end. */
export interface Running {
  run(args: readonly string[], folder: string): Promise<Ended>;
}

/** A program that runs one command after the other. It is started anew where a command ended it. */
export class Standing implements Running {
  readonly #printed: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;
  #commands = 0;

  /** @param folder for what commands print @param env of the program */
  constructor(folder: string, env: NodeJS.ProcessEnv) {
    mkdirSync(folder, { recursive: true });
    this.#printed = ["stdout", "stderr"].map((name) => join(folder, name));
    this.#env = env;
  }

  async run(args: readonly string[], folder: string): Promise<Ended> {
    // What a long-lived program gathers is no command's own.
    if (++this.#commands % 100 === 0) this.close();
    this.#child ??= this.#start();
    const child = this.#child;
    for (const path of this.#printed) truncateSync(path);
    (child.stdio[3] as Duplex).write(`${JSON.stringify({ args, folder })}\n`);
    const answer = await new Promise<string>((done) => {
      const heard = child.stdio[4] as Duplex;
      const ended = () => settle("");
      const said = (bytes: Buffer) => settle(bytes.toString());
      const settle = (text: string) => {
        heard.off("data", said);
        child.off("close", ended);
        done(text);
      };
      heard.on("data", said);
      child.on("close", ended);
    });
    const [stdout, stderr] = this.#printed.map((path) => readFileSync(path, "utf8")) as [string, string];
    if (answer === "") this.#child = null;
    return { status: answer === "" ? child.exitCode : JSON.parse(answer).status, stdout, stderr };
  }

  close(): void {
    (this.#child?.stdio[3] as Duplex | undefined)?.end();
    this.#child = null;
  }

  /** As `close`, and waits until the program is gone: a lock that it could not remove is nobody's then. */
  async end(): Promise<void> {
    const child = this.#child;
    const gone = child === null ? null : once(child, "close");
    this.close();
    await gone;
  }

  #start(): ChildProcess {
    const [out, err] = this.#printed.map((path) => openSync(path, "a")) as [number, number];
    return spawn("node", [PROGRAM], { env: this.#env, stdio: ["ignore", out, err, "pipe", "pipe"] });
  }
}
