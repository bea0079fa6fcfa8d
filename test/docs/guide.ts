/** A guide as a test reads it: its blocks of code in order, and its commands cut to small data. */
import { readFileSync } from "node:fs";

export interface Block {
  language: string;
  /** After `file=`. */
  file: string | null;
  code: string;
  /** Of `<!-- not run: WHY -->` in the line before it; null if it is run. */
  notRun: string | null;
}

export function blocksOf(guide: string): Block[] {
  const pattern = /(?:^<!-- not run: (.*?) -->\n+)?^```(\w+)(?: file=(\S+))?\n(.*?)^```$/gms;
  return [...readFileSync(guide, "utf8").matchAll(pattern)].map(([, why, language, file, code]) => ({
    language: language!,
    file: file ?? null,
    code: code!,
    notRun: why ?? null,
  }));
}

/** The commands of a block, without `arclet`, comments and broken lines. */
export const commandsOf = ({ code }: Block): string[] =>
  code
    .replace(/\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line.startsWith("arclet "))
    .map((line) => line.slice("arclet ".length));

/** Commands that no guide's test runs, and why. */
export const NOT_RUN: Readonly<Record<string, string>> = {
  inspect: "serves until it is stopped; test/inspect types sessions in a browser",
  jobs: "shows the jobs of a Slurm; test/cluster starts one",
  fetch: "asks a public service; its test asks one on this machine",
};

const without = (line: string, ...flags: string[]) =>
  flags.reduce((rest, flag) => rest.replace(new RegExp(` --${flag} \\S+`, "g"), ""), line);

/** What a command is given beside its own flags, or instead of them, so that it takes a second or two. */
const SMALLER: Readonly<Record<string, (line: string) => string>> = {
  simulate: (line) =>
    line.includes("--preview") ? line : `${without(line, "count")} --count 100 --val-fraction 0.3`,
  train: (line) => {
    const network = line.includes(" --from ") ? "" : "--encoder cnn --cnn.widths 4,8";
    const own = without(line, "encoder", "cnn.widths", "epochs", "lr", "adda.epochs");
    return `${own} ${network} --epochs 1 --adapt-steps 2 --batch 16 --precision float32`;
  },
  tune: (line) => line.replace("--trials 9", "--trials 2 --base quick.yaml"),
  selection: (line) =>
    line.replace(/--paint \d+/, "--paint 24").replace("data/painted scores.csv", "data/painted runs/adapted"),
  select: (line) => line.replace(/--top \d+/, "--top 12").replace(/--random \d+/, "--random 48"),
  compare: (line) =>
    `${without(line, "encoders", "methods", "seeds")} --encoders cnn --methods source-only,mcc --seeds 0,1`,
  // Simulated objects have no positions.
  export: (line) => line.replace("--out combined.reg", "--out combined.fits"),
  explain: (line) => line.replace(/--top \d+/, "--top 2"),
};

/** The same command on small data: objects of the small world for those of the guide. */
export const smaller = (line: string): string =>
  (SMALLER[line.split(" ")[0]!] ?? ((same) => same))(line)
    // The small datasets are CFHTLS's composites.
    .replace(/ hsc(?= |$)/, (name) => (/data\/(source|target)/.test(line) ? " cfhtls-display" : name))
    .replace(/cand-00(\d\d)/g, "sim-cfhtls-2-00000$1");

/** What a command writes, which is removed first: guides build on what the small world has under the same names. */
export function outputOf(line: string): string | null {
  const [command, first] = line.split(" ");
  const flags = command === "export-model" ? "onnx|int8" : "out";
  const out = new RegExp(` --(?:${flags}) (\\S+)`).exec(line)?.[1];
  return out ?? (command === "simulate" && !first!.startsWith("--") ? first! : null);
}
