/** Painted datasets: simulated arcs added to real cutouts, with all that is known of every arc. */
import { join } from "node:path";
import type { DatasetInfo } from "../../dataset/info.ts";
import { countByKind, SET_ASIDE_FILE, type SetAside, setAsideCsv } from "../../dataset/set-aside.ts";
import type { Identity } from "../../dataset/unfinished.ts";
import { type DatasetRow, type DatasetSpec, type DatasetWriter, writeDataset } from "../../dataset/writer.ts";
import { refuse } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import type { UnitRange } from "../../foundation/shards/range.ts";
import { tidy } from "../../torch/scope.ts";
import { numbersHash } from "../numbers-hash.ts";
import { painted, paintingOf } from "./arcs.ts";
import type { PaintConfig } from "./config.ts";
import { type Deflector, deflectorsIn, type Hosts, openHosts } from "./hosts.ts";
import { type Plan, planOf, refuseContradictions } from "./plan.ts";
import { columnsOf, lightOf, rowOf, truthOf } from "./rows.ts";
import { shifted, shiftOf } from "./shifting.ts";

const PAINTED_CLASSES = ["not-lens", "lens"];

/** What was painted. */
export interface PaintReport {
  /** The dataset's `dataset.json`. */
  info: DatasetInfo;
  /** Arcs that were painted. */
  painted: number;
  /** Deflectors left unpainted. */
  unpainted: number;
  /** Other real objects. */
  others: number;
  /** Hosts that were painted: fewer than arcs if some were painted more than once. */
  hosts: number;
  /** Hosts set aside, by the kind of reason. */
  setAside: Record<string, number>;
}

/**
 * Paints arcs onto hosts and writes the dataset; same hosts and configuration, same bytes. Images keep their host's
 * group and split; hosts of the sealed test split are not used. Hosts that can't be deflectors are listed in `set-aside.csv`. What a killed or interrupted program
 * has left in `<out>.partial` is resumed.
 *
 * With negatives `same` a galaxy is there with and without an arc; with `kept`, a group's images are either painted or
 * unpainted, and both are chosen alike. Neither the sky position nor the kind of galaxy then tells the classes apart, only
 * the arc. `others` adds what else the survey holds: real objects that can't be deflectors.
 *
 * @param batch images painted together; changes no byte
 * @throws ArcletError when the hosts don't fit the survey, none of them can be a deflector, or the folder exists
 */
export async function paint(
  config: PaintConfig,
  provenance: DatasetInfo["provenance"],
  { batch = 32, shardBytes }: { batch?: number; shardBytes?: number } = {},
): Promise<PaintReport> {
  refuseSettings(config);
  const hosts = await openHosts(config);
  try {
    const bar = progress("measure", hosts.rows.length, "hosts");
    const { deflectors, setAside } = await deflectorsIn(hosts, config, bar);
    bar.done();
    const plan = planOf(deflectors, setAside, hosts, config);
    const fill = async (writer: DatasetWriter) => {
      listSetAside(writer, config, setAside);
      const total = imagesIn(plan);
      const bar = progress("paint", total, "images", writer.length);
      await paintInto(writer, plan, hosts, config, {
        ...{ range: { from: 0, to: total }, batch, tick: (images) => bar.tick(images) },
        saved: (done) => `${done} of ${total} images are in ${config.out}.partial; the same command resumes`,
      });
      bar.done();
      return settledOf(hosts);
    };
    const spec = specOf(hosts, config, provenance, setAside.length);
    const identity = identityOf(config, hosts, provenance);
    const info = await writeDataset(config.out, spec, fill, shardBytes, identity);
    return reportOf(plan, info, setAside);
  } finally {
    hosts.domain.close();
  }
}

/** @throws ArcletError for settings that contradict each other */
export function refuseSettings({ leastSnr, mostSnr, negatives }: PaintConfig): void {
  if (leastSnr > mostSnr) refuse("paint", "leastSnr", `at most mostSnr, ${mostSnr}`, leastSnr);
  refuseContradictions(negatives);
}

/** Writes the list of hosts that can't be deflectors. */
export const listSetAside = (
  writer: DatasetWriter,
  { hosts }: PaintConfig,
  setAside: readonly SetAside[],
): void =>
  writeFileWhole(join(writer.folder, SET_ASIDE_FILE), setAsideCsv(join(hosts, "table.parquet"), setAside));

/** What is said of the dataset once all is painted. */
export const settledOf = ({ domain: { info } }: Hosts): { zeroPoint?: number } =>
  info.zeroPoint === undefined ? {} : { zeroPoint: info.zeroPoint };

export const imagesIn = ({ arcs, unpainted, others }: Plan): number =>
  arcs + unpainted.length + others.length;

export const reportOf = (plan: Plan, info: DatasetInfo, setAside: readonly SetAside[]): PaintReport => ({
  info,
  painted: plan.arcs,
  unpainted: plan.unpainted.length,
  others: plan.others.length,
  hosts: Math.min(plan.arcs, plan.hosts.length),
  setAside: countByKind(setAside),
});

/** What the painted dataset is. */
export function specOf(
  hosts: Hosts,
  config: PaintConfig,
  provenance: DatasetInfo["provenance"],
  setAside: number,
): DatasetSpec {
  const { bands, pixelScale, pixels, shape, contentHash, name } = hosts.domain.info;
  return {
    name: `painted ${name}, seed ${config.seed}`,
    survey: hosts.survey.name,
    bands,
    pixelScale,
    classes: PAINTED_CLASSES,
    pixels,
    shape,
    provenance: { ...provenance, config: { ...config }, hosts: { name, contentHash }, setAside },
    columns: columnsOf(hosts),
  };
}

interface PaintingOf {
  /** Images of the plan to paint; those that the writer has are the first of them. */
  range: UnitRange;
  batch: number;
  tick: (images: number) => void;
  /** As in `safePoint`, for a number of images. */
  saved: (done: number) => string;
}

/** Appends what is still missing of a range: arcs, then unpainted deflectors, then other objects. */
export async function paintInto(
  writer: DatasetWriter,
  plan: Plan,
  hosts: Hosts,
  config: PaintConfig,
  { range, batch, tick, saved }: PaintingOf,
): Promise<void> {
  const { arcs } = plan;
  for (let first = range.from + writer.length; first < range.to; first = range.from + writer.length) {
    const end = Math.min(first + batch, range.to, first < arcs ? arcs : Infinity);
    const indices = Array.from({ length: end - first }, (_, k) => first + k);
    if (first < arcs) writer.append(...paintedBatch(indices, plan, hosts, config));
    else writer.append(...unpaintedBatch(indices, plan, hosts, config));
    tick(indices.length);
    await safePoint(saved(writer.length));
  }
}

function paintedBatch(
  indices: readonly number[],
  plan: Plan,
  hosts: Hosts,
  config: PaintConfig,
): [Uint8Array | Float32Array, DatasetRow[]] {
  const paintings = indices.map((index) => {
    const deflector = plan.hosts[index % plan.hosts.length]!;
    return paintingOf(deflector, index, hosts, config) ?? tooWeak(deflector, hosts, config);
  });
  const { pixels, arcScale, cutOff } = painted(paintings, indices, hosts, config);
  const rows = paintings.map((painting, k) => {
    const round = Math.floor(indices[k]! / plan.hosts.length);
    return Object.assign(
      rowOf(painting.deflector.row, `painted-${round}`, "lens", plan, hosts),
      lightOf(painting.deflector, hosts),
      truthOf(painting, arcScale[k]!, hosts),
      { cut_off: cutOff === null ? null : cutOff[k]! },
    );
  });
  return [pixels, rows];
}

function tooWeak({ row, range }: Deflector, { domain }: Hosts, { hosts }: PaintConfig): never {
  return refuse(
    { where: hosts, row: row + 1, id: domain.ids[row] },
    "Einstein radius",
    `from ${range[0]} to ${range[1]} arcsec in at least one of 1000 draws`,
    "none",
  );
}

function unpaintedBatch(
  indices: readonly number[],
  plan: Plan,
  hosts: Hosts,
  { seed, offCentre }: PaintConfig,
): [Uint8Array | Float32Array, DatasetRow[]] {
  const { arcs, unpainted, others } = plan;
  const taken = indices.map((index) => {
    const deflector = unpainted[index - arcs];
    return { row: deflector?.row ?? others[index - arcs - unpainted.length]!, deflector };
  });
  const most = offCentre / hosts.survey.pixelScale;
  const pixels = tidy(() =>
    shifted(
      hosts.domain.images(taken.map(({ row }) => row)),
      indices.map((index) => shiftOf(seed, index, most)),
    ).data(),
  ) as Uint8Array | Float32Array;
  const rows = taken.map(({ row, deflector }) =>
    deflector === undefined
      ? rowOf(row, "other", "not-lens", plan, hosts)
      : Object.assign(rowOf(row, "unpainted", "not-lens", plan, hosts), lightOf(deflector, hosts)),
  );
  return [pixels, rows];
}

/** What the pixels and rows depend on: settings, hosts, the survey's numbers and PSFs, versions. */
export function identityOf(
  { out: _, hosts: __, ...settings }: PaintConfig,
  { survey, domain, recipe }: Hosts,
  { arclet, torch }: DatasetInfo["provenance"],
): Identity {
  const hosts = domain.info.contentHash;
  return { ...settings, hosts, numbers: numbersHash(survey, recipe), arclet, torch };
}
