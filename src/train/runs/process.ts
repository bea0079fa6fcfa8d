/** `arclet train` as a process of its own: what many runs share is the machine, and nothing else. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { sentError } from "../../foundation/child-error.ts";
import { EXIT } from "../../foundation/errors.ts";
import { interrupted } from "../../foundation/interrupt.ts";

/** Trains by a file of values, resuming where `resume` says; resolves to why it failed, empty when it did not. */
export type TrainByFile = (config: string, resume: boolean, log: string) => Promise<string>;

/**
 * Runs `arclet train --config FILE` as children of this command, their output in files. By its channel a child says why it
 * failed; the channel's end is a wish of the parent's: a child whose parent wants to stop, or is gone, saves at its next safe
 * point and stops.
 *
 * @param threads of each child
 */
export const trainInProcess =
  (threads: number): TrainByFile =>
  (config, resume, log) =>
    new Promise((resolve, reject) => {
      const file = openSync(log, "a");
      const args = [process.argv[1]!, "train", "--config", config, ...(resume ? ["--resume"] : [])];
      const env = { ...process.env, ARCLET_THREADS: String(threads) };
      const child = spawn(process.execPath, [...process.execArgv, ...args], {
        env,
        stdio: ["ignore", file, file, "ipc"],
      });
      // The user's wish to stop is the child's too. A signal would do harm where Ctrl-C has reached it already.
      const asked = setInterval(() => interrupted() && child.connected && child.disconnect(), 200);
      const end = () => {
        clearInterval(asked);
        closeSync(file);
      };
      child.on("error", (error) => {
        end();
        reject(error);
      });
      let why: string | undefined;
      child.on("message", (message) => {
        why ??= sentError(message);
      });
      // Its output is in files, so its exit is all; Node tells no `close` of a child whose channel was ended from here.
      child.on("exit", (code, signal) => {
        end();
        const otherwise = code === EXIT.interrupted ? "interrupted" : (signal ?? `exit code ${code}`);
        const done = () => resolve(code === 0 ? "" : (why ?? otherwise));
        // What it sent last may still be on its way; the channel's end comes after it.
        if (child.connected) child.once("disconnect", done);
        else done();
      });
    });
