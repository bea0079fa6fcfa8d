import { readFileSync } from "node:fs";
import { Fingerprinter, Fingerprints, LENGTH } from "./fp.ts";
import { picture } from "/work/wt/splits/test/data/grouping/pictures.ts";
const S = 52, n = 3 * S * S, N = 1200, M = 250;
function load(name: string) { const b = readFileSync(`/tmp/splits-exp/${name}.bin`); const a = name.startsWith("flux") ? new Float32Array(b.buffer, b.byteOffset, b.length / 4) : b; return (i: number) => a.subarray(i * n, i * n + n) as Float32Array; }
const crop = (d: ArrayLike<number>, dx: number, dy: number) => { const o = new Float32Array(3 * 48 * 48); for (let c = 0; c < 3; c++) for (let y = 0; y < 48; y++) for (let x = 0; x < 48; x++) o[(c * 48 + y) * 48 + x] = d[(c * S + y + 2 + dy) * S + x + 2 + dx]!; return o; };
const f = new Fingerprinter([3, 48, 48], 48), f2 = new Fingerprinter([2, 48, 48], 48);
const A = load("fluxA"), B = load("fluxB"), DA = load("dispA"), DB = load("dispB");
const P = new Fingerprints(N + 6 * M); for (let i = 0; i < N; i++) P.set(i, f.take(crop(A(i), 0, 0)));
for (let i = 0; i < M; i++) { P.set(N + i, f.take(crop(A(i), 1, 1))); P.set(N + M + i, f.take(crop(B(i), 0, 0))); P.set(N + 2 * M + i, f.take(crop(DA(i), 0, 0))); P.set(N + 3 * M + i, f.take(crop(DB(i), 0, 1))); }
for (let i = 0; i < 60; i++) { P.set(N + 4 * M + i, f2.take(picture(i))); P.set(N + 5 * M + i, f2.take(picture(i, { noise: 1 }))); }
const top: number[] = []; for (let a = 0; a < N; a += 1) for (let b = (a % 2); b < a; b += 2) { let m = 0; for (let w = 0; w < 8; w++) m = Math.max(m, P.likeness(a, w, b)); if (m > 0.6) top.push(m); }
top.sort((a, b) => b - a);
const thr = (top[0]! + 1) / 2;
const rec = (x: (i: number) => number, y: (i: number) => number, k = M) => { const l = Array.from({ length: k }, (_, i) => P.likeness(x(i), 0, y(i))); return [0.8, 0.85, 0.9].map((t) => (l.filter((v) => v >= t).length / k).toFixed(2)).join("/") + ` [${(l.filter((v) => v >= top[3]!).length / k).toFixed(2)} at t4]`; };
console.log(`soft ${process.env.SOFT} pow ${process.env.POW} deg ${process.env.DEG} len ${LENGTH}: false top ${top.slice(0, 4).map((x) => x.toFixed(3))} 30th ${top[30]?.toFixed(3)} | shift ${rec((i) => i, (i) => N + i)} noise ${rec((i) => i, (i) => N + M + i)} disp ${rec((i) => i, (i) => N + 2 * M + i)} dispnoise+shift ${rec((i) => N + 2 * M + i, (i) => N + 3 * M + i)} pict ${rec((i) => N + 4 * M + i, (i) => N + 5 * M + i, 60)}`);
