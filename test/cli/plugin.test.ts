/** `--plugin`: a method, an encoder, a validator, a survey and a preprocessing of a folder that knows nothing of Arclet. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileHash } from "../../src/dataset/hash.ts";
import { writeSource, writeTarget } from "../tiny/domains.ts";
import { commandLine } from "./arclet.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-plugin-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { arclet, done, refused } = commandLine(folder);
const at = (...path: string[]) => join(folder, ...path);
function write(name: string, text: string): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}
const json = (...path: string[]) => JSON.parse(readFileSync(at(...path), "utf8"));

/** The plug-in of the guide, in TypeScript; and without its types, which are few. */
const guide = readFileSync(fileURLToPath(new URL("../../docs/method.md", import.meta.url)), "utf8");
const typed = /^```ts file=feature-mean\.ts\n([\s\S]*?)^```$/m.exec(guide)![1]!;
const script = typed.replace(/^import type .*\n/m, "").replace(/: Tensor\b/g, "");

const TINY =
  "--encoder cnn --cnn.widths 4,6 --head.width 5 --epochs 1 --batch 8 --lr 0.01 --precision float32";
const MEAN = "--method feature-mean --feature-mean.epochs 1 --feature-mean.batch 6";

/** Everything else that a plug-in may bring. */
const ALL = `
import { about, kindOf } from "arclet/dataset";
import { ConvEncoder, encoderEntryOf } from "arclet/encoders";
import { BatchNorm, Conv2d } from "arclet/nn";
import { definePlugin } from "arclet/plugins";
import { tidy } from "arclet/torch";
import { z } from "zod";

class Single extends ConvEncoder {
  constructor({ width }, { channels, generator }) {
    super();
    this.features = width;
    this.conv = this.child("conv", new Conv2d(channels, width, 3, generator, { padding: 1 }));
    this.norm = this.child("norm", new BatchNorm(width));
  }
  featureMap(x) {
    return this.conv.normed(x, this.norm).relu();
  }
  blockNames() {
    return [["conv", "norm"]];
  }
}
const single = encoderEntryOf({
  name: "single",
  summary: "one convolution",
  paper: "",
  map: "the map of its one convolution",
  config: z.object({ width: z.number().int().min(1).default(6).describe("channels") }),
  tuning: { width: "fixed" },
  build: (config, context) => new Single(config, context),
});
const margin = {
  name: "margin",
  summary: "mean of the target's greatest probability",
  paper: "",
  needsTarget: true,
  score: ({ targetLogits }) => tidy(() => targetLogits.to("float64").softmax(1).max(1).mean().item()),
};
const half = kindOf({
  schema: z.strictObject({ kind: z.literal("half"), ...about }),
  summary: "x / 512",
  pixels: "any",
  takes: [],
  fit: () => ({}),
  apply: (_, x) => x.div(512),
});
const backyard = {
  name: "backyard",
  title: "A telescope in the garden",
  source: "Doe et al. 2024",
  pixelScale: 0.5,
  zeroPoint: 25,
  moffatBeta: 3,
  bands: [{ name: "r", seeing: 2, skySigma: 0.5, skyBrightness: 20 }],
  display: { bands: ["r"], scales: [1], Q: 1, alpha: 0.5 },
};
export default definePlugin({
  name: "all-of-it",
  encoders: [single],
  validators: [margin],
  surveys: [backyard],
  preprocessings: [half],
});
`;

beforeAll(async () => {
  await writeSource(folder);
  await writeTarget(folder);
  await writeSource(folder, { name: "tested", offset: 7, split: () => "test" });
  write("feature-mean.ts", typed);
  write("feature-mean.mjs", script);
  write("all.mjs", ALL);
  write(
    "base.yaml",
    "cnn.widths: [4, 6]\nhead.width: 5\nepochs: 1\nbatch: 8\nprecision: float32\nfeatureMean.batch: 6\nfeatureMean.epochs: 1\n",
  );
});

test.each(["feature-mean.ts", "feature-mean.mjs"])(
  "%s: the method is listed, explained and in the help of train",
  (file) => {
    expect(done(`methods --plugin ./${file} --plugin ${at(file)}`).stdout).toMatch(
      /\nfeature-mean +features with the same mean/,
    );
    const about = done(`--plugin=./${file} methods feature-mean`).stdout;
    expect(about).toContain("--feature-mean.weight (1): λ, weight of the distance between the means");
    expect(about).toContain("featureMean (distance): squared distance of the domains' means, per feature");
    const help = done(`train --method feature-mean --help --plugin ./${file}`).stdout;
    expect(help).toContain("--feature-mean.weight <number>");
    expect(help).toContain("--plugin <file>");
  },
);

test("without the plug-in the method is not known", () => {
  refused(/methods: <name> must be one of source-only, .*, got "feature-mean"/, "methods feature-mean");
  refused(/--plugin: must name a file/, "methods --plugin");
});

test("a run is trained by it, writes it down, and is resumed with it alone", () => {
  const line = `train source target ${TINY} ${MEAN} --out runs/mean`;
  done(`${line} --plugin ./feature-mean.ts`);
  const config = json("runs/mean/config.json");
  const plugin = {
    name: "mean-matching",
    path: "./feature-mean.ts",
    sha256: fileHash(at("feature-mean.ts")),
  };
  expect(config.plugins).toEqual([plugin]);
  expect(config.resolved.numbers.featureMean.kind).toBe("distance");
  expect(readFileSync(at("runs/mean/log.jsonl"), "utf8")).toContain('"featureMean":');

  refused(
    /runs\/mean: plug-in mean-matching must be loaded: --plugin \.\/feature-mean\.ts, got nothing/,
    `${line} --resume`,
  );
  write("changed/feature-mean.ts", `${typed}\n`);
  refused(
    /runs\/mean: plug-in mean-matching must be the file that it was trained with, of SHA-256 \w{12}, got "changed\/feature-mean.ts of SHA-256 \w{12}"/,
    `${line} --resume --plugin changed/feature-mean.ts`,
  );
  done(`${line} --resume --plugin feature-mean.ts`);
});

test("a model that it trained needs no plug-in to be used", () => {
  expect(done("score target runs/mean --out scores.csv").stdout).toContain("scores.csv: 20 images");
  done("evaluate runs/mean --data source --split val --out report");
  expect(readFileSync(at("report/report.html"), "utf8")).toContain("featureMean");
});

test("a configuration file names its plug-ins by the key plugin", () => {
  write(
    "mean.yaml",
    "plugin: [feature-mean.mjs]\nmethod: feature-mean\nfeatureMean: { epochs: 1, batch: 6 }\n",
  );
  done(`train source target ${TINY} --config mean.yaml --out runs/by-file`);
  expect(json("runs/by-file/config.json").plugins[0].path).toBe("feature-mean.mjs");
  write("wrong.yaml", "plugin: 3\n");
  refused(/wrong\.yaml: plugin must be a path, or a list of paths, got 3/, "methods --config wrong.yaml");
});

test("tuning trains by it in processes of their own, and its best values name it", () => {
  const line =
    "tune source target --method feature-mean --encoder cnn --base base.yaml --trials 1 --rungs 1 --jobs 1 --out tuned";
  const said = done(`${line} --plugin ./feature-mean.mjs`).stdout;
  expect(said).toMatch(/trial 0, 1 epochs: -?[\d.]+ \(featureMean\.lr \S+, featureMean\.weight \S+\)/);
  expect(json("tuned/best.json").plugin).toEqual(["./feature-mean.mjs"]);
  expect(json("tuned/tuning.json").plugins[0].name).toBe("mean-matching");
  done("train --config tuned/best.json --out runs/best");
});

test("a comparison with it is gone on with, and it is loaded from the comparison's own file", () => {
  const line =
    "compare source target --methods feature-mean --encoders cnn --seeds 0 --base base.yaml --data tested --parallel 1 --out compared";
  done(`${line} --plugin ./feature-mean.mjs`);
  expect(existsSync(at("compared/report.html"))).toBe(true);
  expect(readFileSync(at("compared/comparison.yaml"), "utf8")).toContain("plugin: [ ./feature-mean.mjs ]");
  expect(json("compared/cnn-source-only-0/config.json").plugins).toBeUndefined();
  expect(done("compare --out compared").stdout).toContain("cnn-feature-mean-0: trained before");
});

test("encoder, validator, survey and preprocessing of a plug-in are known beside Arclet's own", () => {
  expect(done("encoders single --plugin all.mjs").stdout).toContain("one convolution");
  expect(done("surveys --plugin all.mjs").stdout).toMatch(/\nbackyard +r +0\.5"/);
  expect(done("surveys backyard --plugin all.mjs").stdout).toContain("noiseScatter: 0.1");
  done("simulate imagined --survey backyard --count 6 --size 32 --plugin all.mjs");
});

test("a model of a plug-in's encoder and preprocessing is used with it alone, and a change of it is told", () => {
  const line =
    "train source target --method adabn --encoder single --head.width 5 --epochs 1 --batch 8 --adabn.batch 6 --preprocess half --select margin --precision float32 --out runs/all";
  refused(/encoder: name must be one of|--encoder must be one of/, line);
  done(`${line} --plugin all.mjs`);
  expect(json("runs/all/config.json").plugins[0].name).toBe("all-of-it");
  expect(readFileSync(at("runs/all/log.jsonl"), "utf8")).toContain('"margin":');
  refused(
    /model\.safetensors: plug-in all-of-it must be loaded: --plugin all\.mjs, got nothing/,
    "score target runs/all --out none.csv",
  );
  done("score target runs/all --out all.csv --plugin all.mjs");
  write("later.mjs", `${ALL}// a comment\n`);
  expect(done("score target runs/all --out later.csv --plugin later.mjs").stdout).toContain(
    "plug-in all-of-it (later.mjs) is not the file that it was trained with (all.mjs)",
  );
  const more = "--method adabn --adabn.batch 6 --precision float32 --plugin later.mjs --out runs/more-of-all";
  expect(done(`train source target --from runs/all ${more}`).stdout).toMatch(
    /runs\/all.*: plug-in all-of-it \(later\.mjs\) is not the file that it was trained with \(all\.mjs\)/,
  );
});

test("doctor judges what it brings, and leaves with 2 where a promise is broken", () => {
  const { stdout } = done("doctor --plugin ./feature-mean.mjs");
  expect(stdout).toMatch(
    /method feature-mean, of plug-in mean-matching \(\.\/feature-mean\.mjs\): (\d\d) of \1 promises kept/,
  );
  expect(stdout).toMatch(/\n {2}kept +resumes +a saved state|\n {2}kept +resumes /);
  write(
    "blind.mjs",
    script.replace(
      "const distance = lossMean(fS, fT, shares);",
      "const distance = lossMean(fS, fT, shares).mul(Math.random());",
    ),
  );
  const { status, stdout: broken } = arclet("doctor --plugin blind.mjs --json");
  expect(status).toBe(2);
  const [judged] = JSON.parse(broken);
  const why = judged.promises.find(({ name }: { name: string }) => name === "seed").broken;
  expect(why).toMatch(
    /method feature-mean breaks seed \(the same seed gives the same result, to the last bit\): .* must be the same/,
  );
});

test("everything else that it brings keeps its promises as well", () => {
  const { stdout } = done("doctor --plugin all.mjs");
  for (const entry of ["encoder single", "validator margin", "survey backyard", "preprocessing half"])
    expect(stdout).toMatch(
      new RegExp(`${entry}, of plug-in all-of-it \\(all.mjs\\): (\\d+) of \\1 promises kept`),
    );
});

// What else a contract may be broken by: test/plugins/contract.test.ts.
const BROKEN: [why: string, code: string, message: RegExp][] = [
  [
    "no default export",
    script.replace(/^export default .*$/m, ""),
    /its default export must be a plug-in.*got nothing/,
  ],
  [
    "a name that is taken",
    script.replace('name: "feature-mean"', 'name: "adda"'),
    /one that no other method has, got "adda"/,
  ],
  [
    "it throws",
    script.replace("export default", "nothing.there;\nexport default"),
    / line \d+: throws while it is loaded: ReferenceError: nothing is not defined/,
  ],
  ["it is not JavaScript", "export default {;", /throws while it is loaded: SyntaxError/],
  [
    "a package that is not there",
    `import "nowhere";\n${script}`,
    /throws while it is loaded: .*Cannot find package 'nowhere'/,
  ],
];

test.each(BROKEN)("a plug-in that can't be loaded is refused by one line: %s", (_, code, message) => {
  write("broken.mjs", code);
  const { status, stderr } = arclet("methods --plugin ./broken.mjs");
  expect(stderr).toMatch(/^arclet: \.\/broken\.mjs[: ].*\n$/);
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});

test("where it was broken is told with --debug", () => {
  write("broken.mjs", "nothing.there;");
  expect(arclet("methods --plugin ./broken.mjs --debug").stderr).toMatch(
    /caused by ReferenceError.*\n\s+at .*broken\.mjs:1/,
  );
});

test("a number that is not declared stops the run by its name", () => {
  write("more.mjs", script.replace("numbers: { featureMean:", "numbers: { more: 1, featureMean:"));
  refused(
    /method feature-mean: step must be one that returns declared numbers \(loss, .*\), got "more"/,
    `train source target ${TINY} ${MEAN} --out runs/more --plugin more.mjs`,
  );
});

test("a file that is not there, and one that is no module, are refused", () => {
  refused(/none\.mjs: no such file/, "methods --plugin none.mjs");
  write("plugin.py", "");
  refused(
    /--plugin: the file must be a module that ends in \.mjs, \.js, \.mts or \.ts, got "plugin\.py"/,
    "methods --plugin plugin.py",
  );
});
