/** `arclet paint` in shards: the bytes of one program, and what is refused. */
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./arclet.ts";
import { aside, dividedAlike } from "./divided-ways.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-divided-paint-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { done } = commandLine(folder);

beforeAll(() => {
  // Most of them lenses, whose deflectors are massive and red.
  done("simulate hosts --survey cfhtls --count 24 --prevalence 0.9 --seed 2");
  done("simulate others --survey cfhtls --count 24 --prevalence 0.9 --seed 3");
});

const LINE = "paint hosts --survey cfhtls --count 17 --off-centre 0.6 --seed 1";

test("which hosts are painted, their splits and every pixel are those of one program", () => {
  const hashes = dividedAlike(folder, { line: `${LINE} --out painted`, out: "painted", needs: ["hosts"] });
  expect(Object.keys(hashes)).toContain("set-aside.csv");
});

test("changed hosts and other settings are refused; what was measured goes when all is joined", () => {
  const { done, refused, at } = aside(folder, "changing", ["hosts"]);
  const line = `${LINE} --out painted`;
  done(`${line} --shard 2/2`);
  refused(/plan\.json: was made with seed 1, now 2/, `${line.replace("--seed 1", "--seed 2")} --shard 1/2`);
  refused(/plan\.json: has 2 shards, not 3/, `${line} --shard 1/3`);
  refused(/--shards must be at most \d+, for \d+ images/, `${LINE} --out many --shards 500`);
  renameSync(at("hosts"), at("before"));
  cpSync(join(folder, "others"), at("hosts"), { recursive: true });
  refused(/plan\.json: the dataset hosts has changed since/, `${line} --shard 1/2`);
  rmSync(at("hosts"), { recursive: true });
  renameSync(at("before"), at("hosts"));
  done(`${line} --shards 2`);
  expect(existsSync(at("painted.shards", "work"))).toBe(false);
  refused(/folder must be a name that is not taken, got "hosts"/, `${LINE} --out hosts --shards 2`);
  expect(existsSync(at("hosts.shards"))).toBe(false);
});
