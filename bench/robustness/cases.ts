/** Every command that writes, on tens of small images, and what its inputs are made by. */

/** A command line that is killed or fails. */
export interface Case {
  readonly name: string;
  readonly line: string;
  /** What it reads, of the inputs. */
  readonly of: readonly string[];
  /** What it writes. */
  readonly out: string;
  /** What to type after it was disturbed, where the folder is there and that is not the same line. */
  readonly again?: string;
  /**
   * How its folder grows under its own name, where it is not made under another: by files each of which is whole, or as a run
   * does, which says itself how far it is.
   */
  readonly grows?: "by files" | "as a run";
  /** It needs a start of its own: it starts programs, or a forked process of it does not end. */
  readonly startsPrograms?: boolean;
  /** Files that say how often a test was opened: a killed opening is one. */
  readonly counting?: readonly string[];
}

/** Of the survey's service on this machine that `fetch` asks. */
export const PORT = 47_815;

const SMALL = "--preset paper --encoder cnn --cnn.widths 4,8 --batch 16 --precision float32";
const CFHTLS = "--survey cfhtls --size 24";

/** What makes the inputs, in this order. */
export const INPUTS: readonly string[] = [
  "simulate source --survey hsc --pixel-scale 0.187 --count 90 --size 24",
  "simulate target --count 40 --size 24 --seed 1 --test-fraction 0.5",
  `simulate pictures ${CFHTLS} --count 40`,
  `train source --out so --method source-only --epochs 1 ${SMALL}`,
  `train pictures --out of-pictures --method source-only --epochs 1 --preprocess unit ${SMALL}`,
  "score target so --out scores.csv",
  "select scores.csv --top 10 --random 10 --bins 2 --out sample.csv",
];

const FRAMES = ["field_g.fits", "field_r.fits"];
const JUDGED = "--truth table.csv --positives 'grade >= 2' --negatives 'grade < 1'";
const train = (name: string, line: string, of: readonly string[]): Case => ({
  name,
  line: `${line} --out out`,
  of,
  out: "out",
  again: `${line} --out out --resume`,
  grows: "as a run",
});

const SEALED = ["out/metrics.json", "out/report.html", "target/seal.jsonl"];

export const CASES: readonly Case[] = [
  { name: "simulate", line: `simulate out ${CFHTLS} --count 6`, of: [], out: "out" },
  {
    name: "simulate in shards",
    line: `simulate out ${CFHTLS} --count 6 --shards 2`,
    of: [],
    out: "out",
  },
  {
    name: "import",
    line: "import cutouts.npy --table table.csv --bands g,r,i --layout chw --pixel-scale 0.187 --survey cfhtls --max-saturated 1 --out out",
    of: ["cutouts.npy", "table.csv"],
    out: "out",
  },
  {
    name: "fetch",
    line: `fetch --survey legacy --catalog sky.csv --bands g,r --size 16 --parallel 1 --pause 0 --base-url http://127.0.0.1:${PORT} --out out`,
    of: ["sky.csv"],
    out: "out",
    grows: "as a run",
  },
  {
    name: "detect",
    line: "detect field_g.fits field_r.fits --bands g,r --zero-point 30 --out out.csv",
    of: FRAMES,
    out: "out.csv",
  },
  {
    name: "cutouts",
    line: "cutouts --frames field_g.fits,field_r.fits --pattern '*_{band}.fits' --bands g,r --catalog places.csv --size 16 --max-missing 0.1 --out out",
    of: [...FRAMES, "places.csv"],
    out: "out",
  },
  {
    name: "survey-from",
    line: "survey-from field_g.fits field_r.fits --bands g,r --zero-point 30 --out out.yaml",
    of: FRAMES,
    out: "out.yaml",
  },
  {
    name: "paint",
    line: "paint pictures --survey cfhtls --count 3 --seed 1 --out out",
    of: ["pictures"],
    out: "out",
  },
  {
    name: "realism",
    line: "realism source target --out out --folds 2",
    of: ["source", "target"],
    out: "out",
    startsPrograms: true,
    grows: "by files",
  },
  { name: "split", line: "split source --fractions 0.5,0.2,0.3 --out out", of: ["source"], out: "out" },
  {
    name: "split in folds",
    line: "split source --folds 2 --out out",
    of: ["source"],
    out: "out",
    grows: "by files",
  },
  train("train", `train source --method source-only --epochs 2 ${SMALL}`, ["source"]),
  train("train mcc", `train source target --method mcc --epochs 1 ${SMALL}`, ["source", "target"]),
  train("train adabn", "train source target --preset paper --from so --method adabn --precision float32", [
    "source",
    "target",
    "so",
  ]),
  {
    name: "tune",
    line: "tune source target --method mcc --encoder cnn --base base.yaml --trials 2 --rungs 1 --jobs 1 --out out",
    of: ["source", "target", "base.yaml"],
    out: "out",
    grows: "as a run",
    startsPrograms: true,
  },
  {
    name: "compare",
    line: "compare spec.yaml",
    of: ["source", "target", "spec.yaml"],
    out: "out",
    grows: "as a run",
    startsPrograms: true,
    counting: ["out/metrics.json", "out/seal.json", "target/seal.jsonl"],
  },
  {
    name: "probe",
    line: "probe target so --graded table.csv --graded-soft grade --graded-range 0,3 --out out",
    of: ["target", "so", "table.csv"],
    out: "out",
  },
  ...["csv", "parquet", "vot", "fits"].map((end) => ({
    name: `score to ${end}`,
    line: `score target so --out out.${end}`,
    of: ["target", "so"],
    out: `out.${end}`,
  })),
  {
    name: "score with a page",
    line: "score target so --out out/scores.csv --report out/page.html --top 5",
    of: ["target", "so"],
    out: "out",
    grows: "by files",
  },
  {
    name: "score in shards",
    line: "score source so --shards 1 --prior-from none --out out.csv",
    of: ["source", "so"],
    out: "out.csv",
  },
  {
    name: "cascade",
    line: "cascade so source --threshold 0.001 --epochs 2 --loss 0.2 --out out",
    of: ["source", "so"],
    out: "out",
  },
  { name: "check", line: "check source target --out out.csv", of: ["source", "target"], out: "out.csv" },
  {
    name: "select",
    line: "select scores.csv --top 10 --random 10 --bins 2 --out out.csv",
    of: ["scores.csv"],
    out: "out.csv",
  },
  {
    name: "estimate",
    line: "estimate scores.csv sample.csv sample-grades.csv --positives 'grade >= 2' --out out",
    of: ["scores.csv", "sample.csv", "sample.design.json", "sample-grades.csv"],
    out: "out",
    grows: "by files",
  },
  {
    name: "selection",
    line: "selection pictures of-pictures --splits val --thresholds fpr=0.2 --out out",
    of: ["pictures", "of-pictures"],
    out: "out",
    grows: "by files",
  },
  {
    name: "evaluate a table",
    line: `evaluate scores.csv ${JUDGED} --out out`,
    of: ["scores.csv", "table.csv"],
    out: "out",
    grows: "by files",
  },
  {
    name: "evaluate a run",
    line: "evaluate so --data target --split val --out out",
    of: ["so", "target"],
    out: "out",
    grows: "by files",
    counting: SEALED,
  },
  {
    name: "evaluate a sealed test",
    line: "evaluate so --data target --out out",
    of: ["so", "target"],
    out: "out",
    grows: "by files",
    counting: SEALED,
  },
  { name: "grades", line: "grades grades.csv --out out.csv", of: ["grades.csv"], out: "out.csv" },
  {
    name: "combine",
    line: "combine scores.csv crowd.csv:crowd_p --graded table.csv --positives 'grade >= 2' --negatives 'grade < 1' --out out",
    of: ["scores.csv", "crowd.csv", "table.csv"],
    out: "out",
    grows: "by files",
  },
  {
    name: "threshold",
    line: "threshold so --completeness 0.5 --out out.json",
    of: ["so", "source"],
    out: "out.json",
  },
  {
    name: "prevalence",
    line: "prevalence so source target --out out.json",
    of: ["so", "source", "target"],
    out: "out.json",
  },
  {
    name: "report",
    line: "report survey --out out",
    of: ["survey", "scores.csv", "target", "sample.csv", "sample.design.json", "sample-grades.csv"],
    out: "out",
    grows: "by files",
  },
  { name: "explain", line: "explain target so --top 3 --out out", of: ["target", "so"], out: "out" },
  {
    name: "explain a network's sanity",
    line: "explain source so --sanity --networks 1 --count 4 --out out",
    of: ["source", "so"],
    out: "out",
  },
  {
    name: "embed",
    line: "embed source target --runs so --most 20 --folds 2 --projection pca --out out",
    of: ["source", "target", "so"],
    out: "out",
  },
  ...["vot", "parquet", "fits", "csv"].map((end) => ({
    name: `export to ${end}`,
    line: `export scores.csv --out out.${end}`,
    of: ["scores.csv"],
    out: `out.${end}`,
  })),
  {
    name: "export regions",
    line: "export places.csv --out out.reg --radius 3",
    of: ["places.csv"],
    out: "out.reg",
  },
  { name: "export-model", line: "export-model so --onnx out.onnx", of: ["so"], out: "out.onnx" },
  {
    name: "export-model in 8 bits",
    line: "export-model so --int8 out.onnx --calibrate source",
    of: ["so", "source"],
    out: "out.onnx",
  },
];
