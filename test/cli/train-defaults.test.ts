/** What `train` does when it isn't told how: the preset survey, a method by the data, and an older run's own settings. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("source", "target", "so", "adda");
const { done, refused } = commandLine(folder);
const configOf = (run: string) => JSON.parse(readFileSync(join(folder, run, "config.json"), "utf8"));
const QUICK = "--encoder cnn --cnn.widths 4,8 --epochs 1 --steps-per-epoch 2 --precision float32";

test("with a target: the source first, then AdaMatch, in one folder; it says so, and what prior it expects", () => {
  const { stdout } = done(`train source target ${QUICK} --out both`);
  expect(stdout).toMatch(
    /^method: adamatch, the default with a target: best on real sky .*; first the source alone, 1 epochs, then both domains$/m,
  );
  expect(stdout).toMatch(/^prior: not-lens 0.99, lens 0.01, the preset's; --prior gives the shares/m);
  const { values, resolved } = configOf("both");
  expect(values).toMatchObject({ method: "adamatch", preset: "survey", lr: 2e-3, adamatch: { window: 8 } });
  expect(resolved.phases).toEqual([
    { name: "source", epochs: 1, stepsPerEpoch: 2 },
    { name: "adapt", epochs: 2, stepsPerEpoch: 2 },
  ]);
  expect(done(`train source target ${QUICK} --prior 0.9,0.1 --out given`).stdout).not.toMatch(/^prior:/m);
});

test("without a target it learns the source", () => {
  const { stdout } = done(`train source ${QUICK} --out alone`);
  expect(stdout).toMatch(/^method: source-only, as there is no target to adapt to$/m);
  expect(configOf("alone").values).toMatchObject({ method: "source-only", target: null });
  expect(configOf("alone").values).not.toHaveProperty("adamatch");
  expect(done(`train source ${QUICK} --out alone --resume`).stdout).not.toMatch(/^method:/m);
  refused(
    /<target> must be given \(adamatch adapts to it\)/,
    `train source ${QUICK} --adamatch.tau 1 --out x`,
  );
});

test("from a run: no phase on the source, the settings that suit the run's encoder", () => {
  const { stdout } = done("train source target --from so --adapt-steps 1 --precision float32 --out from-so");
  expect(stdout).toMatch(/^method: adamatch, .*; starting from so$/m);
  const { values, resolved } = configOf("from-so");
  expect(values).toMatchObject({ encoder: "cnn", adamatch: { lr: 3e-4 } });
  expect(resolved.phases).toEqual([{ name: "adapt", epochs: 2, stepsPerEpoch: 1 }]);
});

test("a run of an earlier version is resumed with its own method and preset, named or not", () => {
  const line = "train source target --from so --out adda --adda.epochs 1 --resume";
  done(line);
  const config = configOf("adda");
  expect(config.values).toMatchObject({ method: "adda", preset: "paper" });
  // Before there were presets.
  const { preset: _, adaptSteps: __, ...values } = config.values;
  const { preset: ___, adaptSteps: ____, ...origin } = config.origin;
  writeFileSync(join(folder, "adda", "config.json"), JSON.stringify({ ...config, values, origin }));
  done(line);
  refused(/adda: was trained with lr 0.001, now 0.0001/, `${line} --preset deeplense`);
});
