/** What judges networks, in shards, by the command line: the bytes of one program, however the images were divided. */
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { killedAt, killingLibrary } from "../killing.ts";
import { slow } from "../slow.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine, program, words } from "./arclet.ts";

slow("scores and explains images in processes of their own");

const folder = folderWith("source", "target", "so", "adabn");
const at = (...names: string[]) => join(folder, ...names);
const { done, refused } = commandLine(folder);

/** Batches of 256 images: three. */
beforeAll(() => void done("simulate many --survey cfhtls --count 600 --size 24 --seed 7"));

/** All files of a folder by path, where the folder's own name is the same in all. */
function filesOf(name: string, under = ""): Record<string, string> {
  return Object.fromEntries(
    readdirSync(at(name, under)).flatMap((file) => {
      const path = join(under, file);
      if (statSync(at(name, path)).isDirectory()) return Object.entries(filesOf(name, path));
      const bytes = readFileSync(at(name, path));
      const text = /\.(html|json)$/.test(file)
        ? bytes
            .toString("utf8")
            .replaceAll(name, "OUT")
            .replace(/"made": ".*"/g, "")
        : bytes.toString("base64");
      return [[path, text]];
    }),
  );
}

/** Makes a result undivided, in two shards and in five, one of which is killed on the way. */
function threeTimes(
  line: (out: string) => string,
  name: string,
  five = 5,
  first: readonly number[] = [4, 2],
): void {
  done(line(`${name}-1`));
  done(`${line(`${name}-2`)} --shards 2`);
  const last = `${name}-5`;
  for (const k of first) done(`${line(last)} --shard ${k}/${five}`);
  const typed = { words: [program, ...words(`${line(last)} --shards ${five}`)], cwd: folder };
  expect(killedAt(killingLibrary(), typed, { at: 7, under: `${last}.shards` })).toBe(true);
  expect(existsSync(at(last, "report.html"))).toBe(false);
  done(`${line(last)} --shards ${five}`);
  expect(existsSync(at(`${last}.shards`))).toBe(false);
  const whole = filesOf(`${name}-1`);
  for (const k of [2, 5]) expect(filesOf(`${name}-${k}`)).toEqual(whole);
}

test("explain: scores, then the maps of the best, in shards give the files of one program", () => {
  const line = (out: string) =>
    `explain many so --top 70 --method gradcam,occlusion --window 12 --stride 12 --pictures 3 --out ${out}`;
  refused(
    /late\.shards: shard 5 goes on from what shards 1-3 make, of which 1-3 are absent; make these first/,
    `${line("late")} --shard 5/5`,
  );
  threeTimes(line, "explained", 5, [3, 1]);
  refused(/explain: --sanity must be left out in divided work/, `${line("x")} --sanity --shards 2`);
  refused(/--shards must be at most 6, for 6 batches/, `${line("x")} --shards 7`);
});

test("embed: features in shards give the files of one program, of several runs and neighbours too", () => {
  const line = (out: string) =>
    `embed many target --runs so,adabn --neighbours sim-cfhtls-7-0000000 --most 60 --folds 2 --projection pca --out ${out}`;
  threeTimes(line, "embedded");
  writeFileSync(at("features.csv"), "id,f0,f1\nsim-cfhtls-7-0000000,1,2\n");
  refused(
    /embed: --runs must be given in divided work/,
    "embed many target --features features.csv --out x --shards 1",
  );
  refused(/write: folder must be a name that is not taken/, `${line("embedded-1")} --shards 2`);
});

test("selection: scores in shards give the files of one program", () => {
  const line = (out: string) => `selection many so --thresholds fpr=0.1 --splits train,val --out ${out}`;
  threeTimes(line, "found", 3, [3]);
  refused(
    /selection: --paint must be left out in divided work/,
    `${line("x")} --paint 3 --survey cfhtls --shards 1`,
  );
  refused(
    /selection: <finders> must be models in divided work/,
    "selection many found-1/scores.csv --out x --shards 1",
  );
  refused(
    /selection: --splits must be train or val in divided work: one program alone opens test/,
    "selection many so --splits test --out x --shards 1",
  );
  cpSync(at("so"), at("changing"), { recursive: true });
  done(`${line("later").replace("so", "changing")} --shard 1/3`);
  cpSync(at("adabn", "model.safetensors"), at("changing", "model.safetensors"));
  refused(
    /plan\.json: the model changing has changed since \(.+, now .+; remove later\.shards to begin again/,
    `${line("later").replace("so", "changing")} --shards 3`,
  );
  const plan = at("later.shards", "plan.json");
  writeFileSync(plan, readFileSync(plan, "utf8").replace(/"arclet": ".*?"/, '"arclet": "0.0.9"'));
  refused(
    /plan\.json: was made by Arclet 0\.0\.9, and this is .*, whose results may differ; finish it with that version/,
    `${line("later").replace("so", "changing")} --shards 3`,
  );
});
