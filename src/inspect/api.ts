/** The answers to a grader's requests. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Context, Hono } from "hono";
import { ArcletError, refuse } from "../foundation/errors.ts";
import { inFileName } from "../foundation/file-name.ts";
import { version } from "../foundation/version.ts";
import type { Asked, Rules } from "./asked.ts";
import { compositeOf } from "./composite.ts";
import {
  type ChangedAnswer,
  commentRequest,
  exportQuery,
  type FactsAnswer,
  gradeRequest,
  orderQuery,
  rowsQuery,
  type SessionAnswer,
  tagsRequest,
  undoRequest,
} from "./contract.ts";
import type { NewEntry } from "./entry.ts";
import type { Estimates } from "./estimates.ts";
import { factsOf } from "./facts.ts";
import { galleryHtml } from "./gallery.ts";
import { writeGrades } from "./grades-table.ts";
import { passes } from "./grading.ts";
import type { KeysInForce } from "./key-names.ts";
import type { Learning } from "./learning/learning.ts";
import { learningRoutes } from "./learning/routes.ts";
import { type LookTools, NO_TOOLS } from "./look-tools.ts";
import { lookAnswer, looking } from "./looking.ts";
import { Orders, ordersOf, type Said } from "./orders.ts";
import type { People } from "./people/people.ts";
import { peopleRoutes } from "./people/routes.ts";
import { body, query } from "./requests.ts";
import type { Search } from "./search.ts";

/** Bytes of the pixels in one answer. */
const MOST_PIXELS = 64 * 2 ** 20;

/** What a search does beside grading. */
export interface Beside {
  /** To look closer with. */
  tools?: LookTools | undefined;
  /** How it learns from its grades, if it does. */
  learning?: Learning | undefined;
  /** What its graders say together. */
  people?: People | undefined;
  /** Figures of the survey. */
  estimates?: Estimates | undefined;
  keys?: KeysInForce | undefined;
  /** Share of graded objects that a next round shows again. */
  repeats?: number | undefined;
}

export function api(
  search: Search,
  rules: Rules,
  { tools = NO_TOOLS, learning, people, estimates, keys, repeats = 0 }: Beside = {},
): Hono<Asked> {
  const app = new Hono<Asked>();
  const orders = new Orders(search.objects);
  const facts = async (c: Context<Asked>, rows: readonly number[]): Promise<FactsAnswer> => {
    const closed = await people?.closed();
    const showScores = rules.readOnly || (rules.showScores && !search.objects.scoresTell);
    return { objects: factsOf(search, c.get("grader"), rows, showScores, closed?.facts) };
  };

  app.use(async (_, next) => {
    search.follow();
    return next();
  });
  app.get("/session", async (c) => {
    await learning?.follow();
    const said = await people?.said();
    const beside = { learning, people, estimates, said, keys };
    return c.json({
      ...sessionAnswer(search, rules, c.get("grader"), beside),
      look: lookAnswer(search, tools),
    } satisfies SessionAnswer);
  });
  app.get("/progress", (c) => c.json(search.grading.progress(c.get("grader"))));
  app.get("/facts", async (c) => c.json(await facts(c, knownRows(search, query(c, rowsQuery).rows))));
  app.get("/order", async (c) => {
    const { show, tag = null, ...order } = query(c, orderQuery);
    const { grading, objects } = search;
    const grader = c.get("grader");
    const rows = orders
      .rows(order, await people?.said(), grading.round)
      .filter(
        (row) =>
          (show === "all" && tag === null) || passes(grading.of(grader, objects.domain.ids[row]!), show, tag),
      );
    return binary(c, rows);
  });
  app.get("/pixels", (c) => binary(c, pixels(search, knownRows(search, query(c, rowsQuery).rows))));
  app.get("/export", async (c) => {
    const { format } = query(c, exportQuery);
    const what = format === "html" ? "gallery" : "grades";
    const name = `${what}-${inFileName(c.get("grader"))}.${format}`;
    c.header("Content-Type", "application/octet-stream");
    c.header("Content-Disposition", `attachment; filename="${name}"`);
    return c.body(
      format === "html"
        ? galleryHtml(search, c.get("grader"))
        : await exported(search, c.get("grader"), name),
    );
  });
  app.route("/", looking(search, rules, tools));
  writes(app, search, rules, facts);
  if (learning !== undefined) learningRoutes(app, learning);
  if (estimates?.possible)
    app.get("/estimates", async (c) => c.json(await estimates.answer(c.get("grader"))));
  if (people !== undefined) peopleRoutes(app, search, people, repeats);
  return app;
}

/** Requests that change something. */
function writes(
  app: Hono<Asked>,
  search: Search,
  rules: Rules,
  facts: (c: Context<Asked>, rows: readonly number[]) => Promise<FactsAnswer>,
): void {
  const { objects } = search;
  const rowOf = new Map(objects.domain.ids.map((id, row) => [id, row]));
  const idOf = (row: number) => objects.domain.ids[row]!;
  const changed = async (c: Context<Asked>, rows: readonly number[]): Promise<Response> =>
    c.json({
      ...(await facts(c, rows)),
      progress: search.grading.progress(c.get("grader")),
    } satisfies ChangedAnswer);

  app.post("*", async (c, next) => {
    if (rules.readOnly) return c.json({ error: "grades can only be read here (--read-only)" }, 403);
    // One browser has one cookie: a tab that was opened for somebody else must not grade under the new name.
    if (c.req.header("x-arclet-grader") !== encodeURIComponent(c.get("grader")))
      return c.json({ error: `this browser now grades as ${c.get("grader")}: load the page again` }, 409);
    return next();
  });
  app.post("/grade", async (c) => {
    const { rows, ...said } = await body(c, gradeRequest);
    const ids = knownRows(search, [...new Set(rows)]).map(idOf);
    search.write({ action: "grade", grader: c.get("grader"), ids, ...said });
    return changed(c, rows);
  });
  app.post("/comment", async (c) => {
    const { row, comment, request } = await body(c, commentRequest);
    knownRows(search, [row]);
    search.write({ action: "comment", grader: c.get("grader"), ids: [idOf(row)], comment, request });
    return changed(c, [row]);
  });
  app.post("/tags", async (c) => {
    const { row, tags, request } = await body(c, tagsRequest);
    knownRows(search, [row]);
    search.write({
      action: "tags",
      grader: c.get("grader"),
      ids: [idOf(row)],
      tags: [...new Set(tags)],
      request,
    });
    return changed(c, [row]);
  });
  app.post("/undo", async (c) => {
    const { request } = await body(c, undoRequest);
    const grader = c.get("grader");
    const last = search.grading.undoable(grader);
    if (last === undefined || search.grading.madeBy(grader, request) !== undefined) return changed(c, []);
    search.write({ action: "undo", grader, request, of: last.n } satisfies NewEntry);
    return changed(
      c,
      last.ids.flatMap((id) => rowOf.get(id) ?? []).filter((row) => objects.has(row)),
    );
  });
}

function sessionAnswer(
  search: Search,
  rules: Rules,
  grader: string,
  { learning, people, estimates, said, keys = {} }: Beside & { said: Said | undefined },
): Omit<SessionAnswer, "look"> {
  const { objects, begun } = search;
  const { name, survey, bands, pixelScale, pixels, shape } = objects.domain.info;
  const orders = ordersOf(objects, said);
  return {
    search: `${objects.domain.info.contentHash.slice(0, 16)} ${begun}`,
    grader,
    readOnly: rules.readOnly,
    version: version(),
    dataset: {
      name,
      survey,
      bands: [...bands],
      pixelScale,
      pixels,
      shape: [...shape],
      composite: compositeOf(survey, bands),
    },
    finders: objects.finders.map(({ name, calibrated }) => ({ name, calibrated: calibrated !== null })),
    orders,
    first: search.grading.again.length > 0 && orders.includes("split") ? "split" : orders[0]!,
    ranking: search.ranking,
    learns: learning !== undefined,
    rounds: people !== undefined,
    estimates: estimates?.possible === true,
    keys,
    objects: objects.rows.length,
    progress: search.grading.progress(grader),
  };
}

/** @throws ArcletError for a row that is not of this search */
function knownRows({ objects }: Search, rows: readonly number[]): readonly number[] {
  const strange = rows.find((row) => !objects.has(row));
  if (strange !== undefined) refuse("inspect", "rows", "rows of this search", strange);
  return rows;
}

/** Images one after the other, (N, C, H, W) in the dataset's own type, little-endian. */
function pixels({ objects }: Search, rows: readonly number[]): Float32Array | Uint8Array {
  const { shape, pixels } = objects.domain.info;
  const bytes = rows.length * shape.reduce((product, side) => product * side, pixels === "flux" ? 4 : 1);
  if (bytes > MOST_PIXELS)
    throw new ArcletError({
      where: "inspect",
      code: "too-large",
      problem: `${rows.length} images are more than ${MOST_PIXELS / 2 ** 20} MiB: ask for fewer`,
    });
  const images = objects.domain.images(rows);
  try {
    return images.data() as Float32Array | Uint8Array;
  } finally {
    images.dispose();
  }
}

/** The grader's own grades as a file's bytes. @param name by whose extension the format is known */
async function exported(search: Search, grader: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const folder = mkdtempSync(join(tmpdir(), "arclet-inspect-"));
  try {
    const path = join(folder, name);
    await writeGrades(path, search, [grader], {
      withScores: !search.objects.scoresTell,
      shownTo: grader,
    });
    return Uint8Array.from(readFileSync(path));
  } catch (error) {
    // The folder is of no interest to whoever reads the page.
    throw error instanceof ArcletError ? error.with({ where: name }) : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function binary(c: Context, values: Int32Array | Float32Array | Uint8Array): Response {
  c.header("Content-Type", "application/octet-stream");
  return c.body(new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength));
}
