/** A run's training is killed before changes to the disk, and resumes to the same models and log. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { LOG_FILE } from "../../src/train/log.ts";
import { LAST_MODEL_FILE, MODEL_FILE } from "../../src/train/model.ts";
import { built, ended, killedAt, killedBefore, killingLibrary } from "../killing.ts";
import { slow } from "../slow.ts";
import { configOf, temporaryFolder, writeSource } from "../tiny/domains.ts";

slow("starts programs that train, and kills them");

const folder = temporaryFolder();
afterAll(folder.remove);

const modelsOf = (run: string) =>
  [MODEL_FILE, LAST_MODEL_FILE].map((file) => readFileSync(join(folder.path, run, file), "hex"));
const logOf = (run: string) =>
  readFileSync(join(folder.path, run, LOG_FILE), "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), seconds: 0, dataShare: 0 }));

test.each(["rename", "any"] as const)(
  "killed before a change (%s), --resume ends with the same models and a whole log",
  async (kind) => {
    const source = existsSync(join(folder.path, "source"))
      ? join(folder.path, "source")
      : await writeSource(folder.path);
    const program = (name: string, resume: boolean) => {
      const config = configOf({
        source,
        target: null,
        method: "source-only",
        out: join(folder.path, name),
        resume,
        seed: 4,
      });
      return `
      const { train } = await import(${built("train/train.js")});
      await train(${JSON.stringify(config)});`;
    };
    const library = killingLibrary();
    if (!existsSync(join(folder.path, "whole"))) await ended(program("whole", false));
    // Renames are few: all of them, always.
    for (const at of killedBefore(kind === "rename" ? { every: true } : {})) {
      const out = join(folder.path, "killed");
      const killed = killedAt(library, program("killed", false), { at, under: "killed", kind });
      if (killed) await ended(program("killed", existsSync(out)));
      expect(modelsOf("killed"), `kill ${at}`).toEqual(modelsOf("whole"));
      expect(logOf("killed"), `kill ${at}`).toEqual(logOf("whole"));
      const left = readdirSync(out, { recursive: true }).filter((name) => String(name).endsWith(".partial"));
      expect(left, `kill ${at}`).toEqual([]);
      rmSync(out, { recursive: true });
      if (killed) continue;
      expect(at).toBeGreaterThan(8);
      break;
    }
  },
);
