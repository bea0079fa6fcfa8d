/**
 * Makes the finders that come along, from nothing: run.sh beside it. For each, in a folder of its own: simulates the source and
 * a test of other objects, trains on the source alone, opens the test, writes model and card. A step that is complete is kept,
 * an interrupted one resumed by the same command.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { flagOf } from "../../src/cli/options.ts";
import { line } from "../../src/foundation/command-line.ts";
import { ArcletError } from "../../src/foundation/errors.ts";
import { writeFileWhole } from "../../src/foundation/files.ts";
import { cardYaml } from "../../src/train/finders/card.ts";
import { CARD_FILE } from "../../src/train/finders/finders.ts";
import { MODEL_FILE } from "../../src/train/model.ts";
import { cardOf } from "./card.ts";
import { type FinderSettings, requested } from "./settings.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "bin", "arclet.mjs");
/** A finder in the package may take this many bytes. */
const MOST_BYTES = 4e6;
const VAL_FRACTION = 0.1;
/** In a finder's scratch folder: the commands that make it. */
const COMMANDS_FILE = "commands.txt";

type Flags = Record<string, string | number | boolean | readonly string[]>;

const worded = (flags: Flags): string[] =>
  Object.entries(flags).flatMap(([key, value]) =>
    value === true ? [flagOf(key)] : [flagOf(key), Array.isArray(value) ? value.join(",") : String(value)],
  );

/** Another finder's model, as seen from a finder's scratch folder. */
const modelOf = (name: string): string => join("..", name, "run", MODEL_FILE);

/** A finder's runs, in order; the last is what it is. */
const runsOf = ({ real }: FinderSettings): string[] => real?.runs ?? ["run"];

/** The commands of a finder, by step, as they are typed in its scratch folder. */
function commandsOf(finder: FinderSettings): Record<"source" | "test" | "run" | "judged", string[]> {
  const { survey, bands, size, pixels, recipe, seed, simulate, count, testCount } = finder;
  const images = { survey, pixels, bands, size, recipe, ...simulate };
  const test = { prevalence: finder.testPrevalence, valFraction: 0, testFraction: 0.95, seed: seed + 1000 };
  const train = Math.round(count * (1 - VAL_FRACTION));
  const learning = {
    method: "source-only",
    preset: "survey",
    epochs: Math.max(1, Math.ceil(finder.imagesSeen / train)),
    seed,
    ...(finder.encoderFrom === undefined ? {} : { weights: modelOf(finder.encoderFrom) }),
    ...finder.train,
  };
  const source = { prevalence: finder.prevalence, valFraction: VAL_FRACTION, count, seed };
  return {
    source: ["simulate", "source", ...worded({ ...images, ...source })],
    test: ["simulate", "test", ...worded({ ...images, ...test, count: testCount })],
    run: ["train", "source", "--out", "run", ...worded(learning)],
    judged: [
      "evaluate",
      runsOf(finder).at(-1)!,
      "--data",
      "test",
      "--out",
      "judged",
      "--name",
      `simulated ${survey}`,
    ],
  };
}

function arclet(words: readonly string[], cwd: string): void {
  console.log(`$ ${line(words)}`);
  const { status } = spawnSync(process.execPath, [program, ...words], { cwd, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * Holds a scratch folder to the commands that it was begun with: what is there of others would be taken for theirs.
 *
 * @throws ArcletError when they are other ones
 */
function bind(folder: string, commands: readonly string[][]): void {
  const path = join(folder, COMMANDS_FILE);
  const now = `${commands.map(line).join("\n")}\n`;
  if (!existsSync(path)) writeFileWhole(path, now);
  if (readFileSync(path, "utf8") !== now)
    throw new ArcletError({
      where: folder,
      code: "conflict",
      problem: `was begun with other settings, which ${COMMANDS_FILE} there lists`,
      fix: "give another --scratch, or remove that folder",
    });
}

/** The folder that a command makes: `--out`'s, or the first that it names. */
const madeBy = (command: readonly string[]): string =>
  command.includes("--out") ? command[command.indexOf("--out") + 1]! : command[1]!;

/**
 * Makes a finder that learns from real cutouts too: its target, then what its commands make, in its scratch folder.
 *
 * @throws ArcletError when no real cutouts are given
 */
function onRealSky(finder: FinderSettings, folder: string, data: string | null): void {
  const { real } = finder;
  if (real === undefined || existsSync(join(folder, real.runs.at(-1)!, MODEL_FILE))) return;
  if (data === null)
    throw new ArcletError({
      where: finder.name,
      code: "missing",
      problem: "learns from real cutouts, which are not in the repository",
      fix: "give --data their folder",
    });
  const script = `source ${line([join(root, real.target)])}`;
  const env = { ...process.env, arclet: `node ${program}`, data };
  const { status } = spawnSync("bash", ["-euo", "pipefail", "-c", script], {
    cwd: folder,
    env,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  for (const words of real.commands) {
    const made = join(folder, madeBy(words));
    const isRun = words[0] === "train";
    if (existsSync(join(made, isRun ? MODEL_FILE : "dataset.json"))) continue;
    const begun = isRun && existsSync(join(made, "config.json"));
    arclet([...words.map((word) => word.replace("{root}", root)), ...(begun ? ["--resume"] : [])], folder);
  }
}

async function make(
  finder: FinderSettings,
  scratch: string,
  out: string,
  data: string | null,
): Promise<void> {
  const folder = join(scratch, finder.name);
  mkdirSync(folder, { recursive: true });
  const at = (name: string) => join(folder, name);
  const commands = commandsOf(finder);
  const { source, test, run, judged } = commands;
  const all = [source, test, ...(finder.real?.commands ?? [run]), judged];
  bind(folder, all);
  const { encoderFrom } = finder;
  if (finder.real === undefined && encoderFrom !== undefined && !existsSync(at(modelOf(encoderFrom))))
    throw new ArcletError({
      where: folder,
      code: "missing",
      problem: `its training begins with the encoder of ${encoderFrom}, which is not made yet`,
      fix: `first make it: --survey ${encoderFrom} --scratch ${scratch}`,
    });
  console.log(`\n${finder.name}, in ${folder}`);
  for (const name of ["source", "test"] as const)
    if (!existsSync(at(`${name}/dataset.json`))) arclet(commands[name], folder);
  if (finder.real === undefined && !existsSync(at(`run/${MODEL_FILE}`)))
    arclet([...commands.run, ...(existsSync(at("run/config.json")) ? ["--resume"] : [])], folder);
  onRealSky(finder, folder, data);
  if (!existsSync(at("judged/metrics.json"))) arclet(judged, folder);
  const runs = runsOf(finder);
  const model = at(`${runs.at(-1)}/${MODEL_FILE}`);
  const bytes = statSync(model).size;
  if (bytes > MOST_BYTES)
    throw new ArcletError({
      where: model,
      code: "too-large",
      problem: `takes ${bytes} bytes, and a finder may take ${MOST_BYTES}`,
    });
  const typed = all.map((words) => line(words.map((word) => word.replace("{root}/", ""))));
  const card = await cardOf(finder, folder, runs, typed);
  mkdirSync(join(out, finder.name), { recursive: true });
  copyFileSync(model, join(out, finder.name, MODEL_FILE));
  writeFileWhole(join(out, finder.name, CARD_FILE), cardYaml(card));
  const { value, low, high } = card.figures[0]!.auroc;
  console.log(
    `${join(out, finder.name)}: ${bytes} bytes, AUROC ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`,
  );
}

try {
  const { finders, scratch, out, data } = requested(process.argv.slice(2), process.env.SMALL === "1");
  for (const finder of finders) await make(finder, scratch, out, data);
} catch (error) {
  if (!(error instanceof ArcletError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
