/** Every example that `--help` shows runs as it stands, and every command line of the documents is accepted. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command as Commander } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { COMMANDS } from "../../src/cli/commands.ts";
import { addFields, chosenOnCommandLine, givenFlags } from "../../src/cli/options.ts";
import { resolveConfig } from "../../src/foundation/config.ts";
import { writeFrame } from "../sky/frame.ts";
import { commandLine, words } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { arclet, done } = commandLine(folder);

/** Lines with those joined that a backslash continues. */
const lines = (text: string): string[] => text.replace(/\\\n\s*/g, " ").split("\n");

/** The examples of a command, as its help shows them at its end (main.test.ts). */
async function examplesOf(name: string): Promise<string[]> {
  const { example } = await COMMANDS.find((entry) => entry.name === name)!.load();
  return lines(example).map((line) => line.trim());
}

describe("one after the other, in one folder, the examples run", () => {
  const COUNT = 60;
  /**
   * The demo has a test of its own, doctor one below; fetch's example asks a public service, its test one on this machine;
   * inspect's runs until it is stopped; cascade's promise needs more than these 60 images.
   */
  const ELSEWHERE = ["demo", "doctor", "fetch", "inspect", "cascade"];

  // What an astronomer has: cutouts of their survey, tables of a few grades, and frames.
  beforeAll(() => {
    done(`simulate mine --survey cfhtls --count ${COUNT} --seed 7`);
    copyFileSync(join(folder, "mine", "images-00000.npy"), join(folder, "cutouts.npy"));
    const rows = Array.from({ length: COUNT }, (_, k) => `object-${k},${k % 4}`);
    writeFileSync(join(folder, "table.csv"), `id,grade\n${rows.join("\n")}\n`);
    // What volunteers and three people said of them.
    const crowd = Array.from({ length: COUNT }, (_, k) => `object-${k},${((k * 7) % 11) / 11}`);
    writeFileSync(join(folder, "crowd.csv"), `id,crowd_p\n${crowd.join("\n")}\n`);
    const grades = rows.flatMap((_, k) =>
      ["ada", "bo", "cy"].map((who, j) => `object-${k},${who},${"XCBA"[(k + ((j * k) % 2)) % 4]}`),
    );
    writeFileSync(join(folder, "grades.csv"), `id,grader,grade\n${grades.join("\n")}\n`);
    for (const band of ["g", "r", "i"]) writeFrame(join(folder, `field_${band}.fits`));
  });

  /** Between two commands people grade the sample that is to be judged. */
  const gradeSample = () => {
    const ids = readFileSync(join(folder, "sample.csv"), "utf8").trim().split("\n").slice(1);
    const grades = ids.map((line, k) => `${line.split(",")[1]},${k % 4}`);
    writeFileSync(join(folder, "sample-grades.csv"), `id,grade\n${grades.join("\n")}\n`);
  };

  /** A search's folder is made by hand: one file that names its parts. */
  const writeSearch = () => {
    mkdirSync(join(folder, "survey"));
    const parts = ["scores: ../scores.csv", "dataset: ../data/target", "sample: ../sample.csv"];
    const graded = ["grades: ../sample-grades.csv", "positives: grade >= 2"];
    writeFileSync(join(folder, "survey", "search.yaml"), `${[...parts, ...graded].join("\n")}\n`);
  };

  /** What import sets aside, such as a saturated galaxy that the recipe may draw, has no score: people didn't grade it either. */
  const dropSetAside = () => {
    const log = join(folder, "data", "target", "set-aside.csv");
    if (!existsSync(log)) return;
    const gone = new Set(
      readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(",")[2]),
    );
    for (const name of ["table.csv", "crowd.csv", "grades.csv"]) {
      const kept = lines(readFileSync(join(folder, name), "utf8")).filter(
        (line) => !gone.has(line.split(",")[0]),
      );
      writeFileSync(join(folder, name), `${kept.join("\n")}\n`);
    }
  };

  /** As help lists them, but for import: paint and realism use what its example makes. */
  const names = COMMANDS.map(({ name }) => name).filter((name) => !ELSEWHERE.includes(name));
  const inOrder = ["simulate", "import", ...names.filter((name) => !["simulate", "import"].includes(name))];

  test.each(inOrder)("%s", async (name) => {
    const examples = await examplesOf(name);
    expect(examples.length).toBeGreaterThan(0);
    if (name === "estimate") gradeSample();
    if (name === "report") writeSearch();
    for (const example of examples) {
      expect(example).toMatch(/^arclet /);
      done(example.replace(/^arclet /, ""));
    }
    if (name === "import") dropSetAside();
  });

  test("doctor, which exits with 2 when something is wrong with the machine", async () => {
    expect(await examplesOf("doctor")).toEqual(["arclet doctor"]);
    const { status, stdout, stderr } = arclet("doctor");
    expect(stderr).toBe("");
    expect([0, 2]).toContain(status);
    expect(stdout).toMatch(status === 0 ? /Nothing is wrong here/ : /^problem: /m);
  });
});

/** What a document tells people to type: lines of its shell blocks, and commands within a sentence. */
function typedIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block!);
  const inBlocks = blocks.flatMap(lines).map((line) => line.replace(/\s+#.*$/, "").trim());
  const prose = text.replace(/^```.*?^```/gms, "");
  const inProse = [...prose.matchAll(/`((?:arclet|node bin\/arclet\.mjs|npm run) [^`]+)`/g)].map(([, code]) =>
    code!.replace(/\s+/g, " "),
  );
  return [...inBlocks, ...inProse];
}

const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

describe.each(DOCUMENTS)("the command lines of %s", (document) => {
  const typed = typedIn(readFileSync(document, "utf8")).map((line) =>
    line.replace(/^node bin\/arclet\.mjs /, "arclet "),
  );
  const ours = typed.filter((line) => line.startsWith("arclet ") && !/[<…]/.test(line));
  const scripts = typed.flatMap((line) => /^npm run (\S+)/.exec(line)?.[1] ?? []);

  test.runIf(ours.length > 0).each(ours)("%s", async (line) => {
    const [name, ...args] = words(line).slice(1);
    const entry = COMMANDS.find((one) => one.name === name);
    if (entry === undefined) throw new Error(`${name} is not a command`);
    if (args.length > 0) await accepted(entry, args);
  });

  test.runIf(scripts.length > 0)("npm's scripts are there", () => {
    const known = JSON.parse(readFileSync("package.json", "utf8")).scripts;
    for (const script of scripts) expect(known).toHaveProperty([script]);
  });
});

/** Reads a command's arguments as the frame does, up to where the command would run. */
async function accepted(entry: (typeof COMMANDS)[number], args: string[]): Promise<void> {
  const { schema: given, positionals = [] } = await entry.load();
  const chosen = (key: string) => chosenOnCommandLine(args, key);
  const schema = given instanceof z.ZodObject ? given : given(chosen);
  const program = new Commander(entry.name).exitOverride().configureOutput({ writeErr: () => {} });
  addFields(program, schema, positionals);
  program.option("--config <file>").option("--debug");
  program.action(() => {});
  program.parse(args, { from: "user" });
  resolveConfig(entry.name, schema, { flags: givenFlags(program, schema, positionals) });
}

test("a flag or value that a command does not know is not accepted", async () => {
  const simulate = COMMANDS.find(({ name }) => name === "simulate")!;
  await expect(accepted(simulate, ["x", "--survei", "hsc"])).rejects.toThrow(/unknown option/);
  await expect(accepted(simulate, ["x", "--survey", "sdss"])).rejects.toThrow(/survey/);
});
