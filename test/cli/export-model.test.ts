/** `arclet export-model`: an ONNX file that gives what `score` writes, and what is refused. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NpyReader } from "../../src/dataset/npy.ts";
import { onnxMetadata } from "../../src/onnx/messages.ts";
import { type Floats, OnnxSession } from "../../src/onnx/runtime.ts";
import { runtime } from "../onnx/both.ts";
import { folderWith } from "../tiny/runs.ts";
import { commandLine } from "./arclet.ts";

const folder = folderWith("target", "so", "flux", "of-flux", "pictures", "of-pictures");
const at = (...names: string[]) => join(folder, ...names);
const { done, refused } = commandLine(folder);

/** An array file, in float32. */
function npy(...names: string[]): Floats {
  const reader = new NpyReader(at(...names));
  try {
    return { data: Float32Array.from(reader.read(0, reader.length)), shape: reader.header.shape };
  } finally {
    reader.close();
  }
}

/** A score table's column, by id. */
function columnOf(file: string, name: string): Map<string, number> {
  const [head, ...rows] = readFileSync(at(file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  const [id, column] = ["id", name].map((key) => head!.indexOf(key)) as [number, number];
  return new Map(rows.map((row) => [row[id]!, Number(row[column])]));
}

async function outputsOf(file: string, images: Floats): Promise<Record<string, Floats>> {
  const session = await OnnxSession.open(file, at(file));
  try {
    return await session.run(images);
  } finally {
    await session.close();
  }
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe.each([
  ["target", "so", "--calibration isotonic"],
  ["flux", "of-flux", "--prior 0.97,0.03"],
  ["pictures", "of-pictures", "--calibration temperature"],
])("%s by %s %s", (data, run, flags) => {
  test.skipIf(!runtime)(
    "stored pixels give the scores and calibrated probabilities that score writes",
    async () => {
      const onnx = `${run}.onnx`;
      const { stdout } = done(`export-model ${run} --onnx ${onnx} ${flags}`);
      expect(stdout).toMatch(
        new RegExp(`^${run}.onnx: ONNX opset 17, [\\d.]+ MiB, outputs logits, score, calibrated\n`),
      );
      expect(stdout).toMatch(/ONNX Runtime gives the outputs in .*-test to [\d.e-]+\n$/);
      done(`score ${data} ${run} --prior-from none ${flags} --out ${run}.csv`);
      const images = npy(data, "images-00000.npy");
      const made = await outputsOf(onnx, images);
      done(`export ${data}/table.parquet --out ${data}.csv`);
      const ids = readFileSync(at(`${data}.csv`), "utf8")
        .trimEnd()
        .split("\n")
        .slice(1);
      for (const name of ["score", "calibrated"]) {
        const wanted = columnOf(`${run}.csv`, name);
        const expected = ids.map((line) => wanted.get(line.split(",")[0]!)!);
        expect(expected.length).toBe(images.shape[0]);
        expect(largest(expected, made[name]!.data), name).toBeLessThan(1e-4);
      }
    },
  );
});

test.skipIf(!runtime)(
  "beside it are a test input and its outputs, the last map among them where it is asked for",
  async () => {
    done("export-model so --onnx mapped.onnx --map");
    expect(readdirSync(at("mapped-test")).sort()).toEqual(
      ["calibrated", "images", "logits", "map", "score"].map((name) => `${name}.npy`),
    );
    const made = await outputsOf("mapped.onnx", npy("mapped-test", "images.npy"));
    for (const [name, { data, shape }] of Object.entries(made)) {
      const saved = npy("mapped-test", `${name}.npy`);
      expect(saved.shape, name).toEqual(shape);
      expect(largest(saved.data, data), name).toBeLessThan(1e-4);
    }
    expect(made.map!.shape).toEqual([4, 8, 12, 12]);
  },
);

test("its metadata say what images it takes, and what made it", () => {
  done("export-model so --onnx about.onnx --positive not-lens");
  const about = onnxMetadata(readFileSync(at("about.onnx")));
  expect(about).toMatchObject({
    bands: '["i","r","g"]',
    pixel_scale: "0.187",
    size: "[24,24]",
    pixels: "display",
    classes: '["not-lens","lens"]',
    positive: "not-lens",
    method: "source-only",
  });
  expect(about.model_sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(about.calibration).toMatch(/^bias-corrected temperature [\d.]+$/);
  expect(JSON.parse(about.prior!)).toEqual(JSON.parse(about.source_prior!));
  expect(about).not.toHaveProperty("card");
});

test("a finder that comes along is exported by its name, with its card", () => {
  done("export-model euclid --onnx finder.onnx");
  const { card, zero_point } = onnxMetadata(readFileSync(at("finder.onnx")));
  expect(card).toMatch(/^format: 1\nname: euclid\n/);
  expect(card).toContain(`zeroPoint: ${zero_point}\n`);
});

const python = "/usr/bin/python3";
const checker = spawnSync(python, ["-c", "import onnx"]).status === 0;
test.skipIf(!checker)("Python's onnx finds nothing wrong with it (needs Debian's python3-onnx)", () => {
  done("export-model so --onnx checked.onnx --map");
  const script =
    "import onnx,sys; m=onnx.load(sys.argv[1]); onnx.checker.check_model(m, full_check=True); " +
    "d=m.graph.input[0].type.tensor_type.shape.dim; print(d[0].dim_param, [x.dim_value for x in d[1:]])";
  const { status, stdout, stderr } = spawnSync(python, ["-c", script, at("checked.onnx")], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout).toBe("batch [3, 24, 24]\n");
  expect(status).toBe(0);
});

test("killed between the folder of its test and the file, the same command ends; another's folder is refused", () => {
  const line = "export-model so --onnx cut.onnx";
  done(line);
  const bytes = readFileSync(at("cut.onnx"));
  const names = readdirSync(at("cut-test"));
  rmSync(at("cut.onnx"));
  done(line);
  expect(readFileSync(at("cut.onnx")).equals(bytes)).toBe(true);
  expect(readdirSync(at("cut-test"))).toEqual(names);
  rmSync(at("cut.onnx"));
  writeFileSync(at("cut-test", "mine.txt"), "notes");
  refused(/onnx must be a name that is not taken, got "cut-test"/, line);
  rmSync(at("cut-test"), { recursive: true });
  writeFileSync(at("cut-test"), "a file");
  refused(/onnx must be a name that is not taken, got "cut-test"/, line);
  expect(readdirSync(folder).filter((name) => name.startsWith("cut"))).toEqual(["cut-test"]);
});

test("what can't be exported is refused in one line, and nothing is left", () => {
  refused(/onnx must be a file that ends in \.onnx, got "so\.pb"/, "export-model so --onnx so.pb");
  refused(
    /--prior must be 2 shares \(not-lens, lens\) with sum 1/,
    "export-model so --onnx no.onnx --prior 0.5,0.2",
  );
  refused(
    /class must be one of not-lens, lens, got "ring"/,
    "export-model so --onnx no.onnx --positive ring",
  );
  writeFileSync(at("there.onnx"), "");
  refused(/onnx must be a name that is not taken, got "there\.onnx"/, "export-model so --onnx there.onnx");
  refused(/target: .*has no model\.safetensors/, "export-model target --onnx no.onnx");
  expect(existsSync(at("no.onnx"))).toBe(false);
  expect(existsSync(at("no-test"))).toBe(false);
});
