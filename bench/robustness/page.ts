/**
 * Writes the counted part of docs/results/robustness.md from the journals: page.ts DATE. What stands above and below the marks is
 * written by people.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, STATE } from "./setting.ts";

interface Entry {
  readonly name?: string;
  readonly kind?: string;
  readonly how?: string;
  readonly limit?: string;
  readonly at?: number;
  readonly of?: number;
  readonly borne?: boolean;
  readonly inputs?: number;
  readonly read?: number;
  readonly refused?: number;
  readonly slowest?: number;
  readonly megabytes?: number;
  readonly also?: readonly number[];
  readonly asCopied?: boolean;
  readonly times?: number;
  readonly before?: number;
  readonly after?: number;
  readonly commit?: string;
  readonly fault?: string;
  readonly faults?: readonly string[];
}

const [date] = process.argv.slice(2) as [string?];
if (date === undefined || !/^\d{4}-\d\d-\d\d$/.test(date)) throw new Error("page.ts YYYY-MM-DD");
const PAGE = join(ROOT, "docs", "results", "robustness.md");
const [BEGIN, END] = ["<!-- counted -->", "<!-- /counted -->"];

function journal(part: string): Entry[] {
  const path = join(STATE, part, "journal.jsonl");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const sum = (entries: readonly Entry[], pick: (entry: Entry) => number) =>
  entries.reduce((total, entry) => total + pick(entry), 0);
const number = (value: number) => value.toLocaleString("en");
const faulty = (entries: readonly Entry[]) => entries.filter(({ fault }) => fault !== "").length;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
/** A paragraph in lines of at most 100 characters. */
const wrapped = (text: string) => text.replace(/(?=.{100})(.{1,99})\s/g, "$1\n");
const grouped = (entries: readonly Entry[], key: (entry: Entry) => string) => {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) groups.set(key(entry), [...(groups.get(key(entry)) ?? []), entry]);
  return [...groups];
};

function killsTable(kills: readonly Entry[]): string {
  const rows = grouped(kills, ({ name }) => name!).map(([name, own]) => {
    const states = own.filter(({ how }) => how === "state");
    const killed = own.filter(({ how }) => how !== "state").length;
    // A state that is the same before several changes was gone on from once.
    const before = new Set(states.flatMap(({ at, also = [] }) => [at!, ...also])).size;
    return [name, Math.max(...own.map(({ of }) => of!)), before, states.length, killed, faulty(own)];
  });
  return table(["command", "changes", "tried before", "states", "killed", "faults"], rows);
}

/** Whether SIGKILL leaves what is copied before a change. */
function copiesText(kills: readonly Entry[]): string {
  const compared = kills.filter(({ asCopied }) => asCopied !== undefined);
  const same = compared.filter(({ asCopied }) => asCopied).length;
  return `Of ${number(compared.length)} kills at a change, ${number(same)} left the bytes of the copy that was made before that change.`;
}

const memoryTable = (memory: readonly Entry[]): string =>
  table(
    ["what", "times", "after a fifth, MB", "at the end, MB", "faults"],
    memory.map(({ name, times, before, after, fault }) => [
      name!,
      number(times!),
      before!.toFixed(0),
      after!.toFixed(0),
      fault === "" ? 0 : 1,
    ]),
  );

function brokenTable(batches: readonly Entry[]): string {
  const rows = grouped(batches, ({ kind }) => kind!).map(([kind, own]) => [
    kind,
    number(sum(own, ({ inputs }) => inputs!)),
    number(sum(own, ({ read }) => read!)),
    Math.max(...own.map(({ slowest }) => slowest!)).toFixed(2),
    Math.max(...own.map(({ megabytes }) => megabytes!)).toFixed(0),
    sum(own, ({ faults }) => faults!.length),
  ]);
  return table(["kind", "inputs", "read", "slowest, s", "memory, MB", "faults"], rows);
}

const [kills, faults, limits, broken, memory] = ["kills", "faults", "limits", "broken", "memory"].map(
  journal,
) as [Entry[], Entry[], Entry[], Entry[], Entry[]];
const states = kills.filter(({ how }) => how === "state").length;
const commits = grouped(
  [...kills, ...faults, ...limits, ...broken, ...memory],
  ({ commit = "an unknown commit" }) => commit,
)
  .map(([commit, own]) => `${commit} (${number(own.length)} entries)`)
  .join(", ");
const counted = [
  `Counted on ${date}, of the code of ${commits}.`,
  `**Kills**: ${number(kills.length - states)} by SIGKILL and ${number(states)} states before a change; ${faulty(kills)} left a fault.`,
  killsTable(kills),
  copiesText(kills),
  `**Failing changes**: ${number(faults.length)}, of which commands bore ${faults.filter(({ borne }) => borne).length}; ${faulty(faults)} left a fault.`,
  table(
    ["how", "failures", "borne", "faults"],
    grouped(faults, ({ how }) => how!).map(([how, own]) => [
      how,
      own.length,
      own.filter(({ borne }) => borne).length,
      faulty(own),
    ]),
  ),
  `**Limits**: ${number(limits.length)} commands; ${faulty(limits)} left a fault.`,
  table(
    ["limit", "commands", "ended well", "faults"],
    grouped(limits, ({ limit }) => limit!).map(([limit, own]) => [
      limit,
      own.length,
      own.filter(({ borne }) => borne).length,
      faulty(own),
    ]),
  ),
  `**Broken input**: ${number(sum(broken, ({ inputs }) => inputs!))} inputs; ${sum(broken, ({ faults }) => faults!.length)} faults.`,
  brokenTable(broken),
  ...(memory.length === 0
    ? []
    : [`**Memory**: ${memory.length} of 3 parts; ${faulty(memory)} grew.`, memoryTable(memory)]),
]
  .map((part) => (part.startsWith("|") ? part : wrapped(part)))
  .join("\n\n");
const page = readFileSync(PAGE, "utf8");
const [before, rest] = page.split(BEGIN) as [string, string?];
const after = rest?.split(END)[1];
if (after === undefined) throw new Error(`${PAGE} has no ${BEGIN} … ${END}`);
writeFileSync(PAGE, `${before}${BEGIN}\n\n${counted}\n\n${END}${after}`);
