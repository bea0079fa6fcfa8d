/** Whether Node's `fetch` has room to load its parser, which is WebAssembly: without it the program ends with a stack. */
import { ArcletError } from "../../foundation/errors.ts";

/** @throws ArcletError where a limit of addresses (`ulimit -v`) leaves no room for WebAssembly, which asks for gigabytes of them */
export function refuseWithoutRoom(): void {
  try {
    new WebAssembly.Memory({ initial: 1 });
  } catch (error) {
    throw new ArcletError(
      {
        where: "fetch",
        code: "machine",
        problem: "too little memory is allowed: Node's fetch has no room to load",
        fix: "raise ulimit -v, or take it away",
      },
      { cause: error },
    );
  }
}
