/** `arclet fetch` in shards: the folder of one program, one program at a time at the service, and what is refused. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { killingLibrary } from "../killing.ts";
import { AT, Service } from "../making/fetching/service.ts";
import { slow } from "../slow.ts";
import { environment, program, words } from "./arclet.ts";
import { hashesOf } from "./divided-ways.ts";
import { runBeside } from "./standing.ts";

slow("types a dozen commands, some in processes of their own");

const folder = mkdtempSync(join(tmpdir(), "arclet-divided-fetch-"));
const service = new Service();
let base = "";
beforeAll(async () => {
  base = await service.start();
});
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => service.clear());

const PLACES = ["fine", "busy", "gzipped", "nowhere", "reset", "blank", "broken"] as const;
const COUNT = 14;

/** A folder with a catalogue, and how `arclet` is run in it without holding up the server. */
function aside(name: string) {
  const cwd = join(folder, name);
  mkdirSync(cwd);
  const rows = Array.from(
    { length: COUNT },
    (_, k) => `o${k},${AT[PLACES[k % PLACES.length]!] + k / 100},${k}`,
  );
  writeFileSync(join(cwd, "table.csv"), `id,ra,dec\n${rows.join("\n")}\nnowhere,,\n`);
  const done = async (line: string) => {
    const { status, stdout, stderr } = await runBeside(words(line), cwd);
    expect(status, `${line}: ${stderr}`).toBe(0);
    return stdout;
  };
  const refused = async (message: RegExp, line: string) => {
    const { status, stderr } = await runBeside(words(line), cwd);
    const own = stderr.split("\n").filter((one) => one.startsWith("arclet:"));
    expect(own, line).toHaveLength(1);
    expect(own[0]).toMatch(message);
    expect(status).toBe(2);
  };
  return { cwd, done, refused, at: (...names: string[]) => join(cwd, ...names) };
}

/** A process of its own. @returns its exit status, null if it was killed, and what it said */
const ownProcess = (
  line: string,
  cwd: string,
  more: Record<string, string> = {},
  onSaid: (stderr: string) => void = () => {},
) =>
  new Promise<{ status: number | null; stderr: string }>((resolve) => {
    const child = execFile("node", [program, ...words(line)], { cwd, env: environment(more) });
    let stderr = "";
    child.stderr!.on("data", (text) => {
      stderr += text;
      onSaid(stderr);
    });
    child.on("close", (status) => resolve({ status, stderr }));
  });

const line = (out = "cutouts") =>
  `fetch --survey legacy --catalog table.csv --bands g,r --size 16 --out ${out} --pause 0.01 --backoff 0.05 --attempts 3 --timeout 5 --base-url ${base}`;

test("in 1, 3 and 7 shards, in any order and killed on the way: the folder of one program", async () => {
  const [one, single, three, seven] = ["one", "single", "three", "seven"].map(aside);
  const told = await one!.done(line());
  expect(await single!.done(`${line()} --shards 1`)).toBe(told);
  for (const shard of [3, 1, 2]) await three!.done(`${line()} --shard ${shard}/3`);
  await three!.done(`${line()} --shards 3 --merge`);
  await seven!.done(`${line()} --shard 5/7`);
  const library = killingLibrary();
  const killing = (at: number, under: string) => ({
    LD_PRELOAD: library,
    ARCLET_KILL_MARK: join(library, "..", "mark"),
    ARCLET_KILL_UNDER: under,
    ARCLET_KILL_AT: `${at}`,
    ARCLET_KILL_KIND: "any",
  });
  expect((await ownProcess(`${line()} --shards 7`, seven!.cwd, killing(40, "cutouts.shards"))).status).toBe(
    null,
  );
  // The turn of the program that was killed is given up after a minute.
  for (const name of readdirSync(seven!.at("cutouts.shards", "work")))
    if (name === "turn-1") utimesSync(seven!.at("cutouts.shards", "work", name), 5, 5);
  expect((await ownProcess(`${line()} --shards 7`, seven!.cwd, killing(9, "cutouts.partial"))).status).toBe(
    null,
  );
  expect(existsSync(seven!.at("cutouts"))).toBe(false);
  await seven!.done(`${line()} --shards 7`);
  const hashes = hashesOf(one!.at("cutouts"));
  expect(Object.keys(hashes)).toHaveLength(3 + 2 * 10);
  for (const { at } of [single!, three!, seven!]) expect(hashesOf(at("cutouts"))).toEqual(hashes);
  expect(readdirSync(seven!.cwd).sort()).toEqual(["cutouts", "table.csv"]);
});

test("a program waits while another has the turn, and of two that begin together the service sees one at a time", async () => {
  const { cwd, at, done } = aside("turns");
  const work = at("cutouts.shards", "work");
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, "turn-1"), "another program's");
  let meanwhile: number | null = null;
  const first = await ownProcess(`${line()} --shard 1/3`, cwd, {}, (stderr) => {
    if (meanwhile !== null || !stderr.includes("waiting for its turn to end")) return;
    meanwhile = service.requests.length;
    rmSync(join(work, "turn-1"));
  });
  expect([first.status, meanwhile]).toEqual([0, 0]);
  service.clear();
  const both = await Promise.all([2, 3].map((shard) => ownProcess(`${line()} --shard ${shard}/3`, cwd)));
  expect(both.map(({ status }) => status)).toEqual([0, 0]);
  expect(service.busiest).toBeLessThanOrEqual(2);
  const shards = service.requests.map(({ path }) => {
    const dec = Number(new URL(path, base).searchParams.get("dec"));
    return dec < Math.floor((2 * COUNT) / 3) ? 2 : 3;
  });
  // One after the other, not mixed.
  expect(shards.filter((shard, k) => k > 0 && shard !== shards[k - 1])).toHaveLength(1);
  await done(`${line()} --shards 3 --merge`);
});

test("another catalogue, other settings and more programs than the service is to see are refused", async () => {
  const { done, refused, at } = aside("changing");
  await done(`${line()} --shard 2/3`);
  await refused(/plan\.json: was made with size 16, now 17/, `${line().replace("16", "17")} --shard 1/3`);
  await refused(/plan\.json: has 3 shards, not 4; give --shards 3/, `${line()} --shards 4`);
  await refused(/--shards must be at most 14, for 14 objects/, `${line("many")} --shards 15`);
  await refused(/fetch: --shard must be K\/N, with K at most N/, `${line()} --shard 4/3`);
  await refused(
    /fetch: --programs must be at most --parallel, 2, got 3/,
    `${line()} --programs 3 --shard 1/3`,
  );
  await refused(
    /fetch: --at-most must be at most --programs, 1: the rest would wait, got 4/,
    `${line()} --shards 3 --on slurm --at-most 4`,
  );
  const script = await done(`${line("printed")} --shards 3 --on slurm --print`);
  expect(script).toMatch(/^#SBATCH --array=1-3%1$/m);
  // The pace may be changed on the way.
  await done(`${line().replace("--pause 0.01", "--pause 0.02")} --shard 1/3`);
  writeFileSync(at("table.csv"), "id,ra,dec\na,1,2\nb,1.5,3\nc,1.7,3\n");
  await refused(/plan\.json: the catalogue table\.csv has changed since/, `${line()} --shard 3/3`);
});
