/** The answers to a grader who looks closer at one object. */
import { type Context, Hono } from "hono";
import { checked } from "../foundation/errors/zod-errors.ts";
import { ArcletError, refuse } from "../foundation/errors.ts";
import type { Asked, Rules } from "./asked.ts";
import { isGraded } from "./grading.ts";
import { mayTell } from "./hidden.ts";
import {
  type AlikeAnswer,
  type BesideAnswer,
  heatQuery,
  type LookAnswer,
  rowQuery,
} from "./look-contract.ts";
import { ORIENTATION_HEADER } from "./look-keys.ts";
import type { LookTools } from "./look-tools.ts";
import type { Search } from "./search.ts";

/** Heat maps that are kept: 256 of 100 × 100 pixels take 10 MB. */
const KEPT = 256;
/** Objects alike that are shown. */
const ALIKE = 12;

export function looking(search: Search, rules: Rules, { worker, alike }: LookTools): Hono<Asked> {
  const { objects } = search;
  const { domain, orientation } = objects;
  const heats = new Map<string, Promise<Float32Array<ArrayBuffer>>>();
  const app = new Hono<Asked>();
  const known = (row: number): number =>
    objects.has(row) ? row : refuse("request", "row", "a row of this search", row);
  const rowOf = (c: Context<Asked>): number => known(checked("request", rowQuery, c.req.query()).row);

  app.get("/beside", (c) => {
    const row = rowOf(c);
    const { grade } = search.grading.of(c.get("grader"), domain.ids[row]!);
    const shown = objects.catalogueAlways || rules.showScores || rules.readOnly || isGraded(grade);
    const tells = mayTell(search, c.get("grader"), row);
    return c.json({
      ...{ row, orientation: tells ? null : orientation(row) },
      catalogue: shown && !tells ? objects.catalogue(row) : null,
    } satisfies BesideAnswer);
  });
  app.get("/heat", async (c) => {
    const { row, by } = checked("request", heatQuery, c.req.query());
    known(row);
    if (worker === null || worker.finder === null) throw without("--finder");
    const key = `${by} ${row}`;
    const heat = heats.get(key) ?? worker.heat(row, by);
    heats.delete(key);
    heats.set(key, heat);
    // One that failed is computed again when it is asked for again.
    heat.catch(() => heats.delete(key));
    if (heats.size > KEPT) heats.delete(heats.keys().next().value!);
    return floats(c, await heat);
  });
  app.get("/alike", async (c) => {
    const row = rowOf(c);
    if (alike === null) throw without("--finder or --features");
    const nearest = await alike.nearest(row, ALIKE);
    const { done, total } = alike;
    return c.json({ row, alike: nearest, done, total } satisfies AlikeAnswer);
  });
  app.get("/wider", async (c) => {
    const row = rowOf(c);
    if (worker === null || worker.wider === null) throw without("--frames");
    if (mayTell(search, c.get("grader"), row)) throw untilClosed();
    const image = await worker.wideImage(row);
    c.header(ORIENTATION_HEADER, JSON.stringify(image.orientation));
    return floats(c, image.pixels);
  });
  return app;
}

const untilClosed = (): ArcletError =>
  new ArcletError({
    where: "frames",
    code: "conflict",
    problem: "wider cutouts would say which objects are decoys",
    fix: "look again when the round is closed",
  });

const without = (flag: string): ArcletError =>
  new ArcletError({ where: "inspect", code: "missing", problem: `was started without ${flag}` });

function floats(c: Context, values: Float32Array<ArrayBuffer>): Response {
  c.header("Content-Type", "application/octet-stream");
  return c.body(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

export const lookAnswer = ({ objects }: Search, { worker, alike }: LookTools): LookAnswer => ({
  bottomFirst: objects.bottomFirst,
  finder: worker?.finder?.name ?? null,
  alike: alike !== null,
  wider: worker?.wider?.side ?? null,
});
