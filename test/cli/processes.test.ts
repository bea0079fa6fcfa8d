/** Work in shards by several programs on this machine: the same bytes as by one, and what becomes of one that fails. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "../../src/foundation/errors.ts";
import { slow } from "../slow.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine, environment, program, words } from "./arclet.ts";

slow("several programs, each of which takes a second to begin");

const folder = folderWith("target", "so");
const at = (...names: string[]) => join(folder, ...names);
const { done, refused } = commandLine(folder);
const filesOf = (path: string) =>
  Object.fromEntries(
    readdirSync(at(path)).map((name) => [name, readFileSync(at(path, name)).toString("base64")]),
  );

const SIMULATE = "--survey cfhtls --count 40 --size 24 --seed 2";

test("programs side by side make the files of one, and leave nothing else", () => {
  done(`simulate made ${SIMULATE}`);
  const one = filesOf("made");
  rmSync(at("made"), { recursive: true });
  done(`simulate made ${SIMULATE} --on processes --at-most 2`);
  expect(filesOf("made")).toEqual(one);
  rmSync(at("made"), { recursive: true });
  done(`simulate made ${SIMULATE} --on processes --at-most 2 --shards 3`);
  expect(filesOf("made")).toEqual(one);
  expect(existsSync(at("made.shards"))).toBe(false);
});

test("a shard that goes on from others waits for them", () => {
  done("explain target so --top 3 --out whole");
  done("explain target so --top 3 --out parts --on processes --at-most 2 --shards 2");
  for (const file of ["explain.csv", "maps-gradcam.npy"])
    expect(readFileSync(at("parts", file))).toEqual(readFileSync(at("whole", file)));
});

test("of a program that fails its own reason is said, and its log stays", () => {
  done(`simulate many/a ${SIMULATE}`);
  done(`simulate many/b ${SIMULATE.replace("seed 2", "seed 3")}`);
  const score = "score many so --prior 0.9,0.1 --out ranked.csv --on processes --at-most 1 --shards 2";
  const images = readFileSync(at("many", "b", "images-00000.npy"));
  images[images.length - 1]! ^= 1;
  writeFileSync(at("many", "b", "images-00000.npy"), images);
  refused(/ranked\.csv\.shards: shard 2 of 2: .*is damaged: image 39.*; its log is .*0002\.log/, score);
  expect(readFileSync(at("ranked.csv.shards", "logs", "0002.log"), "utf8")).toMatch(/is damaged/);
});

test("what contradicts it is refused", () => {
  refused(
    /--on must be here with --shard or --merge, which the processes are given/,
    `simulate x ${SIMULATE} --on processes --shard 1/2`,
  );
  refused(
    /--print must be left out unless --on slurm is given/,
    `simulate x ${SIMULATE} --on processes --print`,
  );
});

test("Ctrl-C stops all of them at a safe point, and the same command makes the rest", async () => {
  const typed = words(
    "simulate long --survey cfhtls --count 1500 --size 48 --seed 2 --on processes --at-most 2",
  );
  const begun = spawn(process.execPath, [program, ...typed], {
    cwd: folder,
    env: environment(),
    stdio: "ignore",
  });
  const ended = new Promise<number | null>((resolve) => begun.once("close", resolve));
  await expect
    .poll(() => ["0001", "0002"].every((shard) => existsSync(at("long.shards", "status", `${shard}.json`))), {
      timeout: 120_000,
    })
    .toBe(true);
  begun.kill("SIGINT");
  expect(await ended).toBe(EXIT.interrupted);
  expect(existsSync(at("long"))).toBe(false);
  for (const shard of ["0001", "0002"])
    expect(JSON.parse(readFileSync(at("long.shards", "status", `${shard}.json`), "utf8")).state).toBe(
      "stopped",
    );
  done("simulate long --survey cfhtls --count 1500 --size 48 --seed 2 --on processes --at-most 2");
  expect(readdirSync(at("long"))).toContain("dataset.json");
});
