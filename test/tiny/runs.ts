/**
 * What tests of the command line begin with: datasets of tens of images and runs of an epoch. Each is made by its command
 * when the first test file asks for it; the others copy it.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, inject } from "vitest";
import { commandLine } from "../cli/arclet.ts";

/** Settings of a network and a training that take a second. */
export const SMALL =
  "--preset paper --encoder cnn --cnn.widths 4,8 --batch 16 --epochs 1 --precision float32";

interface Recipe {
  line: string;
  /** What the line reads. */
  of?: readonly Name[];
}

const CFHTLS = "--survey cfhtls --size 24";
const ALONE = `--method source-only ${SMALL}`;

const RECIPES = {
  source: { line: "simulate source --survey hsc --pixel-scale 0.187 --count 96 --size 24" },
  target: { line: "simulate target --count 96 --size 24 --seed 1 --test-fraction 0.5" },
  so: { line: `train source --out so ${ALONE}`, of: ["source"] },
  adda: {
    line: "train source target --preset paper --from so --out adda --adda.epochs 1",
    of: ["source", "target", "so"],
  },
  adabn: {
    line: "train source target --preset paper --from so --method adabn --out adabn",
    of: ["source", "target", "so"],
  },
  pictures: { line: `simulate pictures ${CFHTLS} --count 40` },
  "of-pictures": { line: `train pictures ${ALONE} --out of-pictures --preprocess unit`, of: ["pictures"] },
  flux: { line: `simulate flux ${CFHTLS} --count 40 --pixels flux` },
  "of-flux": { line: `train flux ${ALONE} --out of-flux --preprocess log`, of: ["flux"] },
  lsst: { line: "simulate lsst --survey lsst --size 32 --count 12 --pixels flux --seed 1" },
  coarse: {
    line: `simulate coarse ${CFHTLS} --pixel-scale 0.25 --count 24 --seed 2 --test-fraction 0.5`,
  },
} as const satisfies Record<string, { line: string; of?: readonly string[] }>;
type Name = keyof typeof RECIPES;

/** A folder of the calling file's own that holds these, under their names. */
export function folderWith(...names: readonly Name[]): string {
  const folder = mkdtempSync(join(tmpdir(), "arclet-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of names) {
    const shared = inject("tiny");
    if (!existsSync(marker(name))) alone(shared, () => make(name));
    cpSync(join(shared, name), join(folder, name), { recursive: true });
  }
  return folder;
}

/** Says that a folder is there and whole: a run's folder is there while it trains. */
const marker = (name: Name) => join(inject("tiny"), `${name}.whole`);

function make(name: Name): void {
  if (existsSync(marker(name))) return;
  const { line, of = [] }: Recipe = RECIPES[name];
  for (const part of of) make(part);
  commandLine(inject("tiny")).done(line);
  writeFileSync(marker(name), "");
}

/** Runs `work` when no other test file does. */
function alone(folder: string, work: () => void): void {
  const lock = join(folder, "lock");
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
  try {
    work();
  } finally {
    rmdirSync(lock);
  }
}
