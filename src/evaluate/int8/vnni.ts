/** Whether a processor multiplies integers of 8 bits in groups of four, without which int8 saves little. */
import { existsSync, readFileSync } from "node:fs";

/** Intel's and AMD's VNNI, and the same of Arm's. */
const FEATURES = ["avx512_vnni", "avx_vnni", "asimddp"];

/** @param cpuinfo as `/proc/cpuinfo` has it */
export function hasVnni(cpuinfo = thisMachine()): boolean {
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.+)$/m.exec(cpuinfo)?.[1]?.split(/\s+/));
  return FEATURES.some((feature) => flags.has(feature));
}

const CPUINFO = "/proc/cpuinfo";
const thisMachine = (): string => (existsSync(CPUINFO) ? readFileSync(CPUINFO, "utf8") : "");
