/** Commands in processes of their own that one program forks, which has loaded everything: each is killed as any process is. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { COUNTER, type Disturbance, type Disturbed, type Places } from "./disturbed.ts";
import type { Ended, Running } from "./standing.ts";

/** Longest time of a command, ms: nothing here takes a tenth of it on a busy machine. */
const HANGS = 180_000;
/** What ended a process by a signal is more than this (forking.c). */
const BY_SIGNAL = 1000;

/** Compiles C beside this file, once. @returns the library's path */
export function compiled(source: string, to: string, flags: readonly string[] = []): string {
  if (!existsSync(to))
    execFileSync(process.env.CC ?? "cc", ["-shared", "-fPIC", "-w", ...flags, "-o", to, source, "-ldl"]);
  return to;
}

interface Request {
  readonly args: readonly string[];
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** In the program itself, so that what it forks afterwards is fast. */
  readonly warm?: boolean;
}

export class Forking implements Running {
  readonly #places: Places;
  readonly #counter: string;
  readonly #warm = new Set<string>();
  #child: ChildProcess | null = null;
  #heard = "";
  #listening: (() => void) | null = null;

  constructor(places: Places) {
    this.#places = places;
    this.#counter = join(places.scratch, "forked-counter");
    mkdirSync(places.scratch, { recursive: true });
  }

  /** Runs a command undisturbed. */
  async run(args: readonly string[], folder: string): Promise<Ended> {
    return (await this.#asked({ args, folder })).ended;
  }

  /** Runs a command in the program itself, if none of its name was yet. */
  async warm(name: string, args: readonly string[], folder: string): Promise<void> {
    if (this.#warm.has(name)) return;
    this.#warm.add(name);
    await this.#asked({ args, folder, warm: true });
  }

  /** As `disturbed`. */
  async disturbed(args: readonly string[], folder: string, how: Disturbance): Promise<Disturbed> {
    const { work, scratch } = this.#places;
    const mark = join(scratch, "mark");
    rmSync(mark, { force: true });
    const env: Record<string, string> = { ARCLET_KILL_MARK: mark, ARCLET_KILL_UNDER: `${work}/` };
    if (how.kind === "change" && how.copies !== undefined) env.ARCLET_KILL_COPIES = how.copies;
    const counter = Buffer.alloc(COUNTER);
    if (how.kind === "change") counter.writeBigInt64LE(BigInt(how.at), 8);
    if (how.kind === "change" && how.how !== undefined) counter.write(how.how, 16, "latin1");
    const after = how.kind === "moment" ? how.after : undefined;
    const { ended, hung, killed, changes } = await this.#asked({ args, folder, env }, { counter, after });
    return { ended, met: killed || existsSync(mark), changes, hung };
  }

  close(): void {
    (this.#child?.stdio[3] as Duplex | undefined)?.end();
    this.#child = null;
  }

  async #asked(request: Request, { counter = Buffer.alloc(COUNTER), after = -1 } = {}) {
    this.#child ??= this.#start();
    writeFileSync(this.#counter, counter, { flag: "r+" });
    const [stdout, stderr] = ["stdout", "stderr"].map((name) => join(this.#places.scratch, `forked-${name}`));
    const temporary = join(this.#places.scratch, "tmp");
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    const env = { ...request.env, TMPDIR: temporary };
    (this.#child.stdio[3] as Duplex).write(`${JSON.stringify({ ...request, env, stdout, stderr })}\n`);
    const started = Number(await this.#line());
    let [killed, hung] = [false, false];
    const kill = () => {
      killed = true;
      if (started > 0) process.kill(-started, "SIGKILL");
      else this.#child!.kill("SIGKILL");
    };
    const moment = after < 0 ? undefined : setTimeout(kill, after);
    const limit = setTimeout(() => {
      hung = true;
      kill();
    }, HANGS);
    const code = Number(await this.#line());
    clearTimeout(moment);
    clearTimeout(limit);
    const status = code > BY_SIGNAL ? null : code;
    const text = (path: string) => (request.warm ? "" : readFileSync(path, "utf8"));
    const changes = Number(readFileSync(this.#counter).readBigInt64LE());
    return { ended: { status, stdout: text(stdout!), stderr: text(stderr!) }, killed, hung, changes };
  }

  async #line(): Promise<string> {
    while (!this.#heard.includes("\n"))
      await new Promise<void>((done) => {
        this.#listening = done;
      });
    const [first, ...rest] = this.#heard.split("\n");
    this.#heard = rest.join("\n");
    return first!;
  }

  #start(): ChildProcess {
    const { scratch, library } = this.#places;
    const here = import.meta.dirname;
    const forkable = compiled(join(here, "forkable.c"), join(scratch, "forkable.so"));
    const headers = join(here, "..", "..", "node_modules", "node-api-headers", "include");
    const addon = compiled(join(here, "forking.c"), join(scratch, "forking.node"), [`-I${headers}`]);
    writeFileSync(this.#counter, Buffer.alloc(COUNTER));
    const printed = openSync(join(scratch, "forking-printed"), "w");
    const words = ["--single-threaded", "--v8-pool-size=0", join(here, "forking-program.mjs"), addon];
    const env = {
      ...process.env,
      LD_PRELOAD: `${library} ${forkable}`,
      ARCLET_KILL_COUNTER: this.#counter,
      ARCLET_KILL_AT: "0",
    };
    const child = spawn("node", words, { env, stdio: ["ignore", printed, printed, "pipe", "pipe"] });
    const heard = child.stdio[4] as Duplex;
    heard.on("data", (bytes: Buffer) => {
      this.#heard += bytes.toString();
      this.#listening?.();
    });
    child.on("close", (code, signal) => {
      if (this.#child === child) throw new Error(`the program that forks ended: ${signal ?? code}`);
    });
    return child;
  }
}
