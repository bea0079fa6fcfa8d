/** `arclet train` as a separate process, so that runs share nothing but the machine. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { sentCode, sentError } from "../../foundation/child-error.ts";
import { PROGRAM } from "../../foundation/command-line.ts";
import { type ErrorCode, EXIT } from "../../foundation/errors.ts";
import { interrupted } from "../../foundation/interrupt.ts";
import { alone } from "../ranks/asked.ts";

/** Trains with a file of values, or resumes the run; resolves to why it failed, empty if it did not. */
export type TrainByFile = (config: string, resume: boolean, log: string) => Promise<string>;

/**
 * Runs `arclet train --config FILE` as child processes, their output in files. A child reports over its channel why it
 * failed. When the parent closes the channel, to stop or because it is gone, the child saves at its next safe point and
 * stops.
 *
 * @param threads of each child
 * @param program Arclet's, unless a test has one in its place
 * @param onError called with the file of a child that sends why it fails, and the error's code
 */
export const trainInProcess =
  (
    threads: number,
    program = PROGRAM,
    onError: (config: string, code: ErrorCode | undefined) => void = () => {},
  ): TrainByFile =>
  (config, resume, log) =>
    new Promise((resolve, reject) => {
      const file = openSync(log, "a");
      const args = [program, "train", "--config", config, ...(resume ? ["--resume"] : [])];
      const env = { ...alone(process.env), ARCLET_THREADS: String(threads) };
      const child = spawn(process.execPath, [...process.execArgv, ...args], {
        env,
        stdio: ["ignore", file, file, "ipc"],
      });
      // When the user stops the parent, the child stops too. Not by a signal: Ctrl-C may have reached it already.
      const stopCheck = setInterval(() => interrupted() && child.connected && child.disconnect(), 200);
      const end = () => {
        clearInterval(stopCheck);
        closeSync(file);
      };
      child.on("error", (error) => {
        end();
        reject(error);
      });
      let reason: string | undefined;
      child.on("message", (message) => {
        reason ??= sentError(message);
        onError(config, sentCode(message));
      });
      // Its output is in files, so `exit` is enough; Node emits no `close` once the parent has closed the channel.
      child.on("exit", (code, signal) => {
        end();
        const fallback = code === EXIT.interrupted ? "interrupted" : (signal ?? `exit code ${code}`);
        const done = () => resolve(code === 0 ? "" : (reason ?? fallback));
        // Its last message may still be on its way; the channel closes after it.
        if (child.connected) child.once("disconnect", done);
        else done();
      });
    });
