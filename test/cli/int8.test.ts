/** `arclet export-model --int8` and `score --precision int8`: scores in 8 bits, and what is refused. */
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openUnlabelled } from "../../src/dataset/unlabelled.ts";
import { predictRowsInt8 } from "../../src/evaluate/int8/score.ts";
import { hasVnni } from "../../src/evaluate/int8/vnni.ts";
import { rankCorrelation } from "../../src/evaluate/rank-correlation.ts";
import { loadModel } from "../../src/train/model.ts";
import { predictRows } from "../../src/train/predict.ts";
import { runtime } from "../onnx/both.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

describe.skipIf(!runtime)("with ONNX Runtime", () => {
  const folder = folderWith("source", "target", "so", "flux", "coarse");
  const at = (...names: string[]) => join(folder, ...names);
  const { done, refused } = commandLine(folder);
  const rows = (file: string) =>
    readFileSync(at(file), "utf8")
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(","))
      .sort(([a], [b]) => (a! < b! ? -1 : 1));
  const column = (file: string, k: number) => rows(file).map((row) => Number(row[k]));

  test("a run in 8 bits lies in its folder, and scores as float32 does", async () => {
    const { stdout } = done("export-model so --int8 so/model-int8.onnx --calibrate source");
    expect(stdout).toMatch(/so\/model-int8\.onnx: 2 convolutions in 8 bits\n/);
    expect(stdout).toMatch(
      /on \d+ held-out images AUROC [\d.]+ \(float32 [\d.]+\), rank correlation (?:0\.999\d\d|1\.00000)\n/,
    );
    const record = JSON.parse(readFileSync(at("so", "model-int8.json"), "utf8"));
    expect(record.calibrated + record.heldOut).toBe(96);
    expect(record.rankCorrelation).toBeGreaterThanOrEqual(0.999);
    expect(record.auroc.float32 - record.auroc.int8).toBeLessThanOrEqual(0.002);
    expect(record.imagesPerSecond.int8).toBeGreaterThan(0);
    const { stdout: said } = done("score target so --precision int8 --out int8.csv");
    expect(said).toMatch(
      hasVnni()
        ? /so: precision int8 \(.*model-int8\.onnx: rank correlation [\d.]+ with float32 on \d+ images\)/
        : /so: precision float32: this processor has no VNNI/,
    );
    done("score target so --out float32.csv");
    expect(rows("int8.csv").map(([id]) => id)).toEqual(rows("float32.csv").map(([id]) => id));
    const [small, exact] = [column("int8.csv", 2), column("float32.csv", 2)];
    expect(rankCorrelation(small, exact)).toBeGreaterThan(0.995);
    if (hasVnni()) expect(small).not.toEqual(exact);
  });

  test("a record that a killed program left without its model is written again, another JSON file is not", () => {
    rmSync(at("so", "model-int8.onnx"));
    done("export-model so --int8 so/model-int8.onnx --calibrate source");
    writeFileSync(at("mine.json"), "{}");
    refused(
      /--int8 must be a name that is not taken, got "mine\.json"/,
      "export-model so --int8 mine.onnx --calibrate source",
    );
    expect(readFileSync(at("mine.json"), "utf8")).toBe("{}");
  });

  test("a processor without VNNI uses float32, and says so", async () => {
    const model = loadModel(at("so"), "cpu");
    const domain = await openUnlabelled(at("target"));
    const few = domain.rows().slice(0, 5);
    const tick = () => {};
    const { predictions, note } = await predictRowsInt8(
      model,
      at("so", "model-int8.onnx"),
      domain,
      few,
      tick,
      undefined,
      false,
    );
    expect(note).toMatch(/^precision float32: this processor has no VNNI/);
    expect(predictions.logits).toEqual((await predictRows(model, domain, few)).logits);
    domain.close();
    model.network.dispose();
  });

  test("what belongs to another model, was changed, or whose data have changed is refused", () => {
    cpSync(at("so"), at("other"), { recursive: true });
    const line = "score target other --precision int8 --out no.csv";
    const record = readFileSync(at("so", "model-int8.json"), "utf8");
    const changed = (key: string, to: string) =>
      writeFileSync(
        at("other", "model-int8.json"),
        record.replace(new RegExp(`"${key}": "[^"]*"`), `"${key}": "${to}"`),
      );
    changed("model", "0".repeat(64));
    refused(/model-int8\.onnx: was made of another model than .*; quantise the model again/, line);
    changed("contentHash", "0".repeat(64));
    refused(/model-int8\.onnx: was calibrated on .*source, which has changed since/, line);
    changed("model", JSON.parse(record).model);
    const bytes = readFileSync(at("so", "model-int8.onnx"));
    bytes[bytes.length - 40]! ^= 4;
    writeFileSync(at("other", "model-int8.onnx"), bytes);
    refused(/model-int8\.onnx: is not the file that .*model-int8\.json describes/, line);
    expect(existsSync(at("no.csv"))).toBe(false);
  });

  test("what can't be quantised, or scored so, is refused in one line", () => {
    const to = "export-model so --int8 no.onnx --calibrate";
    refused(/has pixels flux, the model was made for display/, `${to} flux`);
    refused(/has a pixel scale of 0\.25 arcsec, the model was made for 0\.187/, `${to} coarse`);
    refused(/rows must be at least 64 of the splits train and val, got 54/, `${to} target`);
    refused(/--calibrate is missing; it must be the dataset/, "export-model so --int8 no.onnx");
    refused(
      /--calibrate must be left out without --int8/,
      "export-model so --onnx no.onnx --calibrate source",
    );
    refused(/--onnx is missing; it must be given, or --int8 with --calibrate/, "export-model so");
    refused(
      /int8 must be a name that is not taken/,
      "export-model so --int8 so/model-int8.onnx --calibrate source",
    );
    refused(/absent\.onnx: is not there/, "score target so --precision int8 --int8 absent.onnx --out no.csv");
    refused(/int8 must be left out, but with --precision int8/, "score target so --int8 a.onnx --out no.csv");
    refused(/int8 must be 1 files, one a model/, "score target so --precision int8 --int8 a,b --out no.csv");
    expect(existsSync(at("no.onnx"))).toBe(false);
  });
});
