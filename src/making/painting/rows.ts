/** Rows of a painted dataset: what is known of hosts, deflectors and arcs. */
import type { ColumnType } from "../../catalog/table.ts";
import type { DatasetRow } from "../../dataset/writer.ts";
import { arcEstimate } from "../../lensing/populations/imaged.ts";
import { totalMagnitude } from "../../lensing/total-magnitude.ts";
import { sceneText } from "../simulating/rows.ts";
import type { Painting } from "./arcs.ts";
import type { Deflector, Hosts } from "./hosts.ts";
import type { Plan } from "./plan.ts";

/** Further columns of a painted dataset. */
export function columnsOf({ survey }: Hosts): Record<string, ColumnType> {
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
export function rowOf(
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
export function lightOf({ magnitudes, sigma, z }: Deflector, { survey }: Hosts) {
  const bands = survey.bands.map((band) => band.name);
  return {
    z_lens: z,
    ...Object.fromEntries(bands.map((name, k) => [`lens_mag_${name}`, magnitudes[k]!])),
    ...Object.fromEntries(bands.map((name, k) => [`sky_sigma_${name}`, sigma[k]!])),
  };
}

/** What is known of an arc: all that was drawn. */
export function truthOf({ scene, strength }: Painting, arcScale: number, { survey }: Hosts) {
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
