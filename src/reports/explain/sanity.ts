/** `arclet explain --sanity`: tests explanations on simulated lenses. */
import { type Dataset, openDataset } from "../../dataset/dataset.ts";
import { fileHash } from "../../dataset/hash.ts";
import type { Identity } from "../../dataset/unfinished.ts";
import type { Explainer } from "../../evaluate/explanation/explainer.ts";
import { RANDOMISED, randomised, sanityOf } from "../../evaluate/explanation/sanity.ts";
import { refuse } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import { keyOf, permutation } from "../../foundation/random.ts";
import { arcSignal, lensedRows } from "../../making/simulating/arcs.ts";
import { type Panel, panel } from "../../pictures/explanation-panel.ts";
import { textTable } from "../../pictures/table.ts";
import { tidy } from "../../torch/scope.ts";
import { checkModelFits, type Model } from "../../train/model.ts";
import { rowsOfIds } from "./choice.ts";
import type { ExplainValues } from "./config.ts";
import { mapAt, mapsOf } from "./maps.ts";
import { sanityTable, VISIBLE, writeSanity } from "./sanity-report.ts";
import { notesOf } from "./words.ts";

const BATCH = 32;
const REPORTED = 16;

export async function explainSanity(
  values: ExplainValues,
  model: Model,
  explainer: Explainer,
): Promise<void> {
  const { data, out, method: methods, seed } = values;
  const dataset = await openDataset(data);
  try {
    checkModelFits(model.info, dataset.info);
    await dataset.verify();
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
      const about = notesOf(methods, values, model.info, explainer.classIndex);
      await writeSanity(identityOf(values, dataset, model), values, dataset, results, {
        rows,
        arcs,
        unseen,
        panels,
        about,
      });
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

function identityOf(
  { out: _, data: __, run: ___, ...settings }: ExplainValues,
  { info }: Dataset,
  { path }: Model,
): Identity {
  return { command: "explain --sanity", data: info.contentHash, model: fileHash(path), ...settings };
}

/** The lenses to test on, and the pixels of their arcs. */
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
    const batch = chosen.slice(first, first + BATCH);
    const signal = tidy(() => arcSignal(dataset, batch).data() as Float32Array);
    for (const [k, row] of batch.entries()) {
      const arc = Uint8Array.from(mapAt(signal, k, batch.length), (value) => Number(value >= VISIBLE));
      if (!arc.includes(1)) continue;
      rows.push(row);
      arcs.push(arc);
    }
  }
  if (rows.length < 2) refuse(data, "lenses", "two or more with an arc above the sky", rows.length);
  return { rows, arcs, unseen: chosen.length - rows.length };
}

/** For each method, one map for each row. */
async function allMaps(
  dataset: Dataset,
  rows: readonly number[],
  explainer: Explainer,
  values: ExplainValues,
  tick: (images: number) => void,
): Promise<Float32Array[][]> {
  const maps: Float32Array[][] = values.method.map(() => []);
  for (let first = 0; first < rows.length; first += BATCH) {
    const batch = rows.slice(first, first + BATCH);
    const { heats } = mapsOf(dataset, batch, explainer, values.method, values);
    for (const [m, heat] of heats.entries())
      maps[m]!.push(...batch.map((_, k) => mapAt(heat, k, batch.length)));
    tick(batch.length);
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
): { id: string; drawn: Panel }[] {
  const shown = rows.slice(0, Math.min(values.pictures, REPORTED));
  const { heats, picture } = mapsOf(dataset, shown, explainer, values.method, values);
  return shown.map((row, k) => {
    const id = dataset.ids[row]!;
    const drawn = panel({
      picture: picture(k),
      heats: values.method.map((name, m) => ({ name, values: mapAt(heats[m]!, k, shown.length) })),
      title: [id],
      pixelScale: dataset.info.pixelScale,
      arc: arcs[k]!,
    });
    return { id, drawn };
  });
}
