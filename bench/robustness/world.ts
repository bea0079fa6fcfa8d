/** The folder of inputs that commands are disturbed on: made once by undisturbed commands, and copied for each. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { words } from "../../test/cli/words.ts";
import { AT } from "../../test/making/fetching/service.ts";
import { writeFrame } from "../../test/sky/frame.ts";
import { INPUTS } from "./cases.ts";
import type { Standing } from "./standing.ts";

const COUNT = 40;
const SMALL_RUN = "epochs: 1\nbatch: 16\nprecision: float32\n";

/** @throws an error with what a command said that did not end well */
export async function makeWorld(folder: string, standing: Standing): Promise<void> {
  if (existsSync(join(folder, "whole"))) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "survey"), { recursive: true });
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  writeFrames(folder);
  for (const line of INPUTS) {
    const { status, stderr } = await standing.run(words(line), folder);
    if (status !== 0) throw new Error(`${line}: ${stderr}`);
  }
  const idsOf = (name: string, column: number) =>
    readFileSync(join(folder, name), "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[column]!);
  const ids = idsOf("scores.csv", 0);
  cpSync(join(folder, "pictures", "images-00000.npy"), join(folder, "cutouts.npy"));
  write("table.csv", [
    "id,grade",
    ...Array.from({ length: COUNT }, (_, k) => `${ids[k] ?? `more-${k}`},${k % 4}`),
  ]);
  write("crowd.csv", ["id,crowd_p", ...ids.map((id, k) => `${id},${((k * 7) % 11) / 11}`)]);
  const people = ["ada", "bo", "cy"];
  const grades = ids.flatMap((id, k) =>
    people.map((who, j) => `${id},${who},${"XCBA"[(k + ((j * k) % 2)) % 4]}`),
  );
  write("grades.csv", ["id,grader,grade", ...grades]);
  write("sample-grades.csv", ["id,grade", ...idsOf("sample.csv", 1).map((id, k) => `${id},${k % 4}`)]);
  const places = Array.from({ length: 8 }, (_, k) => `p${k},${30 + (k - 4) * 1e-3},${-5 + (k % 3) * 1e-3}`);
  write("places.csv", ["id,ra,dec", ...places]);
  // Of the service's test: one is there, one is packed, one is outside the survey.
  write("sky.csv", ["id,ra,dec", `a,${AT.fine}.25,-2`, `b,${AT.gzipped}.25,-1`, `c,${AT.nowhere}.25,0`]);
  const parts = ["scores: ../scores.csv", "dataset: ../target", "sample: ../sample.csv"];
  write("survey/search.yaml", [...parts, "grades: ../sample-grades.csv", "positives: grade >= 2"]);
  write("base.yaml", [`${SMALL_RUN}cnn.widths: [4, 8]`]);
  write("spec.yaml", [
    "source: source\ntarget: target\nout: out\nseeds: [0]\nparallel: 1",
    "encoders: { small: { encoder: cnn, cnn.widths: [4, 8] } }\nmethods: { source-only: , mcc: }",
    "settings: { epochs: 1, batch: 16, precision: float32 }",
  ]);
  writeFileSync(join(folder, "whole"), "");
}

function writeFrames(folder: string): void {
  for (const band of ["g", "r"]) writeFrame(join(folder, `field_${band}.fits`));
}
