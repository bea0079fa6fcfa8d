/** lenstronomy's numbers (see README.md beside them), and its scenes as ours. */
import { readFileSync } from "node:fs";
import { axisRatioOf } from "../../src/lensing/profiles/frame.ts";
import type { Light, Scene } from "../../src/lensing/scene.ts";
import type { Survey } from "../../src/sky/survey.ts";

interface Ellipse {
  e1?: number;
  e2?: number;
  center_x: number;
  center_y: number;
}
export interface LensCase {
  profile: string;
  parameters: Ellipse & {
    theta_E: number;
    gamma: number;
    gamma1: number;
    gamma2: number;
    Rs: number;
    alpha_Rs: number;
    kappa: number;
  };
  x: number[];
  y: number[];
  alpha_x: number[];
  alpha_y: number[];
  kappa: number[];
  magnification: number[];
  potential: number[];
}
interface SersicParameters extends Ellipse {
  amp: number;
  magnitude: number;
  R_sersic: number;
  n_sersic: number;
  sigma: number;
}
export interface LightCase {
  profile: string;
  parameters: SersicParameters;
  x: number[];
  y: number[];
  surface_brightness: number[];
  total_flux: number[];
}
interface SceneCase {
  file: string;
  survey: string;
  supersampling: number;
  lens: [Ellipse & { theta_E: number }, { gamma1: number; gamma2: number }];
  lens_light: SersicParameters[];
  source_light: SersicParameters[];
}

const folder = new URL("../fixtures/lensing/", import.meta.url);
const json = (name: string) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));

export const profiles = json("profiles.json") as { lens: LensCase[]; light: LightCase[] };

export const placementOf = ({ e1 = 0, e2 = 0, center_x, center_y }: Ellipse) => ({
  ...axisRatioOf(e1, e2),
  x: center_x,
  y: center_y,
});

const SIZE = 64;
export interface OracleScene {
  name: string;
  scene: Scene;
  survey: Survey;
  supersampling: number;
  /** (64, 64), y upwards. */
  image: Float32Array;
}

export function scenes(): OracleScene[] {
  const file = readFileSync(new URL("scenes.npy", folder));
  const images = new Float32Array(new Uint8Array(file.subarray(10 + file.readUInt16LE(8))).buffer);
  const { scenes, surveys } = json("scenes.json") as {
    scenes: SceneCase[];
    surveys: Record<string, { pixel_scale: number; magnitude_zero_point: number; seeing: number }>;
  };
  return scenes.map((entry, k) => {
    const { pixel_scale, magnitude_zero_point, seeing } = surveys[entry.survey]!;
    return {
      name: `${entry.file}, ${entry.survey}, supersampling ${entry.supersampling}`,
      scene: sceneOf(entry, seeing),
      // lenstronomy averages light over pixels and then applies a kernel that does not include them
      survey: { ...bare(pixel_scale, magnitude_zero_point, seeing), psfPixel: 0 },
      supersampling: entry.supersampling,
      image: images.subarray(k * SIZE ** 2, (k + 1) * SIZE ** 2),
    };
  });
}

function sceneOf({ lens: [sie, shear], lens_light, source_light }: SceneCase, seeing: number): Scene {
  const light = (parameters: SersicParameters, lensed: boolean): Light => ({
    part: "galaxy",
    lensed,
    magnitudes: [parameters.magnitude],
    R: parameters.R_sersic,
    n: parameters.n_sersic,
    ...placementOf(parameters),
  });
  return {
    kind: "lens",
    mass: { thetaE: sie.theta_E, ...placementOf(sie), gamma1: shear.gamma1, gamma2: shear.gamma2 },
    lights: [
      ...lens_light.map((parameters) => light(parameters, false)),
      ...source_light.map((parameters) => light(parameters, true)),
    ],
    seeing: [seeing],
    skySigma: [1],
    pedestal: [0],
    arcSnr: null,
  };
}

/** A survey of one band with a Gaussian PSF. */
export function bare(pixelScale: number, zeroPoint: number, seeing: number): Survey {
  return {
    name: "bare",
    title: "One band",
    source: "",
    pixelScale,
    zeroPoint,
    moffatBeta: null,
    noiseScatter: 0,
    bands: [{ name: "i", seeing, seeingScatter: 0, skySigma: 1, skyBrightness: 20 }],
    display: { bands: ["i", "i", "i"], scales: [1, 1, 1], Q: 1, alpha: 0.1 },
  };
}
