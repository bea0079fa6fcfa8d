/** The frame that all commands share: help, errors, the configuration file, exit codes. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { STAGES } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { slow } from "../slow.ts";
import { arclet, ownProcess } from "./arclet.ts";

slow("a test types up to a dozen commands, and every command is started once");

const folder = mkdtempSync(join(tmpdir(), "arclet-frame-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("--help lists every command and exits 0, and so does no argument at all", () => {
  const help = arclet("--help");
  expect(help).toMatchObject({ status: 0, stderr: "" });
  for (const { name, summary } of COMMANDS) {
    expect(help.stdout).toContain(name);
    expect(help.stdout.replace(/\s+/g, " ")).toContain(summary);
  }
  expect(arclet()).toEqual(help);
});

test.each(COMMANDS)("$name --help exits 0 and ends with an example of it", async ({ name, load }) => {
  const help = ownProcess([name, "--help"], folder);
  expect(help).toMatchObject({ status: 0, stderr: "" });
  expect(arclet(name, "--help")).toEqual(help);
  const { example } = await load();
  expect(help.stdout).toMatch(/\nExample:\n/);
  expect(help.stdout.endsWith(`\nExample:\n  ${example}\n`)).toBe(true);
  expect(example).toMatch(new RegExp(`^ *arclet ${name}\\b`, "m"));
});

test("the commands are listed by stage, those to start with first", () => {
  const { stdout } = arclet("--help");
  const headings = [...stdout.matchAll(/^([A-Z][a-z ]+):/gm)].map(([, heading]) => heading);
  expect(headings.filter((heading) => (STAGES as readonly string[]).includes(heading!))).toEqual([...STAGES]);
  expect(stdout.indexOf("  demo")).toBeLessThan(stdout.indexOf("  simulate"));
});

test("a long help begins with the basics, and --help-all has every setting under a heading", () => {
  const brief = arclet("train", "--help").stdout;
  const all = arclet("train", "--help-all").stdout;
  expect(brief.split("\n").length).toBeLessThan(100);
  for (const flag of ["--out", "--method", "--epochs", "--from", "--help-all"])
    expect(brief).toContain(`  ${flag}`);
  for (const flag of ["--strong.", "--clip", "--adamatch.lr", "--equivariant.group"]) {
    expect(brief).not.toContain(`  ${flag}`);
    expect(all).toContain(`  ${flag}`);
  }
  expect(all.indexOf("The run:")).toBeLessThan(all.indexOf("Settings of adamatch:"));
  expect(all).not.toContain("Other settings:");
  // A method that is chosen shows its own settings.
  expect(arclet("train", "--method", "dann", "--help").stdout).toContain("  --dann.");
});

test("a method's setting with another method says whose it is", () => {
  for (const flag of ["--adda.lr", "--adda-lr"])
    expect(arclet("train", "a", "b", "--method", "dann", flag, "0.1").stderr).toBe(
      `arclet: train: ${flag} is a setting of adda, and --method is dann; arclet methods dann lists its own\n`,
    );
  for (const text of ["method: dann\nadda:\n  lr: 0.1\n", "method: dann\nadda.lr: 0.1\n"])
    expect(arclet("train", "a", "b", "--config", file("other-method.yaml", text)).stderr).toMatch(
      /other-method\.yaml line [23]: adda(\.lr)? is a setting of adda, and --method is dann;/,
    );
  expect(arclet("train", "a", "b", "--cnn.widths", "4,8").stderr).toMatch(
    /--cnn\.widths is a setting of cnn, and --encoder is equivariant;/,
  );
});

test("help COMMAND is COMMAND --help", () => {
  expect(arclet("help", "doctor")).toEqual(arclet("doctor", "--help"));
});

test("--version prints the package's version", () => {
  expect(arclet("--version")).toEqual({ status: 0, stdout: "0.2.0\n", stderr: "" });
});

test("an unknown command is one line with the nearest name", () => {
  expect(arclet("docter")).toEqual({
    status: 2,
    stdout: "",
    stderr: "arclet: docter is not a command, did you mean doctor?\n",
  });
  const suggestions = { trian: "train", evalaute: "evaluate", sim: "simulate", scroe: "score" };
  for (const [typed, meant] of Object.entries(suggestions))
    expect(arclet(typed).stderr).toBe(`arclet: ${typed} is not a command, did you mean ${meant}?\n`);
  expect(arclet("qqqqqq").stderr).toBe("arclet: qqqqqq is not a command; arclet --help lists the commands\n");
});

test("an unknown option is one line with the nearest one", () => {
  const stderr = "arclet: doctor: --jsn is not an option, did you mean --json?\n";
  expect(arclet("doctor", "--jsn")).toEqual({ status: 2, stdout: "", stderr });
  expect(arclet("doctor", "--qqqqqq=3").stderr).toBe(
    "arclet: doctor: --qqqqqq is not an option; arclet doctor --help lists them\n",
  );
  expect(arclet("--jsn").stderr).toBe("arclet: --jsn is not an option; arclet --help lists them\n");
});

test("a wrong setting is named as it was typed: a flag, or a file's key with its line", () => {
  expect(arclet("train", "a", "--method", "adaa").stderr).toMatch(
    /^arclet: train: --method must be one of .*, got "adaa", did you mean adda\?\n$/,
  );
  const wrong = file("method.yaml", "lr: 0.1\nmethod: adaa\n");
  expect(arclet("train", "a", "--config", wrong).stderr).toMatch(
    /^arclet: .*method\.yaml line 2: method must be one of .*, got "adaa", did you mean adda\?\n$/,
  );
  const fold = file("fold.yaml", "folds: 3\nfold: 3\n");
  expect(arclet("split", "a", "--out", "b", "--config", fold).stderr).toBe(
    `arclet: ${fold} line 2: fold must be 0 to 2, got 3\n`,
  );
  expect(arclet("split", "a", "--out", "b", "--folds", "3", "--fold", "3").stderr).toBe(
    "arclet: split: --fold must be 0 to 2, got 3\n",
  );
  expect(arclet("simulate", "--out", "b").stderr).toBe(
    "arclet: simulate: --out is given without a flag: arclet simulate <out>\n",
  );
  expect(arclet("split", "--folds", "3").stderr).toMatch(
    /^arclet: split: <dataset> is missing; it must be text: .*\n$/,
  );
});

test("what others wrote reaches the terminal escaped, and no password does", () => {
  const keys = file("esc.yaml", '"\\e[31mcount\\e]0;owned\\a\\u202e": 20\n');
  expect(arclet("simulate", "x", "--config", keys).stderr).toBe(
    `arclet: ${keys} line 1: \\x1b[31mcount\\x1b]0;owned\\x07\\u202e is not known\n`,
  );
  const table = file("esc.csv", "id,score\n\x1b[31mX,1\n");
  expect(arclet("export", table, "--out", "\x1b]0;own\x07.xyz").stderr).toMatch(
    /^arclet: write: table must be a file that ends in .*, got "\\u001b\]0;own\\u0007\.xyz"\n$/,
  );
  expect(arclet("train", "https://me:secret@host/data", "--out", "x").stderr).not.toContain("secret");
});

test("an option without its value is one line", () => {
  const stderr = "arclet: doctor: --config needs a value\n";
  expect(arclet("doctor", "--config")).toEqual({ status: 2, stdout: "", stderr });
});

test("an argument too many is one line", () => {
  const { status, stderr } = arclet("doctor", "extra");
  expect(status).toBe(2);
  expect(stderr).toBe("arclet: doctor: too many arguments: extra (it takes none)\n");
});

test("the errors of a configuration file name the file", () => {
  const wrong = file("wrong.yaml", "json: 3\n");
  expect(arclet("doctor", "--config", wrong).stderr).toBe(
    `arclet: ${wrong} line 1: json must be yes/no, got 3\n`,
  );
  const unknown = file("unknown.yaml", "jsn: true\n");
  expect(arclet("doctor", `--config=${unknown}`).stderr).toBe(
    `arclet: ${unknown} line 1: jsn is not known, did you mean json?\n`,
  );
  const broken = file("broken.yaml", "json: true\nother: [1,\n");
  const run = arclet("doctor", "--config", broken);
  expect(run.status).toBe(2);
  expect(run.stderr).toMatch(/^arclet: .*broken\.yaml line \d+: not valid YAML \(.*\)\n$/);
  const list = file("list.yaml", "- 1\n");
  expect(arclet("doctor", "--config", list).stderr).toBe(
    `arclet: ${list}: the file must be keys and values, got [1]\n`,
  );
  const gone = join(folder, "gone.yaml");
  expect(arclet("doctor", "--config", gone).stderr).toBe(`arclet: ${gone}: no such file or folder\n`);
});

test("--debug adds where an error came from", () => {
  const { status, stderr } = arclet("--debug", "doctor", "--config", join(folder, "gone.yaml"));
  expect(status).toBe(2);
  expect(stderr.split("\n")[0]).toMatch(/no such file or folder$/);
  expect(stderr).toMatch(/\n {4}at (Module\.)?readConfigFile /);
  expect(stderr).toContain("caused by Error: ENOENT");
});

test("a reader that stops early is no error", () => {
  const line = "set -o pipefail; node bin/arclet.mjs doctor --help | head -n 1";
  const { status, stdout, stderr } = spawnSync("bash", ["-c", line], { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: "Usage: arclet doctor [options]\n",
    stderr: "",
  });
});
