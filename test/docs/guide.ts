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

/** What a command is given beside its own flags, or instead of them, so that it takes a second or two. */
const SMALLER: Readonly<Record<string, (line: string) => string>> = {
  simulate: (line) => line.replace(/--count \d+/, "--count 40").replace(/--shards \d+/, "--shards 2"),
  train: (line) =>
    `${line.replace(/ --(encoder|weights|vit-\S+) \S+/g, "")} --epochs 1 --adapt-steps 2 --batch 16 --precision float32${/ --from /.test(line) ? "" : " --encoder cnn --cnn.widths 4,8"}`,
  selection: (line) => line.replace(/--paint \d+/, "--paint 24"),
  select: (line) => line.replace(/--top \d+/, "--top 12").replace(/--random \d+/, "--random 24"),
  compare: (line) => line.replace(/--encoders \S+/, "--encoders cnn").replace(/--seeds \S+/, "--seeds 0,1"),
  explain: (line) => line.replace(/--top \d+/, "--top 2"),
};

export const smaller = (line: string): string => (SMALLER[line.split(" ")[0]!] ?? ((same) => same))(line);
