/** What made a file: the command as it was typed, and the versions behind it. */
import { commandLine } from "../foundation/command-line.ts";
import { version } from "../foundation/version.ts";
import { torchVersion } from "./machine.ts";

export interface Provenance {
  [key: string]: string;
  task: string;
  command: string;
  arclet: string;
  torch: string;
  node: string;
  made: string;
}

export function provenance(task: string): Provenance {
  return {
    task,
    command: commandLine(),
    arclet: version(),
    torch: torchVersion(),
    node: process.version,
    made: new Date().toISOString(),
  };
}
