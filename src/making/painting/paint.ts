/** Painted datasets: simulated arcs added to real cutouts, with all that is known of every arc. */
import { join } from "node:path";
import type { ColumnType } from "../../catalog/table.ts";
import type { DatasetInfo } from "../../dataset/info.ts";
import { countByKind, SET_ASIDE_FILE, type SetAside, setAsideCsv } from "../../dataset/set-aside.ts";
import type { Identity } from "../../dataset/unfinished.ts";
import { type DatasetRow, type DatasetSpec, type DatasetWriter, writeDataset } from "../../dataset/writer.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { keyOf, permutation, textKey } from "../../foundation/random.ts";
import { totalMagnitude } from "../../lensing/total-magnitude.ts";
import { numbersHash } from "../numbers-hash.ts";
import { sceneText } from "../simulating/rows.ts";
import { type Painting, painted, paintingOf } from "./arcs.ts";
import type { PaintConfig } from "./config.ts";
import { type Deflector, deflectorsIn, type Hosts, openHosts } from "./hosts.ts";

const PAINTED_CLASSES = ["not-lens", "lens"];

export interface PaintReport {
  info: DatasetInfo;
  painted: number;
  unpainted: number;
  /** Hosts that were painted: fewer than arcs if some were painted more than once. */
  hosts: number;
  /** Hosts set aside, by the kind of reason. */
  setAside: Record<string, number>;
}

/** What to write, in order: arcs, then unpainted hosts. */
interface Plan {
  /** Deflectors to paint, taken in turn. */
  hosts: Deflector[];
  arcs: number;
  unpainted: Deflector[];
}

/**
 * Paints arcs onto hosts and writes the dataset; same hosts and configuration, same bytes. Images keep their host's
 * group and split. Hosts that can't be deflectors are listed in `set-aside.csv`. What a killed or interrupted program
 * has left in `<out>.partial` is resumed.
 *
 * With negatives `other`, a group's images are either painted or unpainted, and both are chosen alike: neither the sky
 * position nor the kind of galaxy tells the classes apart, only the arc.
 *
 * @param batch images painted together; changes no byte
 * @throws ArcletError when the hosts don't fit the survey, none of them can be a deflector, or the folder exists
 */
export async function paint(
  config: PaintConfig,
  provenance: DatasetInfo["provenance"],
  { batch = 32, shardBytes }: { batch?: number; shardBytes?: number } = {},
): Promise<PaintReport> {
  if (config.leastSnr > config.mostSnr)
    refuse("paint", "leastSnr", `at most mostSnr, ${config.mostSnr}`, config.leastSnr);
  const hosts = await openHosts(config);
  try {
    const bar = progress("measure", hosts.domain.count, "hosts");
    const { deflectors, setAside } = await deflectorsIn(hosts, config, bar);
    bar.done();
    const plan = planOf(deflectors, setAside, hosts, config);
    const fill = async (writer: DatasetWriter) => {
      writeFileWhole(
        join(writer.folder, SET_ASIDE_FILE),
        setAsideCsv(join(config.hosts, "table.parquet"), setAside),
      );
      await paintAll(writer, plan, hosts, config, batch);
    };
    const spec = specOf(hosts, config, provenance, setAside.length);
    const identity = identityOf(config, hosts, provenance);
    const info = await writeDataset(config.out, spec, fill, shardBytes, identity);
    return {
      info,
      painted: plan.arcs,
      unpainted: plan.unpainted.length,
      hosts: Math.min(plan.arcs, plan.hosts.length),
      setAside: countByKind(setAside),
    };
  } finally {
    hosts.domain.close();
  }
}

/** What the painted dataset is. */
function specOf(
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

/** Appends what is still missing: arcs, then unpainted hosts. */
async function paintAll(
  writer: DatasetWriter,
  plan: Plan,
  hosts: Hosts,
  config: PaintConfig,
  batch: number,
): Promise<void> {
  const total = plan.arcs + plan.unpainted.length;
  const bar = progress("paint", total, "images", writer.length);
  while (writer.length < total) {
    const first = writer.length;
    const end = Math.min(first + batch, first < plan.arcs ? plan.arcs : total);
    const indices = Array.from({ length: end - first }, (_, k) => first + k);
    if (first < plan.arcs) writer.append(...paintedBatch(indices, plan, hosts, config));
    else writer.append(...unpaintedBatch(indices, plan, hosts));
    bar.tick(indices.length);
    await safePoint(
      `${writer.length} of ${total} images are in ${config.out}.partial; the same command resumes`,
    );
  }
  bar.done();
}

/** Chooses deflectors to paint and to leave unpainted, in an order set by the seed. */
function planOf(
  deflectors: readonly Deflector[],
  setAside: readonly SetAside[],
  { domain }: Hosts,
  config: PaintConfig,
): Plan {
  const { seed, negatives } = config;
  const none = (what: string) => {
    const why = Object.entries(countByKind(setAside)).map(([kind, count]) => `${count} ${kind}`);
    throw new ArcletError({
      where: config.hosts,
      code: "empty",
      problem: `${what} (${domain.count} images${why.length > 0 ? `; ${why.join(", ")}` : ""})`,
    });
  };
  if (deflectors.length === 0) none("has no massive red galaxy to paint an arc on");
  const order = Array.from(permutation(deflectors.length, keyOf(seed, 0, 5)), (k) => deflectors[k]!);
  const kept = new Set<string>();
  if (negatives === "other") {
    // Every second group of each split, in the order of keys of their names, which other hosts change little.
    const groups = [...new Set(order.map(({ row }) => domain.groups[row]!))];
    const split = new Map(order.map(({ row }) => [domain.groups[row]!, domain.splits[row]!]));
    const keys = new Map(groups.map((group) => [group, textKey(seed, group)]));
    groups.sort((a, b) => keys.get(a)! - keys.get(b)! || (a < b ? -1 : 1));
    for (const name of ["train", "val", "test"])
      for (const [k, group] of groups.filter((group) => split.get(group) === name).entries())
        if (k % 2 === 1) kept.add(group);
  }
  const hosts = order.filter(({ row }) => !kept.has(domain.groups[row]!));
  const others = order.filter(({ row }) => kept.has(domain.groups[row]!));
  if (negatives === "other" && others.length === 0)
    none("has massive red galaxies of one group only, which are painted: use negatives same or none");
  const arcs = config.count ?? hosts.length;
  const unpainted = negatives === "none" ? [] : negatives === "same" ? hosts.slice(0, arcs) : others;
  return { hosts, arcs, unpainted: unpainted.slice(0, arcs) };
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
    return {
      ...rowOf(painting.deflector, `painted-${round}`, "lens", hosts),
      ...truthOf(painting, arcScale[k]!, hosts),
      cut_off: hosts.display ? cutOff[k]! : null,
    };
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
): [Uint8Array | Float32Array, DatasetRow[]] {
  const deflectors = indices.map((index) => plan.unpainted[index - plan.arcs]!);
  const images = hosts.domain.images(deflectors.map(({ row }) => row));
  const pixels = images.data() as Uint8Array | Float32Array;
  images.dispose();
  return [pixels, deflectors.map((deflector) => rowOf(deflector, "unpainted", "not-lens", hosts))];
}

function columnsOf({ survey }: Hosts): Record<string, ColumnType> {
  const numbers = (...names: string[]) => Object.fromEntries(names.map((name) => [name, "number" as const]));
  const bands = survey.bands.map((band) => band.name);
  return {
    kind: "text",
    host: "text",
    ...numbers("theta_e", "arc_snr", "sigma_v", "z_lens", "z_source", "mass_q", "shear"),
    ...numbers("source_x", "source_y"),
    ...numbers(...bands.map((name) => `lens_mag_${name}`), ...bands.map((name) => `source_mag_${name}`)),
    ...numbers(...bands.map((name) => `sky_sigma_${name}`), "seeing", "cut_off"),
    scene: "text",
  };
}

/** What is known of any host, from its measurement. */
function rowOf(deflector: Deflector, what: string, label: string, { domain, survey }: Hosts): DatasetRow {
  const { row, magnitudes, sigma, z } = deflector;
  const id = domain.ids[row]!;
  const bands = survey.bands.map((band) => band.name);
  return {
    id: `${id}-${what}`,
    group: domain.groups[row]!,
    split: domain.splits[row]!,
    label,
    kind: label === "lens" ? "painted" : "host",
    host: id,
    z_lens: z,
    ...Object.fromEntries(bands.map((name, k) => [`lens_mag_${name}`, magnitudes[k]!])),
    ...Object.fromEntries(bands.map((name, k) => [`sky_sigma_${name}`, sigma[k]!])),
  };
}

function truthOf({ scene, strength }: Painting, arcScale: number, { survey }: Hosts) {
  const mass = scene.mass!;
  const lights = scene.lights.map((light) => ({
    ...light,
    magnitudes: light.magnitudes.map((magnitude) => magnitude - 2.5 * Math.log10(arcScale)),
  }));
  const whole = survey.bands.map((_, k) => totalMagnitude(lights, k));
  return {
    theta_e: mass.thetaE,
    arc_snr: scene.arcSnr,
    sigma_v: strength.sigma,
    z_source: strength.zSource,
    mass_q: mass.q,
    shear: Math.hypot(mass.gamma1, mass.gamma2),
    source_x: lights[0]!.x,
    source_y: lights[0]!.y,
    ...Object.fromEntries(survey.bands.map(({ name }, k) => [`source_mag_${name}`, whole[k]!])),
    seeing: Math.min(...scene.seeing),
    scene: sceneText({ ...scene, lights }),
  };
}

/** What the pixels and rows depend on: settings, hosts, the survey's numbers and PSFs, versions. */
function identityOf(
  { out: _, hosts: __, ...settings }: PaintConfig,
  { survey, domain, recipe }: Hosts,
  { arclet, torch }: DatasetInfo["provenance"],
): Identity {
  const hosts = domain.info.contentHash;
  return { ...settings, hosts, numbers: numbersHash(survey, recipe), arclet, torch };
}
