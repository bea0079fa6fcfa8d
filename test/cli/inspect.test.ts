/** `arclet inspect`: what is refused before a server starts. What a running one does is in test/inspect. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { scratch } from "../tiny/dataset.ts";
import { writeSearchData } from "../tiny/search.ts";
import { commandLine } from "./arclet.ts";

const folder = scratch();
const { done, refused } = commandLine(folder);
beforeAll(() => writeSearchData(folder));

test("what can't be inspected is refused in one line that says what to do", () => {
  writeFileSync(join(folder, "others.csv"), "id,score\nsomebody,0.5\n");
  refused(
    /others\.csv row 1: id somebody is not one of data, whose ids look like toy-0; give the dataset that was scored/,
    "inspect data others.csv --out s",
  );
  refused(/none: no such file or folder/, "inspect none --out s");
  refused(/--graders must be names that are all different/, "inspect data --graders anna,anna --out s");
  refused(/--port must be .* 65535, got "70000"/, "inspect data --port 70000 --out s");
  refused(
    /--host must be an address of this machine, got "192\.0\.2\.1"/,
    "inspect data --host 192.0.2.1 --out s",
  );
  writeFileSync(join(folder, "keys.yaml"), "A: 1\nunod: z\n");
  refused(
    /keys\.yaml line 2: unod is not known, did you mean undo\?/,
    "inspect data --keys keys.yaml --out s",
  );
  refused(/none\.yaml: no such file or folder/, "inspect data --retrain none.yaml --out s");
  refused(/--repeats must be .* 1, got "2"/, "inspect data --repeats 2 --out s");
  refused(/s2: is not a search .* leave out --read-only to begin one/, "inspect data --read-only --out s2");
  mkdirSync(join(folder, "mine"));
  writeFileSync(join(folder, "mine", "thesis.txt"), "");
  refused(/mine: holds other files, and no search .*choose another --out/, "inspect data --out mine");
});

test("help says how grades are given, and what is written", () => {
  const { stdout } = done("inspect --help");
  expect(stdout).toMatch(/keys q, w, e and r/);
  expect(stdout).toMatch(/grades\.csv/);
  for (const flag of [
    "--sample",
    "--graders",
    "--show-scores",
    "--read-only",
    "--port",
    "--host",
    "--no-open",
    "--keys",
    "--source",
    "--retrain",
    "--repeats",
    "--lens-grades",
  ])
    expect(stdout).toContain(flag);
});
