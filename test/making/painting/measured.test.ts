/** Hosts measured in blocks by several programs: the same as by one, each block once. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { paintConfig } from "../../../src/making/painting/config.ts";
import { deflectorsIn, openHosts } from "../../../src/making/painting/hosts.ts";
import { measuredInBlocks } from "../../../src/making/painting/measured.ts";
import { simulateConfig } from "../../../src/making/simulating/config.ts";
import { simulate } from "../../../src/making/simulating/simulate.ts";

const folder = mkdtempSync(join(tmpdir(), "arclet-measured-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("blocks give what one program measures, wherever it begins, and are measured once", async () => {
  const dataset = join(folder, "hosts");
  const made = simulateConfig.parse({
    ...{ out: dataset, survey: "cfhtls", count: 20, size: 48, prevalence: 0.9, seed: 4 },
  });
  await simulate(made, {});
  const config = paintConfig.parse({ hosts: dataset, out: join(folder, "out"), survey: "cfhtls" });
  const hosts = await openHosts(config);
  try {
    const whole = await deflectorsIn(hosts, config, undefined);
    expect(whole.deflectors.length).toBeGreaterThan(2);
    expect(whole.setAside.length).toBeGreaterThan(0);
    const blocks = { folder: join(folder, "blocks"), identity: { a: 1 }, inBlock: 3 };
    expect(await measuredInBlocks(hosts, config, { ...blocks, begin: 0.6 })).toEqual(whole);
    const names = readdirSync(blocks.folder);
    expect(names.length).toBeGreaterThan(4);
    const times = () => names.map((name) => statSync(join(blocks.folder, name)).mtimeMs);
    const before = times();
    expect(await measuredInBlocks(hosts, config, { ...blocks, begin: 0 })).toEqual(whole);
    expect(times()).toEqual(before);
    // Of other settings: nothing is taken over.
    await measuredInBlocks(hosts, config, { ...blocks, identity: { a: 2 }, begin: 0 });
    expect(times().every((time, k) => time > before[k]!)).toBe(true);
  } finally {
    hosts.domain.close();
  }
});
