/** Whether WebAssembly has room to load: without it Node's `fetch` ends the program with a stack, and the HDF5 library prints one. */
import { ArcletError } from "./errors.ts";

/**
 * @param where the command or file
 * @param what needs it
 * @throws ArcletError where a limit of addresses (`ulimit -v`) leaves no room for WebAssembly, which asks for gigabytes of them
 */
export function refuseWithoutWasmRoom(where: string, what: string): void {
  try {
    new WebAssembly.Memory({ initial: 1 });
  } catch (error) {
    throw new ArcletError(
      {
        where,
        code: "machine",
        problem: `too little memory is allowed: ${what} has no room to load`,
        fix: "raise ulimit -v, or take it away",
      },
      { cause: error },
    );
  }
}
