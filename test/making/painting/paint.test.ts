/** Painting: only the arc is added to hosts, on galaxies that can lens. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openDataset } from "../../../src/dataset/dataset.ts";
import { contentHashOf } from "../../../src/dataset/hash.ts";
import { openUnlabelled } from "../../../src/dataset/unlabelled.ts";
import { type DatasetRow, writeDataset } from "../../../src/dataset/writer.ts";
import { Draws } from "../../../src/foundation/random.ts";
import { luminosityDistance, PLANCK15 } from "../../../src/lensing/cosmology.ts";
import { render } from "../../../src/lensing/render.ts";
import type { Scene } from "../../../src/lensing/scene.ts";
import { importImages } from "../../../src/making/importing/import.ts";
import { painted } from "../../../src/making/painting/arcs.ts";
import { paintConfig } from "../../../src/making/painting/config.ts";
import {
  absoluteMagnitude,
  dispersionOf,
  drawStrength,
  redshiftOf,
} from "../../../src/making/painting/deflector.ts";
import { deflectorsIn, openHosts } from "../../../src/making/painting/hosts.ts";
import { paint } from "../../../src/making/painting/paint.ts";
import { keptFull, uncomposite } from "../../../src/making/painting/uncomposite.ts";
import { composite } from "../../../src/sky/stretch.ts";
import { surveyNamed } from "../../../src/sky/surveys/registry.ts";
import { tensor } from "../../../src/torch/create.ts";
import { tidy } from "../../../src/torch/scope.ts";
import { slow } from "../../slow.ts";
import { scratch } from "../../tiny/dataset.ts";

slow("paints hundreds of images");

const folder = scratch();
const SIDE = 48;
const AREA = SIDE * SIDE;
const survey = surveyNamed("cfhtls");
const SKY = [0.6, 1.3, 1.8];

interface Galaxy {
  r?: number;
  gr?: number;
  ri?: number;
  q?: number;
  /** Radians from x, y upwards. */
  angle?: number;
  /** Standard deviation of its light along the major axis, pixels. */
  size?: number;
}

/** g, r, i flux of a Gaussian galaxy in the middle, on sky noise. Row 0 is the top. */
function galaxy(
  seed: number,
  { r = 18.8, gr = 1.45, ri = 0.55, q = 0.8, angle = 0.5, size = 4.5 }: Galaxy = {},
) {
  const d = new Draws(seed, 77);
  const fluxes = [r + gr, r, r - ri].map((m) => 10 ** (-0.4 * (m - 30)));
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return Float32Array.from({ length: 3 * AREA }, (_, k) => {
    const [band, p] = [Math.floor(k / AREA), k % AREA];
    const [x, y] = [(p % SIDE) - 23.5, 23.5 - Math.floor(p / SIDE)];
    const [u, v] = [x * cos + y * sin, (y * cos - x * sin) / q];
    const shape = Math.exp(-(u * u + v * v) / (2 * size * size)) / (2 * Math.PI * size * size * q);
    return fluxes[band]! * shape + d.normal(0, SKY[band]);
  });
}

const spec = {
  name: "hosts",
  survey: "cfhtls",
  bands: ["g", "r", "i"],
  pixelScale: 0.187,
  classes: ["a", "b"],
  pixels: "flux" as "flux" | "display",
  shape: [3, SIDE, SIDE] as [number, number, number],
  provenance: {},
};

/** A dataset of hosts; pairs of them share a group. */
async function hostsOf(
  name: string,
  images: readonly (Float32Array | Uint8Array)[],
  about: Partial<typeof spec> = {},
  row: (k: number) => Partial<DatasetRow> = () => ({}),
): Promise<string> {
  const out = join(folder, name);
  await writeDataset(out, { ...spec, ...about }, async (writer) => {
    for (const [k, image] of images.entries()) {
      const pair = Math.floor(k / 2);
      const split = (["train", "train", "val", "test"] as const)[pair % 4]!;
      writer.append(image, [{ id: `host-${k}`, group: `place-${pair}`, split, ...row(k) }]);
    }
  });
  return out;
}

/** The content hash of a folder of one shard. */
const hashOfFiles = (path: string) =>
  contentHashOf(
    new Map(
      ["images-00000.npy", "table.parquet"].map((file) => [
        file,
        createHash("sha256")
          .update(readFileSync(join(path, file)))
          .digest("hex"),
      ]),
    ),
  );

const config = (values: object) => paintConfig.parse({ survey: "cfhtls", ...values });
const galaxies = (count: number, of?: Galaxy) => Array.from({ length: count }, (_, k) => galaxy(k, of));
const imagesOf = (out: string) =>
  new Float32Array(new Uint8Array(readFileSync(join(out, "images-00000.npy")).subarray(128)).buffer);

describe("flux hosts", async () => {
  const hosts = await hostsOf("flux", galaxies(16));
  const out = join(folder, "painted");
  const report = await paint(config({ hosts, out, noise: false, seed: 3, negatives: ["kept"] }), {});
  const from = await openDataset(hosts);
  const to = await openDataset(out);
  const hostRow = to.column("host").map((id) => from.ids.indexOf(String(id)));
  const before = imagesOf(hosts);
  const after = imagesOf(out);
  const added = (row: number) =>
    after
      .slice(row * 3 * AREA, (row + 1) * 3 * AREA)
      .map((x, p) => x - before[hostRow[row]! * 3 * AREA + p]!);
  const lenses = [...to.ids.keys()].filter((row) => to.column("label")[row] === "lens");
  const others = [...to.ids.keys()].filter((row) => to.column("label")[row] === "not-lens");

  test("of what is not sealed all galaxies are deflectors; half of the groups are painted, the others are the negatives", () => {
    expect(report).toMatchObject({ painted: 6, unpainted: 6, others: 0, hosts: 6, setAside: {} });
    expect([lenses.length, others.length]).toEqual([6, 6]);
    expect(to.splits).not.toContain("test");
    expect(to.info).toMatchObject({
      classes: ["not-lens", "lens"],
      bands: ["g", "r", "i"],
      survey: "cfhtls",
    });
    const groups = (rows: number[]) => new Set(rows.map((row) => to.groups[row]));
    expect([...groups(lenses)].filter((group) => groups(others).has(group))).toEqual([]);
    for (const row of to.ids.keys()) {
      expect(to.groups[row]).toBe(from.groups[hostRow[row]!]);
      expect(to.splits[row]).toBe(from.splits[hostRow[row]!]);
    }
    for (const row of others) expect(Math.max(...added(row).map(Math.abs))).toBe(0);
  });

  test("what is added is the table's scene, rendered", () => {
    for (const row of lenses) {
      const scene = JSON.parse(String(to.column("scene")[row])) as Scene;
      const { images } = render([{ ...scene, arcSnr: null }], survey, SIDE);
      const expected = tidy(() => images.flip(2).contiguous().data()) as Float32Array;
      const peak = Math.max(...expected);
      const got = added(row);
      expect(peak).toBeGreaterThan(1);
      const worst = Math.max(...got.map((x, p) => Math.abs(x - expected[p]!)));
      expect(worst / peak).toBeLessThan(1e-4); // of sums with hosts ten times as bright, in float32
      images.dispose();
    }
  });

  test("its signal-to-noise over the host's own measured sky is the one in the table", () => {
    for (const row of lenses) {
      const sigma = ["g", "r", "i"].map((band) => Number(to.column(`sky_sigma_${band}`)[row]));
      for (const [k, s] of sigma.entries()) expect(Math.abs(s / SKY[k]! - 1)).toBeLessThan(0.15);
      const sum = added(row).reduce((total, x, p) => total + (x / sigma[Math.floor(p / AREA)]!) ** 2, 0);
      const snr = Number(to.column("arc_snr")[row]);
      expect(snr).toBeGreaterThanOrEqual(25);
      expect(Math.sqrt(sum) / snr).toBeCloseTo(1, 3);
    }
  });

  test("Einstein radii are those of the velocity dispersion and redshifts, and are large enough to be seen", () => {
    for (const row of lenses) {
      const at = (name: string) => Number(to.column(name)[row]);
      const distance = (z: number) => luminosityDistance(PLANCK15, z) / (1 + z); // comoving
      const ratio = 1 - distance(at("z_lens")) / distance(at("z_source"));
      const radius = 4 * Math.PI * (at("sigma_v") / 299792.458) ** 2 * ratio * 206264.806;
      expect(at("theta_e")).toBeCloseTo(radius, 6);
      expect(at("theta_e")).toBeGreaterThanOrEqual(0.7);
      // Drawn from what the colours leave open: about ±0.027 of scatter, and their own errors.
      expect(Math.abs(at("z_lens") - 0.3)).toBeLessThan(0.12);
    }
    const redshifts = lenses.map((row) => Number(to.column("z_lens")[row]));
    expect(Math.abs(redshifts.reduce((sum, z) => sum + z, 0) / 6 - 0.3)).toBeLessThan(0.05);
  });

  test("the same bytes whatever the batch; labels of the hosts change nothing, another seed does", async () => {
    const images = galaxies(16);
    const labelled = await hostsOf("labelled", images, {}, (k) => ({ label: k % 3 === 0 ? "a" : "b" }));
    const run = async (name: string, values: object, batch: number) => {
      const target = join(folder, name);
      await paint(
        config({ hosts: labelled, out: target, noise: false, seed: 3, negatives: ["kept"], ...values }),
        {},
        { batch },
      );
      return readFileSync(join(target, "images-00000.npy"));
    };
    const same = readFileSync(join(out, "images-00000.npy"));
    expect((await run("batch-3", {}, 3)).equals(same)).toBe(true);
    expect((await run("seed-4", { seed: 4 }, 32)).equals(same)).toBe(false);
    const noisy = await run("noisy", { noise: true }, 32);
    expect(noisy.equals(same)).toBe(false);
    expect((await run("noisy-5", { noise: true }, 5)).equals(noisy)).toBe(true);
  });

  test("hosts are painted again when there are more arcs than hosts; negatives never", async () => {
    const target = join(folder, "again");
    const values = { hosts, out: target, count: 20, negatives: ["same"] };
    expect(await paint(config(values), {})).toMatchObject({ painted: 20, unpainted: 12, hosts: 12 });
    const again = await openDataset(target);
    const ids = again.ids.filter((id) => id.endsWith("-painted-1"));
    expect(ids).toHaveLength(8);
    const radii = ids.map((id) => {
      const first = again.ids.indexOf(id.replace("painted-1", "painted-0"));
      return again.column("theta_e")[first] === again.column("theta_e")[again.ids.indexOf(id)];
    });
    expect(radii).toEqual(Array(8).fill(false));
    again.close();
    const only = await paint(config({ hosts, out: join(folder, "only"), negatives: ["none"] }), {});
    expect(only).toMatchObject({ painted: 12, unpainted: 0 });
  });
});

test("a point painted on a host is as wide as the survey's seeing", async () => {
  const path = await hostsOf("points", galaxies(2));
  const settings = config({ hosts: path, out: "x", noise: false });
  const hosts = await openHosts(settings);
  const { deflectors } = await deflectorsIn(hosts, settings, undefined);
  const scale = survey.pixelScale;
  const light = { part: "point", magnitudes: [20, 20, 20], R: 0.001, n: 0.5, q: 1, angle: 0, point: true };
  const scene: Scene = {
    kind: "point",
    mass: null,
    lights: [{ ...light, lensed: false, x: scale / 2, y: scale / 2 }],
    seeing: survey.bands.map((band) => band.seeing),
    skySigma: SKY,
    pedestal: [0, 0, 0],
    arcSnr: null,
  };
  const one = {
    deflector: deflectors[0]!,
    strength: { sigma: 200, zSource: 2, thetaE: 1, halo: "galaxy" as const },
    scene,
    shift: [0, 0] as const,
  };
  const { pixels } = painted([one], [0], hosts, settings);
  const host = tidy(() => hosts.domain.images([deflectors[0]!.row]).data()) as Float32Array;
  for (const [band, { seeing }] of survey.bands.entries()) {
    // x of scale / 2 is column 24, and y of scale / 2 row 23
    const along = Array.from(
      { length: 24 },
      (_, k) => pixels[band * AREA + 23 * SIDE + 24 + k]! - host[band * AREA + 23 * SIDE + 24 + k]!,
    );
    const half = along.findIndex((x) => x < along[0]! / 2);
    const [above, below] = [along[half - 1]!, along[half]!];
    const radius = half - 1 + (above - along[0]! / 2) / (above - below);
    expect(Math.abs((2 * radius * scale) / seeing - 1)).toBeLessThan(0.04);
  }
  hosts.domain.close();
});

test("a deflector's shape is its host's without the PSF, its angle counted with y upwards", async () => {
  const path = await hostsOf("shapes", galaxies(6, { q: 0.6, angle: 0.6 }));
  const settings = config({ hosts: path, out: "x" });
  const hosts = await openHosts(settings);
  const { deflectors } = await deflectorsIn(hosts, settings, undefined);
  expect(deflectors).toHaveLength(6);
  for (const { q, angle, x, y, r } of deflectors) {
    expect(Math.abs(q - 0.503)).toBeLessThan(0.05); // √((0.6² 4.5² − 1.7²) / (4.5² − 1.7²))
    expect(angle).toBeCloseTo(0.6, 1);
    expect(Math.hypot(x, y)).toBeLessThan(0.05);
    expect(Math.abs(r - 18.8)).toBeLessThan(0.05);
  }
  hosts.domain.close();
});

test("redshift, luminosity and velocity dispersion, by hand", () => {
  const byColour = (gr: number, ri: number | null) => redshiftOf({ gr, ri, r: null, errors: [0, 0] }, null);
  expect(byColour(1.45, 0.55).z).toBeCloseTo(0.3, 6); // a row of the track
  expect(byColour(1.08, null).z).toBeCloseTo(0.15, 2); // half way from 0.96 at 0.1 to 1.2 at 0.2
  expect(byColour(1.45 + 0.07 * 3, 0.55 + 0.05 * 40).off).toBeGreaterThan(20); // an M dwarf's
  expect(dispersionOf(-21.15)).toBeCloseTo(158.489, 2); // 10^2.2
  expect(dispersionOf(-22.65) / dispersionOf(-20.15)).toBeCloseTo(10 ** 0.25, 9); // L^(1/4) of a factor of ten
  // At z = 0.3 with Planck's H0 the distance modulus is 40.99; K 0.39, evolution 0.255.
  expect(absoluteMagnitude(18.8, 0.3)).toBeCloseTo(18.8 - 40.99 - 0.39 + 0.255, 1);
});

test("a redshift is drawn from colours, luminosity function and volume; it doesn't pile up at the track's end", () => {
  // Measured too red in r − i for the whole track: colours alone say 0.8.
  const seen = { gr: 1.74, ri: 1.3, errors: [0.1, 0.15] as const };
  expect(redshiftOf({ ...seen, r: null }, null).z).toBeCloseTo(0.8, 2);
  // The posterior again, in steps of 0.001: the track between 0.5 and 0.8 is (1.74, 0.83), (1.76, 0.99), (1.73, 1.11),
  // (1.74, 1.2); below 0.5 nearly nothing is left.
  const track = [
    [1.74, 0.83],
    [1.76, 0.99],
    [1.73, 1.11],
    [1.74, 1.2],
  ] as const;
  const r = 22;
  const weights = Array.from({ length: 301 }, (_, k) => {
    const z = 0.5 + k / 1000;
    const at = Math.min(2, Math.floor((z - 0.5) * 10 + 1e-9));
    const part = (z - 0.5) * 10 - at;
    const [gr, ri] = [0, 1].map((c) => track[at]![c]! + part * (track[at + 1]![c]! - track[at]![c]!));
    const colour =
      (seen.gr - gr!) ** 2 / (0.07 ** 2 + 0.1 ** 2) + (seen.ri - ri!) ** 2 / (0.05 ** 2 + 0.15 ** 2);
    const comoving = (w: number) => luminosityDistance(PLANCK15, w) / (1 + w);
    const volume = comoving(z) ** 2 * (comoving(z + 1e-4) - comoving(z - 1e-4));
    return [z, Math.exp(-colour / 2 - ((absoluteMagnitude(r, z) + 21.15) / 0.84) ** 2 / 2) * volume] as const;
  });
  const all = weights.reduce((sum, [, w]) => sum + w, 0);
  const expected = weights.reduce((sum, [z, w]) => sum + z * w, 0) / all;
  const draws = Array.from({ length: 500 }, (_, k) => redshiftOf({ ...seen, r }, (k + 0.5) / 500).z);
  expect(draws.reduce((sum, z) => sum + z, 0) / 500).toBeCloseTo(expected, 2);
  expect(expected).toBeLessThan(0.72);
  expect(draws.filter((z) => z > 0.78).length / 500).toBeLessThan(0.2);
});

test("a share of luminous galaxies has a group's mass, and arcs as wide as the cutout shows", () => {
  const d = new Draws(1, 1);
  // M_r = 18 − 40.99 − 0.39 + 0.255 = −23.1 at z = 0.3.
  const drawn = (share: number, r: number) =>
    Array.from({ length: 400 }, () => drawStrength(d, r, 0.3, [0.7, 6], share)!);
  const luminous = drawn(0.4, 18);
  const groups = luminous.filter(({ halo }) => halo === "group");
  expect(Math.abs(groups.length / 400 - 0.4)).toBeLessThan(0.1); // 4 standard errors
  const distance = (z: number) => luminosityDistance(PLANCK15, z) / (1 + z);
  for (const { thetaE, sigma, zSource } of luminous) {
    const ratio = 1 - distance(0.3) / distance(zSource);
    expect(thetaE).toBeCloseTo(4 * Math.PI * (sigma / 299792.458) ** 2 * ratio * 206264.806, 6);
    expect(sigma).toBeLessThanOrEqual(900);
  }
  // Uniform in the logarithm from the galaxy's own 1.4" (252 km/s, D_ls / D_s = 0.77) to 6": ln 2 / ln(6 / 1.4) above 3".
  const wide = groups.filter(({ thetaE }) => thetaE > 3).length / groups.length;
  expect(Math.abs(wide - 0.476)).toBeLessThan(0.15); // 4 standard errors
  expect(Math.max(...groups.map(({ thetaE }) => thetaE))).toBeGreaterThan(5);
  expect(drawn(0, 18).every(({ halo }) => halo === "galaxy")).toBe(true);
  expect(drawn(1, 20).every(({ halo }) => halo === "galaxy")).toBe(true); // M_r = −21.1
});

test("the same galaxies unpainted and all others are negatives; a group has one split, and a part of them is val", async () => {
  const images = [...galaxies(12), ...galaxies(6, { gr: 0.4 }), galaxy(20, { r: 23 })];
  const train = (k: number) => ({ split: k === 18 ? "test" : "train" }) as const;
  const hosts = await hostsOf("field", images, {}, train);
  const out = join(folder, "field-painted");
  expect(await paint(config({ hosts, out, seed: 2 }), {})).toMatchObject({
    painted: 12,
    unpainted: 12,
    others: 6,
    setAside: { "too blue": 6 },
  });
  const to = await openDataset(out);
  const from = await openDataset(hosts);
  const rowOf = (id: unknown) => from.ids.indexOf(String(id));
  const splits = new Map<string, Set<string>>();
  for (const [row, group] of to.groups.entries()) {
    const host = rowOf(to.column("host")[row]);
    expect(group).toBe(from.groups[host]);
    expect(host).not.toBe(18);
    splits.set(group, (splits.get(group) ?? new Set()).add(to.splits[row]!));
    if (to.column("kind")[row] === "painted") continue;
    expect(to.column("label")[row]).toBe("not-lens");
    expect(to.column("kind")[row]).toBe(host < 12 ? "host" : "other");
    expect(to.imageHashes()[row]).toBe(from.imageHashes()[host]);
  }
  expect([...splits.values()].every(({ size }) => size === 1)).toBe(true);
  const val = to.labels(to.rows("val"));
  expect(new Set(val)).toEqual(new Set([0, 1]));
  expect([...splits.values()].filter((split) => split.has("val"))).toHaveLength(2); // one with arcs, one without
  for (const dataset of [to, from]) dataset.close();
  const few = await paint(
    config({ hosts, out: join(folder, "few"), negatives: ["others"], mostOthers: 2 }),
    {},
  );
  expect(few).toMatchObject({ painted: 12, unpainted: 0, others: 2 });
  const some = await paint(
    config({ hosts, out: join(folder, "some"), where: "id in ('host-0', 'host-1')" }),
    {},
  );
  expect(some).toMatchObject({ painted: 2, unpainted: 2, others: 0 });
});

describe("colour composites", () => {
  const shown = (flux: Float32Array) =>
    tidy(() => composite(tensor(flux, [1, 3, SIDE, SIDE]), survey).data()) as Uint8Array;

  test("flux comes back to half a step where no channel is clipped, and its bytes exactly", () => {
    const flux = galaxy(1, { r: 23 }).map((x) => Math.abs(x) + 2);
    const bytes = tensor(shown(flux), [1, 3, SIDE, SIDE]);
    expect(Math.max(...shown(flux))).toBeLessThan(255);
    const back = uncomposite(bytes, survey); // i, r, g
    const got = back.data() as Float32Array;
    // A step of a channel is 1 / 255 / (α scale / mean) at the faint end, and grows with asinh's flattening.
    const scales = [0.4, 0.6, 1.7].map((scale) => scale / 0.9);
    for (const [k, scale] of scales.entries())
      for (let p = 0; p < AREA; p++) {
        const total = scales.reduce((sum, s, c) => sum + s * flux[(2 - c) * AREA + p]!, 0);
        const steep = Math.cosh(Math.asinh(0.09 * total)) / 0.09; // dI / dΣv
        const most = (3 / 255) * steep * 0.75;
        expect(Math.abs(got[k * AREA + p]! - flux[(2 - k) * AREA + p]!) * scale).toBeLessThan(most);
      }
    const order = {
      ...survey,
      bands: ["i", "r", "g"].map((name) => survey.bands.find((b) => b.name === name)!),
    };
    expect(composite(back, order).data()).toEqual(bytes.data());
  });

  test("a full channel stays full", () => {
    const host = tensor(Uint8Array.from([255, 7, 255]), [1, 3, 1, 1]);
    const brighter = tensor(Uint8Array.from([200, 90, 255]), [1, 3, 1, 1]);
    expect([...keptFull(brighter, host).data()]).toEqual([255, 90, 255]);
  });

  test("painted: the bytes far from the arc are the host's, those on the arc are brighter", async () => {
    const images = galaxies(8, { r: 20.2, gr: 1.62, ri: 0.65, size: 9 }).map(shown);
    const hosts = await hostsOf("display", images, { pixels: "display", bands: ["i", "r", "g"] });
    const out = join(folder, "painted-display");
    await paint(config({ hosts, out, noise: false, faintest: 22, leastThetaE: 0.5 }), {});
    const to = await openDataset(out);
    const lenses = [...to.ids.keys()].filter((row) => to.column("label")[row] === "lens");
    expect(lenses).toHaveLength(6); // the fourth group is sealed
    for (const row of lenses) {
      const host = images[Number(String(to.column("host")[row]).slice(5))]!;
      const got = tidy(() => to.images([row]).data()) as Uint8Array;
      let corners = 0;
      for (let p = 0; p < 4 * SIDE; p++) if (p % SIDE < 4) corners += Math.abs(got[p]! - host[p]!);
      expect(corners).toBeLessThanOrEqual(8);
      const sum = (image: Uint8Array) => image.reduce((total, x) => total + x, 0);
      expect(sum(got)).toBeGreaterThan(sum(host) + 500);
      const cutOff = Number(to.column("cut_off")[row]);
      expect(cutOff).toBeGreaterThanOrEqual(0);
      expect(cutOff).toBeLessThan(0.9);
    }
    to.close();
  });

  test("off the middle: host, arc and unpainted galaxy are moved, and the table says how far the lens is", async () => {
    const images = galaxies(2, { r: 20.2, gr: 1.62, ri: 0.65, size: 9 }).map(shown);
    const hosts = await hostsOf("moved", images, { pixels: "display", bands: ["i", "r", "g"] });
    const out = join(folder, "painted-moved");
    await paint(
      config({ hosts, out, count: 4, noise: false, faintest: 22, leastThetaE: 0.5, offCentre: 2 }),
      {},
    );
    const to = await openDataset(out);
    const brightest = (row: number) => {
      const image = tidy(() => to.images([row]).data()) as Uint8Array;
      let [x, y, sum] = [0, 0, 0];
      for (let p = 0; p < AREA; p++) {
        const light = image[AREA + p]! > 100 ? image[AREA + p]! : 0;
        x += light * ((p % SIDE) - 23.5);
        y += light * (23.5 - Math.floor(p / SIDE));
        sum += light;
      }
      return [x / sum, y / sum].map((mean) => mean * survey.pixelScale) as [number, number];
    };
    const places = [...to.ids.keys()].map(brightest);
    expect(places.some(([x, y]) => Math.hypot(x, y) > 0.7)).toBe(true);
    for (const [row, [x, y]] of places.entries()) {
      if (to.column("label")[row] !== "lens") continue;
      const { mass } = JSON.parse(String(to.column("scene")[row]));
      expect(Math.hypot(mass.x, mass.y)).toBeLessThan(2.5);
      expect(Math.hypot(mass.x - x, mass.y - y)).toBeLessThan(0.5);
      expect(Number(to.column("magnification")[row])).toBeGreaterThan(1);
    }
    to.close();
    const far = config({ hosts, out: join(folder, "too-far"), offCentre: 3 });
    await expect(paint(far, {})).rejects.toThrow(/offCentre must be at most 2\.24", a quarter of a cutout/);
  });

  test("a galaxy whose full pixels reach to where its arcs would be is set aside; a group's arcs are clear of them", async () => {
    const bright = galaxies(2, { r: 15, size: 5 }).map(shown);
    const hosts = await hostsOf("full", bright, { pixels: "display", bands: ["i", "r", "g"] });
    const alone = { hosts, out: join(folder, "no"), groupShare: 0 };
    await expect(paint(config(alone), {})).rejects.toThrow(/no massive red galaxy.*2 saturated/);
    const out = join(folder, "of-group");
    await paint(config({ hosts, out, negatives: ["none"] }), {});
    const to = await openDataset(out);
    expect(to.column("halo")).toEqual(["group", "group"]);
    const full = bright.map((image) => {
      const pixels = Array.from({ length: AREA }, (_, p) =>
        [0, 1, 2].some((c) => image[c * AREA + p] === 255),
      );
      return Math.sqrt(pixels.filter(Boolean).length / Math.PI) * survey.pixelScale;
    });
    for (const row of to.ids.keys())
      expect(Number(to.column("theta_e")[row])).toBeGreaterThan(Math.min(...full));
    to.close();
  });
});

describe("refused", () => {
  const out = join(folder, "refused");
  const refused = async (hosts: string, message: RegExp, values: object = {}) => {
    await expect(paint(config({ hosts, out, ...values }), {})).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  };

  test("hosts that don't fit the survey", async () => {
    const images = galaxies(2);
    await refused(
      await hostsOf("bands", images, { bands: ["g", "r", "z"] }),
      /bands must be of cfhtls: g, r, i, got "z"/,
    );
    await refused(
      await hostsOf("scale", images, { pixelScale: 0.25 }),
      /pixel scale must be 0\.187" .* got 0\.25/,
    );
    await refused(await hostsOf("named", images, { survey: "kids" }), /survey must be kids, .* got "cfhtls"/);
    const shown = images.map((image) => Uint8Array.from(image, (x) => Math.min(255, Math.max(0, x))));
    await refused(
      await hostsOf("order", shown, { pixels: "display" }),
      /bands must be i, r, g, those of cfhtls's composites/,
    );
    const good = await hostsOf("good", images);
    await refused(good, /leastThetaE must be below 3\.37"/, { leastThetaE: 4 });
    await refused(good, /leastSnr must be at most mostSnr, 10, got 25/, { mostSnr: 10 });
    await refused(good, /redshift must be a column of redshifts/, { redshift: "label" });
    await refused(good, /has no column zphot/, { redshift: "zphot" });
    await refused(good, /massive red galaxies of one group only.*negatives same or none/, {
      negatives: ["kept"],
    });
    await refused(good, /negatives must be same or kept, not both/, { negatives: ["same", "kept"] });
    await refused(good, /negatives must be none, or others of them/, { negatives: ["none", "same"] });
    await refused(good, /rows must be some in train, val with id = 'x', got "none"/, { where: "id = 'x'" });
    await refused(good, /"label" not found.*labels are not read here/, { where: "label = 'lens'" });
  });

  test("no red galaxies, with the reasons counted", async () => {
    const blue = await hostsOf("blue", [
      ...galaxies(2, { gr: 0.4, ri: 0.2 }),
      galaxy(5, { r: 23 }),
      galaxy(6, { size: 1.5 }),
      galaxy(7, { ri: 1.5 }),
    ]);
    await refused(
      blue,
      /no massive red galaxy to paint an arc on \(5 images; 2 too blue, 1 too faint, 1 a point, 1 not passive\)/,
    );
  });
});

test("hosts that can't be used are set aside with their row and reason", async () => {
  const images = [...galaxies(4), galaxy(8, { gr: 0.4 })];
  const hosts = await hostsOf("mixed", images);
  const path = join(hosts, "images-00000.npy"); // a program that wrote its own folder may have left NaN in it
  const bytes = readFileSync(path);
  bytes.writeFloatLE(Number.NaN, 128 + 4 * 3 * AREA * 1 + 40);
  writeFileSync(path, bytes);
  const info = JSON.parse(readFileSync(join(hosts, "dataset.json"), "utf8"));
  writeFileSync(join(hosts, "dataset.json"), JSON.stringify({ ...info, contentHash: hashOfFiles(hosts) }));
  const out = join(folder, "kept");
  const { setAside } = await paint(config({ hosts, out }), {});
  expect(setAside).toEqual({ "not finite": 1, "too blue": 1 });
  const listed = readFileSync(join(out, "set-aside.csv"), "utf8").split("\n");
  expect(listed[1]).toBe(
    `table.parquet,2,host-1,not finite,not finite: 1 of ${3 * AREA} pixels are NaN or infinite`,
  );
  expect(listed[2]).toMatch(
    /^table\.parquet,5,host-4,too blue,"?too blue: g - r is 0\.4\d, must be at least 0\.9/,
  );
});

test("redshifts from a column take precedence over colours", async () => {
  const hosts = await hostsOf("z", galaxies(4), { columns: { z: "number" } } as object, (k) => ({
    z: k === 3 ? null : 0.2,
  }));
  const out = join(folder, "with-z");
  const { setAside } = await paint(config({ hosts, out, redshift: "z", negatives: ["none"] }), {});
  expect(setAside).toEqual({ "no redshift": 1 });
  const to = await openDataset(out);
  expect(to.column("z_lens")).toEqual([0.2, 0.2, 0.2]);
  to.close();
});

test("an arc has its host's own seeing if the table has a column of it; hosts without one are set aside", async () => {
  const iq = [0.5, 1.4, null, 40, 0.5, 1.4];
  const hosts = await hostsOf("iq", galaxies(6), { columns: { iq: "number" } } as object, (k) => ({
    iq: iq[k]!,
  }));
  const out = join(folder, "with-iq");
  const { setAside } = await paint(
    config({ hosts, out, seeing: "iq", negatives: ["none"], noise: false }),
    {},
  );
  expect(setAside).toEqual({ "no seeing": 2 });
  expect(readFileSync(join(out, "set-aside.csv"), "utf8")).toContain(
    "iq is 40, must be from 0.03 to 5 arcsec",
  );
  const to = await openDataset(out);
  const images = imagesOf(out);
  const before = imagesOf(hosts);
  const sharpness: Record<string, number[]> = { sharp: [], blurred: [] };
  for (const row of to.ids.keys()) {
    const host = Number(String(to.column("host")[row]).split("-")[1]);
    const scene = JSON.parse(String(to.column("scene")[row])) as Scene;
    expect(scene.seeing).toEqual([iq[host], iq[host], iq[host]]);
    const arcs = images
      .slice(row * 3 * AREA, (row + 1) * 3 * AREA)
      .map((x, p) => x - before[host * 3 * AREA + p]!);
    const sum = arcs.reduce((total, x) => total + x, 0);
    const squares = arcs.reduce((total, x) => total + x * x, 0);
    sharpness[iq[host] === 0.5 ? "sharp" : "blurred"]!.push(squares / sum ** 2);
  }
  to.close();
  expect(Math.min(...sharpness.sharp!)).toBeGreaterThan(1.5 * Math.max(...sharpness.blurred!));
});

test("sources are drawn from the given recipe", async () => {
  const hosts = await hostsOf("of-recipe", galaxies(4));
  const recipe = join(folder, "red.yaml");
  writeFileSync(recipe, "name: red\nlens:\n  source:\n    n: 3.5\n    clumps: 0\n");
  const out = join(folder, "by-recipe");
  await paint(config({ hosts, out, recipe, negatives: ["none"] }), {});
  const to = await openDataset(out);
  for (const scene of to.column("scene")) {
    const { lights } = JSON.parse(String(scene)) as Scene;
    expect(lights.map(({ n }) => n)).toEqual([3.5]);
  }
  to.close();
});

const PS1 = "../shared/data/ps1";
test.skipIf(!existsSync(PS1))(
  "real Pan-STARRS1 cutouts: arcs on the massive galaxies among them",
  async () => {
    const table = join(folder, "ps1.csv");
    writeFileSync(table, `id\n${Array.from({ length: 351 }, (_, k) => `ps1-${k}`).join("\n")}\n`);
    const hosts = join(folder, "ps1");
    const about = { table, bands: ["g", "r", "i"], pixelScale: 0.25, survey: "panstarrs", out: hosts };
    await importImages({ images: [join(PS1, "lensed_galaxies_gri.npy")], ...about });
    const out = join(folder, "ps1-painted");
    const {
      painted: arcs,
      unpainted,
      setAside,
    } = await paint(config({ hosts, out, survey: "panstarrs", count: 30 }), {});
    expect([arcs, unpainted]).toEqual([30, 30]);
    expect(Object.keys(setAside)).toEqual(
      expect.arrayContaining(["too faint", "a point", "not massive enough"]),
    );
    const to = await openUnlabelled(out);
    expect(tidy(() => to.images(to.rows()).isfinite().all().item())).toBe(1);
    to.close();
  },
);
