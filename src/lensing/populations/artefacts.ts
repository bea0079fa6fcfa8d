/**
 * The artefacts of a scene, by the recipe's `artefacts`. What the object in the middle is plays no part: only which stars
 * are bright does.
 */
import type { Draws } from "../../foundation/random.ts";
import type { Artefact } from "../artefacts.ts";
import type { ArtefactsRecipe } from "../recipes/artefacts.ts";
import { draw } from "../recipes/draw.ts";
import type { Light } from "../scene.ts";
import type { Setting } from "./galaxies.ts";

/** @param d a stream of the scene's own for its artefacts, so that they change nothing else */
export function artefactsOf(d: Draws, lights: readonly Light[], setting: Setting): Artefact[] {
  const { artefacts: recipe } = setting.recipe;
  const stars = lights.filter(({ part, lensed }) => part === "star" && !lensed);
  // First what needs no star, so that it is the same whatever is in the cutout.
  const others = [...onSky(d, recipe, setting), ...ofStack(d, recipe, setting)];
  return [...stars.flatMap((star) => ofStar(d, star, recipe, setting)), ...others];
}

/** The star's magnitude in the i band, or in the reddest one. */
function brightness({ magnitudes }: Light, { bands }: Setting): number {
  const i = bands.indexOf("i");
  return magnitudes[i < 0 ? magnitudes.length - 1 : i]!;
}

function ofStar(d: Draws, star: Light, recipe: ArtefactsRecipe, setting: Setting): Artefact[] {
  const { spikes, aureole, bleed } = recipe;
  const { x, y, magnitudes } = star;
  const magnitude = brightness(star, setting);
  const found: Artefact[] = [];
  if (magnitude < aureole.from) {
    const [share, core] = [draw(d, aureole.share), draw(d, aureole.core)];
    found.push({ artefact: "aureole", x, y, magnitudes, share, core });
  }
  if (magnitude < spikes.from) {
    const [share, width, angle] = [draw(d, spikes.share), draw(d, spikes.width), draw(d, spikes.angle)];
    const length = draw(d, spikes.length, { magnitude });
    found.push({ artefact: "spikes", x, y, magnitudes, share, length, width, angle });
  }
  if (magnitude < bleed.from && d.chance(bleed.share)) {
    const width = draw(d, bleed.width);
    const [up, down] = [draw(d, bleed.length, { magnitude }), draw(d, bleed.length, { magnitude })];
    const levels = setting.bands.map(() => (d.chance(bleed.without) ? null : d.chance(bleed.empty) ? 0 : 1));
    found.push({ artefact: "column", x, from: y - down, to: y + up, width, levels });
  }
  return found;
}

/** Ghosts and trails. */
function onSky(d: Draws, { ghosts, trails }: ArtefactsRecipe, { bands, halfWidth }: Setting): Artefact[] {
  const found: Artefact[] = [];
  if (d.chance(ghosts.share)) {
    const radius = draw(d, ghosts.radius);
    // Its rim crosses the cutout.
    const direction = d.uniform(0, 2 * Math.PI);
    const distance = radius + d.uniform(-1, 1) * halfWidth;
    const strength = draw(d, ghosts.strength);
    found.push({
      artefact: "ghost",
      x: distance * Math.cos(direction),
      y: distance * Math.sin(direction),
      radius,
      hole: radius * draw(d, ghosts.hole),
      strength: bands.map(() => strength * d.uniform(0.4, 1.6)),
    });
  }
  if (d.chance(trails.share)) {
    // Stacks take bands on different nights.
    const strength = bands.map(() => 0);
    strength[d.integer(0, bands.length - 1)] = draw(d, trails.strength);
    const offset = d.uniform(-1, 1) * halfWidth;
    found.push({ artefact: "trail", angle: d.orientation(), offset, width: draw(d, trails.width), strength });
  }
  return found;
}

/** What detectors and stacking leave. */
function ofStack(d: Draws, recipe: ArtefactsRecipe, { bands, halfWidth }: Setting): Artefact[] {
  const { columns, shallow, edges, gaps, cosmicRays } = recipe;
  const found: Artefact[] = [];
  const anywhere = () => d.uniform(-1, 1) * halfWidth;
  const inBand = <T>(value: T, other: T, all = false): T[] => {
    const one = d.integer(0, bands.length - 1);
    return bands.map((_, k) => (all || k === one ? value : other));
  };
  const side = () => (d.integer(0, 3) * Math.PI) / 2;
  if (d.chance(columns.share)) {
    const [x, middle, length] = [anywhere(), anywhere(), draw(d, columns.length)];
    const levels = inBand<number | null>(d.chance(columns.empty) ? 0 : 1, null);
    const [from, to] = [middle - length / 2, middle + length / 2];
    found.push({ artefact: "column", x, from, to, width: draw(d, columns.width), levels });
  }
  const everywhere = { artefact: "depth" as const, angle: 0, from: -10 * halfWidth, to: 10 * halfWidth };
  if (d.chance(shallow.share)) {
    const factor = draw(d, shallow.factor);
    found.push({ ...everywhere, factors: inBand(factor, 1, d.chance(shallow.allBands)) });
  }
  if (d.chance(gaps.share)) {
    const [width, from] = [draw(d, gaps.width), anywhere()];
    const factors = inBand(draw(d, gaps.factor), 1);
    found.push({ artefact: "depth", angle: side(), from, to: from + width, factors });
  }
  if (d.chance(edges.share)) {
    // Beyond an object in the middle, which is on the coadd.
    const factors = inBand<number | null>(null, 1, d.chance(edges.allBands));
    const from = d.uniform(0.3, 1) * halfWidth;
    found.push({ artefact: "depth", angle: side(), from, to: 10 * halfWidth, factors });
  }
  if (d.chance(cosmicRays.share)) {
    const [length, strength] = [draw(d, cosmicRays.length), draw(d, cosmicRays.strength)];
    const band = d.integer(0, bands.length - 1);
    const at = { x: anywhere(), y: anywhere(), angle: d.orientation() };
    found.push({ artefact: "cosmic ray", band, ...at, length, strength });
  }
  return found;
}
