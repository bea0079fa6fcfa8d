/** Painted datasets: simulated arcs added to real cutouts, with all that is known of every arc. */
import { join } from "node:path";
import type { ColumnType } from "../../catalog/table.ts";
import type { DatasetInfo } from "../../dataset/info.ts";
import { countByKind, SET_ASIDE_FILE, setAsideCsv } from "../../dataset/set-aside.ts";
import type { Identity } from "../../dataset/unfinished.ts";
import { type DatasetRow, type DatasetSpec, type DatasetWriter, writeDataset } from "../../dataset/writer.ts";
import { refuse } from "../../foundation/errors.ts";
import { writeFileWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { arcEstimate } from "../../lensing/populations/imaged.ts";
import { totalMagnitude } from "../../lensing/total-magnitude.ts";
import { tidy } from "../../torch/scope.ts";
import { numbersHash } from "../numbers-hash.ts";
import { sceneText } from "../simulating/rows.ts";
import { type Painting, painted, paintingOf } from "./arcs.ts";
import type { PaintConfig } from "./config.ts";
import { type Deflector, deflectorsIn, type Hosts, openHosts } from "./hosts.ts";
import { type Plan, planOf, refuseContradictions } from "./plan.ts";
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
  if (config.leastSnr > config.mostSnr)
    refuse("paint", "leastSnr", `at most mostSnr, ${config.mostSnr}`, config.leastSnr);
  refuseContradictions(config.negatives);
  const hosts = await openHosts(config);
  try {
    const bar = progress("measure", hosts.rows.length, "hosts");
    const { deflectors, setAside } = await deflectorsIn(hosts, config, bar);
    bar.done();
    const plan = planOf(deflectors, setAside, hosts, config);
    const fill = async (writer: DatasetWriter) => {
      writeFileWhole(
        join(writer.folder, SET_ASIDE_FILE),
        setAsideCsv(join(config.hosts, "table.parquet"), setAside),
      );
      await paintAll(writer, plan, hosts, config, batch);
      const { zeroPoint } = hosts.domain.info;
      return zeroPoint === undefined ? {} : { zeroPoint };
    };
    const spec = specOf(hosts, config, provenance, setAside.length);
    const identity = identityOf(config, hosts, provenance);
    const info = await writeDataset(config.out, spec, fill, shardBytes, identity);
    return {
      info,
      painted: plan.arcs,
      unpainted: plan.unpainted.length,
      others: plan.others.length,
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

/** Appends what is still missing: arcs, then unpainted deflectors, then other objects. */
async function paintAll(
  writer: DatasetWriter,
  plan: Plan,
  hosts: Hosts,
  config: PaintConfig,
  batch: number,
): Promise<void> {
  const { arcs } = plan;
  const total = arcs + plan.unpainted.length + plan.others.length;
  const bar = progress("paint", total, "images", writer.length);
  while (writer.length < total) {
    const first = writer.length;
    const end = Math.min(first + batch, first < arcs ? arcs : total);
    const indices = Array.from({ length: end - first }, (_, k) => first + k);
    if (first < arcs) writer.append(...paintedBatch(indices, plan, hosts, config));
    else writer.append(...unpaintedBatch(indices, plan, hosts, config));
    bar.tick(indices.length);
    await safePoint(
      `${writer.length} of ${total} images are in ${config.out}.partial; the same command resumes`,
    );
  }
  bar.done();
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
      ...rowOf(painting.deflector.row, `painted-${round}`, "lens", plan, hosts),
      ...lightOf(painting.deflector, hosts),
      ...truthOf(painting, arcScale[k]!, hosts),
      cut_off: cutOff === null ? null : cutOff[k]!,
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
      : { ...rowOf(row, "unpainted", "not-lens", plan, hosts), ...lightOf(deflector, hosts) },
  );
  return [pixels, rows];
}

function columnsOf({ survey }: Hosts): Record<string, ColumnType> {
  const numbers = (...names: string[]) => Object.fromEntries(names.map((name) => [name, "number" as const]));
  const bands = survey.bands.map((band) => band.name);
  return {
    kind: "text",
    host: "text",
    halo: "text",
    ...numbers("theta_e", "arc_snr", "magnification", "sigma_v", "z_lens", "z_source", "mass_q", "shear"),
    ...numbers("source_x", "source_y"),
    ...numbers(...bands.map((name) => `lens_mag_${name}`), ...bands.map((name) => `source_mag_${name}`)),
    ...numbers(...bands.map((name) => `sky_sigma_${name}`), "seeing", "cut_off"),
    scene: "text",
  };
}

/** What every image has of its host. */
function rowOf(
  row: number,
  what: string,
  label: string,
  { splits }: Plan,
  { domain }: Hosts,
): DatasetRow & { id: string } {
  const id = domain.ids[row]!;
  const kind = label === "lens" ? "painted" : what === "other" ? "other" : "host";
  const group = domain.groups[row]!;
  return {
    id: `${id}-${what}`,
    group,
    split: splits.get(group) ?? domain.splits[row]!,
    label,
    kind,
    host: id,
  };
}

/** What is known of a deflector, from its measurement. */
function lightOf({ magnitudes, sigma, z }: Deflector, { survey }: Hosts) {
  const bands = survey.bands.map((band) => band.name);
  return {
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
    halo: strength.halo,
    theta_e: mass.thetaE,
    arc_snr: scene.arcSnr,
    magnification: arcEstimate(mass, scene.lights[0]!).magnification,
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
