/** `arclet explain --sanity`: the methods judged on simulated lenses. */
import { join } from "node:path";
import { type Dataset, openDataset } from "../../dataset/dataset.ts";
import type { Explainer } from "../../evaluate/explanation/explainer.ts";
import type { Explanation } from "../../evaluate/explanation/heat.ts";
import { RANDOMISED, randomised, type SanityOfMethod, sanityOf } from "../../evaluate/explanation/sanity.ts";
import type { MeanInterval } from "../../evaluate/mean-interval.ts";
import { refuse } from "../../foundation/errors.ts";
import { writeFileWhole, writeFolderWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { keyOf, permutation } from "../../foundation/random.ts";
import { arcSignal, lensedRows } from "../../making/simulating/arcs.ts";
import type { Canvas } from "../../pictures/canvas.ts";
import { panel, panelMosaic } from "../../pictures/explanation-panel.ts";
import { scoreHistogram } from "../../pictures/figures.ts";
import { picturePng } from "../../pictures/mosaic.ts";
import { standaloneSvg } from "../../pictures/plot.ts";
import { type Table, textTable } from "../../pictures/table.ts";
import { tidy } from "../../torch/scope.ts";
import { checkModelFits, type Model } from "../../train/model.ts";
import { provenance } from "../provenance.ts";
import { writeReport } from "../report.ts";
import { rowsOfIds } from "./choice.ts";
import type { ExplainValues } from "./config.ts";
import { mapsOf, of, panelName } from "./images.ts";
import { notesOf } from "./words.ts";

const BATCH = 32;
const REPORTED = 16;
/** A pixel is on the arc where the lensed light stands this many sky sigmas out, all bands together. */
const VISIBLE = 1;

export async function explainSanity(
  values: ExplainValues,
  model: Model,
  explainer: Explainer,
): Promise<void> {
  const { data, out, method: methods, seed } = values;
  const dataset = await openDataset(data);
  try {
    checkModelFits(model.info, dataset.info);
    const { rows, arcs, unseen } = lenses(dataset, values);
    const nets = RANDOMISED.flatMap((what) =>
      Array.from({ length: values.networks }, (_, k) => ({
        what,
        network: randomised(model.network, model.info, what, keyOf(seed, 11, k)),
      })),
    );
    try {
      const bar = progress("sanity", rows.length * (1 + nets.length), "maps");
      const ofNetwork = (network: Model["network"]) =>
        allMaps(dataset, rows, { ...explainer, network }, values, (n) => bar.tick(n));
      const trained = await ofNetwork(model.network);
      const fresh: { what: (typeof RANDOMISED)[number]; maps: Float32Array[][] }[] = [];
      for (const { what, network } of nets) fresh.push({ what, maps: await ofNetwork(network) });
      bar.done();
      const results = methods.map((method, m) => {
        const by = (kind: string) => fresh.filter(({ what }) => what === kind).map(({ maps }) => maps[m]!);
        const maps = { trained: trained[m]!, randomised: { classifier: by("classifier"), all: by("all") } };
        return sanityOf(method, maps, arcs, seed);
      });
      const panels = panelsOf(dataset, rows, arcs, explainer, values);
      const about = notesOf(methods, values, model.info, explainer.place);
      await write(values, dataset, results, { rows, arcs, unseen, panels, about });
      console.log(textTable(sanityTable(results)));
      console.log(
        `${out}: ${rows.length} lenses${unseen > 0 ? `; ${unseen} more have no arc above the sky` : ""}`,
      );
    } finally {
      for (const { network } of nets) network.dispose();
    }
  } finally {
    dataset.close();
  }
}

/** The lenses that are judged, and their arcs' pixels. */
function lenses(dataset: Dataset, { data, ids, splits, count, seed }: ExplainValues) {
  const from = ids === null ? dataset.rows(...splits) : rowsOfIds(dataset, data, ids);
  const all = lensedRows(dataset, from);
  const chosen = permutation(all.length, keyOf(seed, 10))
    .slice(0, count)
    .sort()
    .map((i) => all[i]!);
  const rows: number[] = [];
  const arcs: Uint8Array[] = [];
  for (let first = 0; first < chosen.length; first += BATCH) {
    const some = chosen.slice(first, first + BATCH);
    const signal = tidy(() => arcSignal(dataset, some).data() as Float32Array);
    for (const [k, row] of some.entries()) {
      const arc = Uint8Array.from(of(signal, k, some.length), (value) => Number(value >= VISIBLE));
      if (!arc.includes(1)) continue;
      rows.push(row);
      arcs.push(arc);
    }
  }
  if (rows.length < 2) refuse(data, "lenses", "two or more with an arc above the sky", rows.length);
  return { rows, arcs, unseen: chosen.length - rows.length };
}

/** By method, a map a row. */
async function allMaps(
  dataset: Dataset,
  rows: readonly number[],
  explainer: Explainer,
  values: ExplainValues,
  tick: (images: number) => void,
): Promise<Float32Array[][]> {
  const maps: Float32Array[][] = values.method.map(() => []);
  for (let first = 0; first < rows.length; first += BATCH) {
    const some = rows.slice(first, first + BATCH);
    const { heats } = mapsOf(dataset, some, explainer, values.method, values);
    for (const [m, heat] of heats.entries()) maps[m]!.push(...some.map((_, k) => of(heat, k, some.length)));
    tick(some.length);
    await safePoint("nothing was written");
  }
  return maps;
}

function panelsOf(
  dataset: Dataset,
  rows: readonly number[],
  arcs: readonly Uint8Array[],
  explainer: Explainer,
  values: ExplainValues,
): { id: string; drawn: Canvas }[] {
  const some = rows.slice(0, Math.min(values.pictures, REPORTED));
  const { heats, picture } = mapsOf(dataset, some, explainer, values.method, values);
  return some.map((row, k) => {
    const id = dataset.ids[row]!;
    const drawn = panel({
      picture: picture(k),
      heats: values.method.map((name, m) => ({ name, values: of(heats[m]!, k, some.length) })),
      title: [id],
      pixelScale: dataset.info.pixelScale,
      arc: arcs[k]!,
    });
    return { id, drawn };
  });
}

interface Judged {
  rows: readonly number[];
  arcs: readonly Uint8Array[];
  unseen: number;
  panels: readonly { id: string; drawn: Canvas }[];
  /** Notes on the methods. */
  about: readonly string[];
}

async function write(
  values: ExplainValues,
  dataset: Dataset,
  results: readonly SanityOfMethod[],
  { rows, arcs, unseen, panels, about }: Judged,
): Promise<void> {
  const { out, data, method: methods } = values;
  const made = provenance("explain");
  const area =
    arcs.reduce((sum, arc) => sum + arc.reduce((n, is) => n + is, 0) / arc.length, 0) / arcs.length;
  const svg = scoreHistogram(
    results.map(({ method, ofLenses }) => ({
      name: method,
      scores: Float64Array.from(ofLenses.filter((value) => value !== null)),
    })),
    { label: "share of heat on the arc / share of area", bins: 30 },
  );
  const lenses = rows.map((row, i) => ({
    id: dataset.ids[row]!,
    ...Object.fromEntries(results.map(({ method, ofLenses }) => [method, ofLenses[i]!])),
  }));
  const numbers = {
    version: 1,
    methods: results.map(({ ofLenses: _, ...result }) => result),
    lenses,
    unseen,
    arcArea: area,
  };
  await writeFolderWhole(out, async (partial) => {
    writeFileWhole(join(partial, "sanity.json"), `${JSON.stringify(numbers, null, 2)}\n`);
    writeFileWhole(join(partial, "figures", "on-arc.svg"), standaloneSvg(svg));
    for (const [k, { id, drawn }] of panels.entries())
      writeFileWhole(join(partial, "panels", panelName(k, id)), picturePng(drawn));
    writeFileWhole(join(partial, "mosaic.png"), picturePng(panelMosaic(panels.map(({ drawn }) => drawn))));
    writeReport(join(partial, "report.html"), {
      title: "Whether the heat maps may be trusted",
      asked: made.command,
      headlines: results.map(({ method, onArc }) => ({
        label: `${method}: heat on the arc over chance`,
        value: onArc === null ? "–" : onArc.value.toFixed(2),
        ...(onArc === null
          ? {}
          : { detail: `95 % interval ${onArc.low.toFixed(2)} to ${onArc.high.toFixed(2)}` }),
      })),
      data: [
        {
          role: "judged on",
          name: dataset.info.name,
          images: rows.length,
          hash: dataset.info.contentHash,
          origin: data,
        },
      ],
      split: { text: `Simulated lenses of the splits ${values.splits.join(", ")}.`, seal: null },
      tables: [
        {
          title: "Methods",
          table: sanityTable(results),
          note: "Means over lenses with 95 % intervals by resampling lenses.",
        },
      ],
      figures: [
        {
          title: "Heat on the arcs",
          svg,
          caption: "A lens each: 1 is heat spread over the image without regard to the arc.",
        },
      ],
      mosaics: [
        {
          title: "Lenses, the true arc outlined",
          caption: `Drawn at random. The outline holds the pixels in which the lensed light alone stands ${VISIBLE} sky sigma out.`,
          wide: 60 + 200 * (1 + 2 * methods.length),
          tiles: panels.map(({ id, drawn }, k) => ({ picture: drawn, caption: String(k + 1), id })),
        },
      ],
      commands: [made.command],
      versions: { arclet: made.arclet, libtorch: made.torch, node: made.node },
      notes: [
        `Arcs are drawn again from the stored scenes, without noise; they cover ${(100 * area).toFixed(1)} % of the image. ${unseen} lenses without a pixel above the sky took no part.`,
        "On the arc / area: the share of heat on the arc over the arc's share of the area; 1 is chance. Other lenses' arcs: the same maps on arcs that are not theirs, which is what heat near the middle earns by itself. Beyond: the difference, lens by lens.",
        `Rank correlation (Spearman) with the maps of ${values.networks} networks whose layers after the encoder, or all layers, have fresh weights (Adebayo et al. 2018): near 1 the map shows the image and not what was learned.`,
        ...about,
      ],
    });
  });
}

export function sanityTable(results: readonly SanityOfMethod[]): Table {
  const cell = (mean: MeanInterval | null) => mean && { value: mean.value, low: mean.low, high: mean.high };
  return {
    columns: [
      "method",
      "on the arc / area",
      "other lenses' arcs",
      "beyond",
      "fresh weights on the arc",
      "rank corr., fresh classifier",
      "rank corr., all fresh",
      "no heat",
    ],
    rows: results.map((result) => [
      result.method as Explanation,
      cell(result.onArc),
      cell(result.onOtherArcs),
      cell(result.beyondChance),
      cell(result.randomOnArc),
      cell(result.correlation.classifier),
      cell(result.correlation.all),
      result.flat,
    ]),
  };
}
