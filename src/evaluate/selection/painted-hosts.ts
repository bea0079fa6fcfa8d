/** Injections made first: arcs painted on real cutouts, as `arclet paint` does it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatasetInfo } from "../../dataset/info.ts";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { type PaintConfig, paintConfig } from "../../making/painting/config.ts";
import { paint } from "../../making/painting/paint.ts";
import type { SelectionConfig } from "./config.ts";

/**
 * Paints arcs into `out`, or takes those that the same settings painted there before. The same galaxies unpainted, and all
 * other objects, are beside them.
 *
 * @returns notes for the user
 * @throws ArcletError as `paint`, and when the folder holds others
 */
export async function paintedHosts(
  config: SelectionConfig,
  out: string,
  provenance: DatasetInfo["provenance"],
): Promise<string[]> {
  const settings = paintingOf(config, out);
  if (existsSync(join(out, INFO_FILE))) {
    refuseOthers(settings, out);
    return [`${out}: taken as it is, from an earlier call with the same settings`];
  }
  const { painted, unpainted, others, hosts } = await paint(settings, provenance);
  return [
    `${out}: ${painted} arcs on ${hosts} hosts, ${unpainted} of them unpainted, ${others} other objects`,
  ];
}

function paintingOf(config: SelectionConfig, out: string): PaintConfig {
  const { injected, survey, paint: count, where, splits, seed } = config;
  if (survey === null) refuse("selection", "--survey", "given with --paint", null);
  if (splits.includes("test"))
    refuse("selection", "--splits", "train or val with --paint: test is sealed", splits.join(","));
  const { recipe, faintest, leastGr, leastThetaE, groupShare, leastSnr, mostSnr } = config;
  const { offCentre, mostOthers, redshift, seeing } = config;
  return paintConfig.parse({
    ...{ hosts: injected, out, survey, count, where, splits, seed },
    ...{ recipe, faintest, leastGr, leastThetaE, groupShare, leastSnr, mostSnr },
    ...{ offCentre, mostOthers, redshift, seeing },
  });
}

function refuseOthers({ out, ...settings }: PaintConfig, folder: string): void {
  const { hosts, config } = readInfo(join(folder, INFO_FILE)).provenance as {
    hosts?: { contentHash?: string };
    config?: Record<string, unknown>;
  };
  const { out: _, ...before } = config ?? {};
  const same =
    JSON.stringify(before) === JSON.stringify({ ...settings }) &&
    hosts?.contentHash === readInfo(join(settings.hosts, INFO_FILE)).contentHash;
  if (same) return;
  throw new ArcletError({
    where: out,
    code: "conflict",
    problem: "holds arcs of other settings or hosts",
    fix: "give another --out, or remove it",
  });
}
