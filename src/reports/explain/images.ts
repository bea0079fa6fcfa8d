/** Heat maps of chosen images: maps, a table, panels, a mosaic, a report. */

import { join } from "node:path";
import type { ImageDomain } from "../../dataset/dataset.ts";
import { NpyWriter } from "../../dataset/npy-writer.ts";
import { openUnlabelled } from "../../dataset/unlabelled.ts";
import type { Explainer } from "../../evaluate/explanation/explainer.ts";
import { type Explanation, heatMaps } from "../../evaluate/explanation/heat.ts";
import { csvText } from "../../foundation/csv.ts";
import { refuse } from "../../foundation/errors.ts";
import { inFileName } from "../../foundation/file-name.ts";
import { writeFileWhole, writeFolderWhole } from "../../foundation/files.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { progress } from "../../foundation/progress.ts";
import type { Canvas } from "../../pictures/canvas.ts";
import { displayRgb } from "../../pictures/display.ts";
import { panel, panelMosaic } from "../../pictures/explanation-panel.ts";
import { picturePng } from "../../pictures/mosaic.ts";
import { tidy } from "../../torch/scope.ts";
import type { Model } from "../../train/model.ts";
import { predictRows } from "../../train/predict.ts";
import { shownAs } from "../evaluation/report.ts";
import { provenance } from "../provenance.ts";
import { writeReport } from "../report.ts";
import { ranked, rowsOfIds } from "./choice.ts";
import type { ExplainValues } from "./config.ts";
import { heatNumbers, notesOf, said } from "./words.ts";

/** Images that are worked on together. */
const BATCH = 32;
/** Panels in the report. */
const REPORTED = 24;

export async function explainImages(
  values: ExplainValues,
  model: Model,
  explainer: Explainer,
): Promise<void> {
  const { data, out, method: methods } = values;
  const domain = await openUnlabelled(data);
  try {
    const { rows, scores } = await chosen(domain, values, model, explainer.place);
    const name = model.info.classes[explainer.place]!;
    const made = provenance("explain");
    const bar = progress("explain", rows.length, "images");
    const table: unknown[][] = [
      ["id", "rank", "score", "method", "row", "max", "peak_x", "peak_y", "radius"],
    ];
    const panels: Canvas[] = [];
    const flat = methods.map(() => 0);
    await writeFolderWhole(out, async (partial) => {
      const files = methods.map(
        (method) => new NpyWriter(join(partial, `maps-${method}.npy`), "f4", domain.info.shape.slice(1)),
      );
      try {
        for (let first = 0; first < rows.length; first += BATCH) {
          const some = rows.slice(first, first + BATCH);
          const maps = mapsOf(domain, some, explainer, methods, values);
          for (const [m, file] of files.entries()) file.append(maps.heats[m]!, some.length);
          for (const [k, row] of some.entries()) {
            const place = first + k;
            const id = domain.ids[row]!;
            const heats = methods.map((method, m) => ({
              name: method,
              values: of(maps.heats[m]!, k, some.length),
            }));
            for (const [m, { name: method, values: heat }] of heats.entries()) {
              const told = heatNumbers(heat, domain.info);
              if (told.max <= 0) flat[m]!++;
              const numbers = [told.max, told.peakX, told.peakY, told.radius];
              table.push([id, place + 1, scores[place], method, place, ...numbers]);
            }
            if (place >= values.pictures) continue;
            const title = [`${place + 1}  p(${name}) = ${scores[place]!.toFixed(3)}`, id];
            const drawn = panel({
              picture: maps.picture(k),
              heats,
              title,
              pixelScale: domain.info.pixelScale,
            });
            panels.push(drawn);
            writeFileWhole(join(partial, "panels", panelName(place, id)), picturePng(drawn));
          }
          bar.tick(some.length);
          await safePoint("nothing was written");
        }
      } finally {
        for (const file of files) file.close();
      }
      writeFileWhole(join(partial, "explain.csv"), csvText(table));
      writeFileWhole(join(partial, "mosaic.png"), picturePng(panelMosaic(panels)));
      writeReport(join(partial, "report.html"), {
        title: `What the score of ${name} rests on`,
        asked: made.command,
        headlines: [
          { label: "images explained", value: String(rows.length) },
          ...methods.map((method, m) => ({
            label: `${method}: maps without any heat`,
            value: String(flat[m]),
            detail: `of ${rows.length}`,
          })),
        ],
        data: [
          {
            role: "explained",
            name: domain.info.name,
            images: rows.length,
            hash: domain.info.contentHash,
            origin: data,
          },
        ],
        split: {
          text: `Images of the splits ${values.splits.join(", ")}; no label was read.`,
          seal: null,
        },
        tables: [],
        figures: [],
        mosaics: [
          {
            title: "Image, heat, and the line of half the largest heat",
            caption: `Best scores first; ${Math.min(REPORTED, panels.length)} of ${rows.length}. Every heat map has its own scale, from 0 to the number below it.`,
            wide: 60 + 200 * (1 + 2 * methods.length),
            tiles: panels.slice(0, REPORTED).map((picture, place) => ({
              picture,
              caption: `${place + 1} · ${scores[place]!.toFixed(3)}`,
              id: domain.ids[rows[place]!]!,
            })),
          },
        ],
        commands: [made.command],
        versions: { arclet: made.arclet, libtorch: made.torch, node: made.node },
        notes: notesOf(methods, values, model.info, explainer.place),
      });
    });
    bar.done();
    console.log(said(out, rows.length, methods, flat));
  } finally {
    domain.close();
  }
}

/** The rows to explain, best first, and the probability of the class. */
async function chosen(domain: ImageDomain, values: ExplainValues, model: Model, place: number) {
  const { data, ids, top, splits } = values;
  const rows = ids === null ? domain.rows(...splits) : rowsOfIds(domain, data, ids);
  if (rows.length === 0) refuse(data, "splits", "splits that hold rows", splits);
  const bar = progress("score", rows.length, "images");
  const { classes, probabilities } = await predictRows(model, domain, rows, (n) => bar.tick(n));
  bar.done();
  const all = Array.from(rows, (_, i) => probabilities[i * classes.length + place]!);
  const order = ranked(domain, rows, all).slice(0, top ?? rows.length);
  return { rows: order.map((i) => rows[i]!), scores: order.map((i) => all[i]!) };
}

/** Heat of rows, by method (B H W), and their pictures. */
export function mapsOf(
  domain: ImageDomain,
  rows: readonly number[],
  explainer: Explainer,
  methods: readonly Explanation[],
  { window, stride }: Pick<ExplainValues, "window" | "stride">,
) {
  return tidy(() => {
    const images = domain.images(rows);
    const heats = heatMaps(explainer, images, methods, { window, stride }).map(
      (map) => map.data() as Float32Array,
    );
    const shape = images.shape as unknown as readonly [number, number, number, number];
    const stack = { data: images.data() as Uint8Array | Float32Array, shape };
    return { heats, picture: (k: number) => displayRgb(stack, k, shownAs(domain.info)) };
  });
}

/** Map k of `count` in a row. */
export const of = (maps: Float32Array, k: number, count: number): Float32Array =>
  maps.subarray((k * maps.length) / count, ((k + 1) * maps.length) / count);

export const panelName = (place: number, id: string): string =>
  `${String(place + 1).padStart(4, "0")}-${inFileName(id).slice(0, 80)}.png`;
