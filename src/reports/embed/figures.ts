/** An embedding's figures: principal components and UMAP, one column for each run. */
import { embeddingFigure } from "../../pictures/embedding-figure.ts";
import type { ReportFigure } from "../report.ts";
import type { EmbedDomain } from "./domains.ts";
import type { EmbeddedRun } from "./runs.ts";

export function figuresOf(
  domains: readonly EmbedDomain[],
  runs: readonly EmbeddedRun[],
): (ReportFigure & { file: string })[] {
  const classes = [...new Set(domains.flatMap((domain) => domain.classes))];
  const points = {
    domains: domains.map(({ name }) => name),
    domainOf: Uint8Array.from(domains.flatMap(({ sample }, d) => new Array<number>(sample.length).fill(d))),
    classes,
    classOf: Int32Array.from(
      domains.flatMap(({ sample, classOf }) =>
        Array.from(sample, (row) => classes.indexOf(classOf(row) ?? "")),
      ),
    ),
  };
  const drawn = <T>(pick: (run: EmbeddedRun) => T | null) => runs.flatMap((run) => pick(run) ?? []);
  const pca = drawn(
    ({ name, pca }) =>
      pca && {
        name,
        coordinates: pca.coordinates,
        note: `${(100 * pca.shares.reduce((sum, share) => sum + share, 0)).toFixed(0)} % of the variance`,
      },
  );
  const umaps = drawn(({ name, umap }) => umap && { name, coordinates: toUnit(umap) });
  const figures: (ReportFigure & { file: string })[] = [];
  if (pca.length > 0)
    figures.push({
      file: "pca",
      wide: true,
      title: "Principal components",
      caption:
        "One column for each run, with the same images. In units of the features' spread (root of the total variance).",
      svg: embeddingFigure(pca, points, {
        title: "Features by principal components, by domain and by class",
        xLabel: "first component (spread of the features) →",
        yLabel: "↑ second component (spread of the features)",
        ticks: true,
      }),
    });
  if (umaps.length > 0)
    figures.push({
      file: "umap",
      wide: true,
      title: "UMAP",
      caption: "Points close to each other are alike; distances between clouds, and the axes, mean nothing.",
      svg: embeddingFigure(umaps, points, {
        title: "Features by UMAP, by domain and by class",
        xLabel: "UMAP 1 (no unit) →",
        yLabel: "↑ UMAP 2 (no unit)",
        ticks: false,
      }),
    });
  return figures;
}

/** Centred and scaled so that the longer side is from −1 to 1, since UMAP's axes have no unit. */
function toUnit(coordinates: Float64Array): Float64Array {
  const extents = [0, 1].map((axis) => {
    const values = coordinates.filter((_, i) => i % 2 === axis).sort();
    const [low, high] = [values[0]!, values.at(-1)!];
    return { middle: (low + high) / 2, half: (high - low) / 2 };
  });
  const half = Math.max(extents[0]!.half, extents[1]!.half) || 1;
  return coordinates.map((value, i) => (value - extents[i % 2]!.middle) / half);
}
