import { resolveConfig } from "./src/foundation/index.ts";
import { train, trainSchema, loadModel, predictRows } from "./src/train/index.ts";
import { openDataset } from "./src/data/index.ts";
import { readFileSync } from "node:fs";
const flags: Record<string, unknown> = {};
for (const a of process.argv.slice(2)) { const [k, v] = a.split("="); flags[k!] = v; }
const enc = String(flags.encoder ?? "cnn"), method = String(flags.method ?? "adda");
const { values, origin } = resolveConfig("train", trainSchema(method, enc), { flags: { source: "src", target: "tgt", encoder: enc, method, ...flags } });
const t = performance.now();
const r = await train(values as never, origin, { say: console.log });
console.log("train s", ((performance.now() - t) / 1000).toFixed(1), "chosen", r.chosen.epoch, "last", r.last.epoch);
const ds = await openDataset("tgt");
const rows = ds.rows();
const grade = ds.column("grade").map((g) => (g === null ? null : Number(g))), array = ds.column("array");
const auc = (p: number[], pos: number[], neg: number[]) => { let w = 0; for (const i of pos) for (const j of neg) w += p[i]! > p[j]! ? 1 : p[i] === p[j] ? 0.5 : 0; return w / pos.length / neg.length; };
const at = (f: (g: number, a: string) => boolean) => [...rows].filter((i) => grade[i] !== null && f(grade[i]!, String(array[i])));
const { readdirSync } = await import("node:fs");
for (const f of [["chosen", "model.safetensors"], ["last", "model-last.safetensors"]]) {
  const m = loadModel(`${values.out}/${f[1]}`);
  const { probabilities } = await predictRows(m, ds, rows);
  const p = [...rows].map((_, i) => probabilities[2 * i + 1]!);
  const look = auc(p, at((g, a) => a.startsWith("cand") && g >= 2), at((g, a) => a.startsWith("cand") && g <= 0.7));
  const ord = auc(p, at((g, a) => a.startsWith("cand") && g >= 1.3), at((g, a) => a.startsWith("ord")));
  console.log(f[0], "lookalike", look.toFixed(3), "ordinary", ord.toFixed(3), "mean p", (p.reduce((a, b) => a + b) / p.length).toFixed(3));
}
for (const l of r.records) console.log(l.epoch, l.phase, l.seconds, JSON.stringify(l.train, (k, v) => typeof v === "number" ? +v.toPrecision(3) : v), JSON.stringify(l.validators, (k, v) => typeof v === "number" ? +v.toPrecision(3) : v));
