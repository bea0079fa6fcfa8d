/** A cascade made: a student learns from the finder, its threshold is promised, both are judged on rows held out. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileHash } from "../../dataset/hash.ts";
import { refuse } from "../../foundation/errors.ts";
import { isTaken, writeFileWhole, writeFolderWhole } from "../../foundation/files.ts";
import { provenance } from "../../torch/provenance.ts";
import { finderInPlaceOf } from "../../train/finders/finders.ts";
import { loadModel, type Model } from "../../train/model.ts";
import type { Precision } from "../../train/precision.ts";
import { positiveOf } from "../positive.ts";
import type { CascadeConfig } from "./config.ts";
import { CASCADE_FILE, type Cascade, cascadeSchema, STUDENT_FILE } from "./file.ts";
import { judge } from "./judge.ts";
import { KeptOdds } from "./kept-odds.ts";
import { learned } from "./learned.ts";
import { isPromised } from "./promise.ts";
import { type Student, writeStudent } from "./student.ts";
import { surveyOfAll } from "./survey-check.ts";
import { type BarOf, openTaught, precisionOf, type Taught, taughtBy } from "./taught.ts";

/**
 * Writes a cascade's folder.
 *
 * @throws ArcletError for a name that is taken, images that the finder does not take or of several surveys, and when the loss
 *   can't be promised; nothing is written then. Interrupted when the user stops it
 */
export async function makeCascade(config: CascadeConfig, bar: BarOf): Promise<Cascade> {
  const { out, finder: path } = config;
  if (isTaken(out)) refuse("cascade", "out", "a name that is not taken", out, "conflict");
  const other = config.promisedOn?.find((folder) => !config.data.some((one) => isPromised(one, [folder])));
  if (other !== undefined) refuse("cascade", "promisedOn", `some of ${config.data.join(", ")}`, other);
  const model = loadModel(path, config.device);
  const opened: Pick<Taught, "folder" | "domain" | "rows">[] = [];
  try {
    for (const folder of config.data) opened.push(await openTaught(folder, model, config));
    const card = finderInPlaceOf(path)?.card ?? null;
    const named = opened.map(({ folder, domain }) => ({ folder, info: domain.info }));
    const images = surveyOfAll(named, card?.survey ?? null);
    for (const { domain } of opened) await domain.verify();
    const positive = positiveOf(model.info.classes, config.positive);
    const precision = await precisionOf(model, opened[0]!, config.precision);
    const taught = await taughtAll(model, positive, opened, config, precision, bar);
    const student = await learned(taught, config, precision, bar);
    try {
      const judged = await judge(student, taught, config, bar);
      const cascade: Cascade = {
        ...{ format: 1, task: "cascade", finder: finderOf(model, path, positive, config), images },
        ...{ student: { sha256: "" }, ...judged, loss: config.loss, seed: config.seed },
        ...madeBy(),
      };
      return await written(out, student, cascade);
    } finally {
      student.dispose();
    }
  } finally {
    for (const { domain } of opened) domain.close();
    model.network.dispose();
  }
}

function finderOf(model: Model, path: string, positive: number, { threshold }: CascadeConfig) {
  return {
    path: finderInPlaceOf(path) === null ? resolve(model.path) : path,
    sha256: fileHash(model.path),
    positive: model.info.classes[positive]!,
    threshold,
  };
}

function madeBy(): Pick<Cascade, "command" | "versions"> {
  const { command, task: _, made: __, ...versions } = provenance("cascade");
  return { command, versions };
}

async function taughtAll(
  model: Model,
  positive: number,
  opened: readonly Pick<Taught, "folder" | "domain" | "rows">[],
  config: CascadeConfig,
  precision: Precision,
  barOf: BarOf,
): Promise<Taught[]> {
  const bar = barOf(
    "finder",
    opened.reduce((sum, { rows }) => sum + rows.length, 0),
  );
  const taught: Taught[] = [];
  try {
    const about = { finder: fileHash(model.path), positive: model.info.classes[positive]!, precision };
    const kept = new KeptOdds(config.scores, about);
    for (const one of opened)
      taught.push(await taughtBy(model, positive, one, config, precision, kept, (n) => bar.tick(n)));
  } finally {
    bar.done();
  }
  return taught;
}

async function written(out: string, student: Student, cascade: Cascade): Promise<Cascade> {
  let whole = cascade;
  mkdirSync(join(resolve(out), ".."), { recursive: true });
  await writeFolderWhole(out, async (folder) => {
    const file = join(folder, STUDENT_FILE);
    writeStudent(file, student);
    whole = cascadeSchema.parse({ ...cascade, student: { sha256: fileHash(file) } });
    writeFileWhole(join(folder, CASCADE_FILE), `${JSON.stringify(whole, null, 2)}\n`);
  });
  return whole;
}
