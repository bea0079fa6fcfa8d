import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset } from "../../src/dataset/dataset.ts";
import { loadModel, readModelInfo } from "../../src/train/model.ts";
import { readRunConfig } from "../../src/train/run.ts";
import { train } from "../../src/train/train.ts";
import { configOf, temporaryFolder, writeDomain, writeSource, writeTarget } from "../tiny/domains.ts";

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
let source: string;
let leaky: string;
let clean: string;
beforeAll(async () => {
  source = await writeSource(folder.path);
  clean = await writeTarget(folder.path);
  // The source's own images, under its own ids, as a target.
  leaky = await writeDomain(join(folder.path, "other"), {
    name: "source",
    count: 6,
    label: (i) => (i % 4 === 0 ? 1 : 0),
    split: () => "train",
  });
});
afterAll(folder.remove);

test("a run on leaking data is refused, with the first pair and the number of pairs", async () => {
  await expect(train(configOf({ source, target: leaky, out: at("refused") }))).rejects.toThrow(
    /shares id "source-0": source-0 in source \(source\) train and .* \(the first of 6 such pairs\); .*--allow-leak/,
  );
});

test("arcs painted on a target share its galaxies by design; its sealed rows they must not", async () => {
  const { contentHash } = (await openDataset(clean)).info;
  const painted = (name: string, split: "train" | "test", hosts: string) =>
    writeDomain(at(name), {
      name: "target",
      count: 20,
      offset: 50,
      label: (i) => i % 2,
      split: (i) => (i === 19 ? split : i % 3 === 2 ? "val" : "train"),
      provenance: { hosts: { name: "target", contentHash: hosts } },
    });
  await train(
    configOf({ source: await painted("on-target", "train", contentHash), target: clean, out: at("own") }),
  );
  expect(readRunConfig(at("own")).leak).toBeNull();
  const refused = async (name: string, split: "train" | "test", hosts: string) =>
    await expect(
      train(configOf({ source: await painted(name, split, hosts), target: clean, out: at("not-own") })),
    ).rejects.toThrow(/shares id "target-/);
  await refused("on-sealed", "test", contentHash);
  await refused("on-another", "train", "0".repeat(64));
});

test("an allowed leak is marked in the run and the model, and in runs that start from it", async () => {
  const messages: string[] = [];
  const say = (line: string) => void messages.push(line);
  await train(configOf({ source, target: leaky, allowLeak: true, out: at("marked") }), {}, { say });
  // Each pair of rows counts once, under the first of what they share.
  const mark = { shared: { id: 6 }, first: expect.stringMatching(/^id "source-0"/) };
  expect(readRunConfig(at("marked")).leak).toEqual(mark);
  expect(readModelInfo(at("marked")).info.leak).toEqual(mark);
  expect(messages.join("\n")).toMatch(/warning: .*share what must not be shared \(6 by id;/);
  await train(configOf({ source, target: clean, from: at("marked"), out: at("heir") }));
  expect(readModelInfo(at("heir")).info.leak).toEqual(mark);
});

test("clean data get no mark, with or without --allow-leak", async () => {
  await train(configOf({ source, target: clean, allowLeak: true, out: at("free") }));
  expect(readRunConfig(at("free")).leak).toBeNull();
  const model = loadModel(at("free"));
  expect(model.info.leak).toBeNull();
  model.network.dispose();
});
