/** What `cutouts`, `detect` and `fetch` make by jobs of a real Slurm: the bytes of one process. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownProcess, words } from "../cli/arclet.ts";
import { hashesOf } from "../cli/divided-ways.ts";
import { runBeside } from "../cli/standing.ts";
import { AT, Service } from "../making/fetching/service.ts";
import { defaults, skyOf } from "../sky/frames/made.ts";
import { slow } from "../slow.ts";
import { field } from "../tiny/field.ts";
import { hasSlurm, type ScratchSlurm, scratchSlurm, until } from "../tiny/slurm.ts";

slow("starts a Slurm, whose jobs are programs of their own and wait for its scheduler");

const folder = mkdtempSync(join(tmpdir(), "arclet-making-"));
const alone = join(folder, "alone");
const service = new Service();

/** By what it makes: a command without flags about shards. */
const LINES = {
  cut: "cutouts --frames frames --catalog sources.csv --bands g,r --size 16 --max-missing 0.3 --out cut",
  "found.csv": "detect frames/g.fits frames/r.fits --tile 160 --margin 24 --least-snr 15 --out found.csv",
  fetched:
    "fetch --survey legacy --catalog places.csv --bands g,r --size 16 --out fetched --pause 0.01 --backoff 0.05 " +
    "--timeout 20 --base-url SERVICE",
};

/** A lattice of positions on the field, one of them nowhere; and objects that the service has, has later, or has not. */
function writeTables(path: string): void {
  const table = (name: string, rows: readonly string[]) =>
    writeFileSync(join(path, name), `id,ra,dec\n${rows.join("\n")}\n`);
  const made = { ...defaults, width: 500, height: 500 };
  const positions = Array.from({ length: 40 }, (_, k) => skyOf(made, 12 * k, (97 * k) % 500));
  table("sources.csv", [...positions.map(([ra, dec], k) => `p${k},${ra},${dec}`), "none,,"]);
  const places = [AT.fine, AT.busy, AT.nowhere, AT.blank];
  table(
    "places.csv",
    Array.from({ length: 8 }, (_, k) => `o${k},${places[k % 4]! + k / 100},${k}`),
  );
}

describe.skipIf(!hasSlurm)("with Slurm", () => {
  const said = new Map<string, string>();
  let [path, base] = ["", ""];
  let slurm: ScratchSlurm;

  // All at once: their jobs share the nodes.
  beforeAll(async () => {
    path = field(folder, "jobs").path;
    writeTables(path);
    cpSync(path, alone, { recursive: true, preserveTimestamps: true });
    base = await service.start();
    slurm = await scratchSlurm(3);
    for (const [out, line] of Object.entries(LINES)) {
      const submit = `${line.replace("SERVICE", base)} --shards 2 --on slurm --slurm time=10`;
      const { stdout, stderr } = ownProcess(words(submit), path, slurm.env);
      said.set(out, stdout + stderr);
    }
    await until(() => slurm.hurry() === 0, "an empty queue");
    service.clear();
  });
  afterAll(async () => {
    await slurm?.stop();
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(Object.entries(LINES))("%s", async (out, line) => {
    expect(said.get(out)).toMatch(/job \d+ makes 2 of 2 shards \(1-2\)\n.*job \d+ joins them/);
    const merging = readFileSync(join(path, `${out}.shards`, "logs", "merge.log"), "utf8");
    const { stdout } = ownProcess(words(`jobs ${out}`), path, slurm.env);
    expect(stdout, merging).toMatch(new RegExp(`2 shards: 2 done, joined in ${out}\\n$`));
    const { status, stderr } = await runBeside(words(line.replace("SERVICE", base)), alone);
    expect(status, stderr).toBe(0);
    expect(hashesOf(join(path, out))).toEqual(hashesOf(join(alone, out)));
  });
});
