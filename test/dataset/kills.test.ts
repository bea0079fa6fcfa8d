/** A dataset's writing is killed at changes to the disk, and resumes to the same bytes. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { built, ended, killedAt, killingLibrary } from "../killing.ts";
import { slow } from "../slow.ts";
import { scratch } from "../tiny/dataset.ts";

slow("starts programs, and kills them");

const folder = scratch();

/** Of all changes to the disk, every third by default, besides every rename, by which one file takes another's place. */
const STEP = process.env.ARCLET_EVERY_KILL === undefined ? 3 : 1;

/**
 * Five images, three a shard; the first is left out at the end, so that shards are packed anew. `append` writes them at
 * once, `appendApart` on a thread.
 */
const program = (name: string, append: "append" | "appendApart" = "append") => `
  const { writeDataset } = await import(${built("dataset/writer.js")});
  const spec = { name: "killed", survey: null, bands: ["g", "r"], pixelScale: 0.2, classes: [], pixels: "flux",
    shape: [2, 3, 3], provenance: { made: "once" } };
  const put = (writer, image, row) =>
    ${append === "append" ? "writer.append(image, [row])" : "writer.appendApart([image], [row])"};
  const fill = async (writer) => {
    for (let i = writer.length; i < 5; i++)
      await put(writer, Float32Array.from({ length: 18 }, (_, k) => i + k / 8), { id: "i" + i, group: "g" + i, split: "train" });
    await writer.land();
    return { change: (index) => (index === 0 ? null : { id: "i" + index, group: "g" + index, split: "val" }) };
  };
  await writeDataset(${JSON.stringify(join(folder, name))}, spec, fill, 128 + 3 * 72, { seed: 1 });`;

const filesOf = (name: string) =>
  Object.fromEntries(
    readdirSync(join(folder, name)).map((file) => [file, readFileSync(join(folder, name, file), "hex")]),
  );

test.each([
  ["any", STEP, 25, "append"],
  ["rename", 1, 3, "append"],
  ["any", STEP, 25, "appendApart"],
] as const)(
  "killed at any change to the disk, the same call resumes to the same files: %s, %i, %i, by %s",
  async (kind, step, least, append) => {
    const library = killingLibrary();
    await ended(program("whole"));
    const whole = filesOf("whole");
    let at = 1;
    for (; ; at += step) {
      const killed = killedAt(library, program("killed", append), { at, under: "killed", kind });
      // Killed as its very last step, it leaves the whole folder with the mark of an unfinished one.
      const marked = existsSync(join(folder, "killed", "unfinished.json"));
      if (killed && existsSync(join(folder, "killed")) && !marked)
        expect(filesOf("killed"), `kill ${at}`).toEqual(whole);
      if (!existsSync(join(folder, "killed")) || marked) await ended(program("killed", append));
      expect(filesOf("killed"), `kill ${at}`).toEqual(whole);
      rmSync(join(folder, "killed"), { recursive: true });
      if (!killed) break;
      // All that a killed program may leave beside the folder is its lock, which the next one takes over.
      expect(readdirSync(folder).filter((name) => name !== "killed.partial.lock")).toEqual(["whole"]);
      rmSync(join(folder, "killed.partial.lock"), { force: true });
    }
    expect(at).toBeGreaterThan(least);
    rmSync(join(folder, "whole"), { recursive: true });
  },
);
