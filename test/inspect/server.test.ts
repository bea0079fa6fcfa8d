/** The server: what it answers to a grader, and what it refuses to anybody else. */
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCatalog } from "../../src/catalog/read.ts";
import { inspectConfig } from "../../src/inspect/config.ts";
import type { ChangedAnswer, FactsAnswer, Progress, SessionAnswer } from "../../src/inspect/contract.ts";
import { writeGrades } from "../../src/inspect/grades-table.ts";
import type { Objects } from "../../src/inspect/objects.ts";
import { Search } from "../../src/inspect/search.ts";
import { type RunningServer, startServer } from "../../src/inspect/server.ts";
import { fluxImage, scratch } from "../tiny/dataset.ts";
import { IDS, openTiny, writeSearchData } from "../tiny/search.ts";
import { ask, Browser, newRequest } from "./asking.ts";

const folder = scratch();
const PAGES = new Map([
  ["/", { type: "text/html; charset=utf-8", bytes: new TextEncoder().encode("<p>page</p>") }],
]);
const RULES = { pages: PAGES, showScores: false, readOnly: false, host: "127.0.0.1", port: 0 };
let objects: Objects;
let search: Search;
let server: RunningServer;
let [anna, ben]: Browser[] = [];
beforeAll(async () => {
  await writeSearchData(folder);
  objects = await openTiny(folder, "one.csv", "two.csv");
  search = Search.open(join(folder, "search"), objects, false);
  server = await startServer({ ...RULES, search, graders: ["anna", "ben"] });
  [anna, ben] = await Promise.all(server.addresses.map(({ grader, url }) => Browser.open(grader, url)));
});
afterAll(async () => {
  await server.close();
  search.close();
  objects.domain.close();
});
const answers = (host: string, port: number) =>
  new Promise<boolean>((done) => {
    const socket = connect({ host, port });
    socket.on("connect", () => done(true)).on("error", () => done(false));
    socket.on("connect", () => socket.destroy());
  });
const said = (body: Buffer) => (JSON.parse(body.toString()) as { error: string }).error;
const facts = (body: Buffer) => JSON.parse(body.toString()) as ChangedAnswer;

test("the session says what is looked at", async () => {
  const session = await anna!.json<SessionAnswer>("/api/session");
  expect(session).toMatchObject({
    grader: "anna",
    readOnly: false,
    dataset: {
      name: "toy",
      bands: ["g", "r"],
      pixelScale: 0.2,
      pixels: "flux",
      shape: [2, 3, 3],
      composite: null,
    },
    finders: [
      { name: "one", calibrated: false },
      { name: "two", calibrated: false },
    ],
    objects: 6,
  });
});

test("orders and pixels are binary: rows as int32, flux as the float32 that the dataset has", async () => {
  const order = await anna!.get("/api/order?by=score&show=all");
  expect([...new Int32Array(Uint8Array.from(order.body).buffer)]).toEqual([5, 4, 3, 2, 1, 0]);
  const pixels = await anna!.get("/api/pixels?rows=4,1");
  expect([...new Float32Array(Uint8Array.from(pixels.body).buffer)]).toEqual([
    ...fluxImage(4),
    ...fluxImage(1),
  ]);
});

test("scores are hidden until one has graded, and graders are blind to each other", async () => {
  const before = await anna!.json<FactsAnswer>("/api/facts?rows=5,1");
  expect(before.objects.map(({ id, grade, scores }) => [id, grade, scores])).toEqual([
    [IDS[5], null, null],
    [IDS[1], null, null],
  ]);
  expect(before.objects[0]!.position).toMatchObject({ ra: 15, dec: -5 });
  const graded = facts((await anna!.grade([5], "A")).body);
  expect(graded.objects[0]).toMatchObject({
    grade: "A",
    scores: [{ score: 0.9, rank: 1, calibrated: null }, null],
  });
  expect(graded.progress).toMatchObject({ graded: 1, by: { A: 1 } });
  // A candidate is not graded yet.
  const marked = facts((await anna!.grade([4], "candidate")).body);
  expect(marked.objects[0]).toMatchObject({ grade: "candidate", scores: null });
  const others = await ben!.json<FactsAnswer>("/api/facts?rows=5");
  expect(others.objects[0]).toMatchObject({ grade: null, scores: null });
  expect(await ben!.json<Progress>("/api/progress")).toMatchObject({ graded: 0, undoable: false });
});

test("a page is graded in one act and undone in one; an answer asked for twice is one grade", async () => {
  const request = newRequest();
  const page = { request, rows: [0, 1, 2], grade: "X", kind: "ring", seconds: 6 };
  const lines = () =>
    readFileSync(join(folder, "search", "journal.jsonl"), "utf8")
      .trim()
      .split("\n").length;
  const before = lines();
  expect((await ben!.post("/api/grade", page)).status).toBe(200);
  expect(facts((await ben!.post("/api/grade", page)).body).progress.graded).toBe(3);
  expect(lines()).toBe(before + 1);
  await ben!.post("/api/comment", { request: newRequest(), row: 1, comment: "<b>ring?</b>" });
  const note = facts((await ben!.post("/api/undo", { request: newRequest() })).body);
  expect(note.objects.map(({ row, comment }) => [row, comment])).toEqual([[1, ""]]);
  const undone = facts((await ben!.post("/api/undo", { request: newRequest() })).body);
  expect(undone.objects.map(({ row, grade }) => [row, grade])).toEqual([
    [0, null],
    [1, null],
    [2, null],
  ]);
  expect(facts((await ben!.post("/api/undo", { request: newRequest() })).body).objects).toEqual([]);
});

test("grades leave as tables that Arclet reads, hostile ids and comments included", async () => {
  await anna!.grade([5], "A");
  await anna!.grade([4], "candidate");
  await anna!.post("/api/comment", { request: newRequest(), row: 1, comment: 'an "arc",\n<script>' });
  await anna!.post("/api/tags", { request: newRequest(), row: 4, tags: ["a;b", "a;b", " ring "] });
  for (const format of ["csv", "vot", "fits", "parquet"]) {
    const { status, headers, body } = await anna!.get(`/api/export?format=${format}`);
    expect(status).toBe(200);
    expect(headers["content-disposition"]).toBe(`attachment; filename="grades-anna.${format}"`);
    const path = join(folder, `out.${format}`);
    writeFileSync(path, body);
    const { table } = await readCatalog(path, { texts: ["grade", "comment"] });
    expect(table.texts("id")).toEqual([IDS[1], IDS[4], IDS[5]]);
    expect(table.column("grade").map((value) => value || null)).toEqual([null, null, "A"]);
    expect(table.column("candidate")).toEqual([false, true, false]);
    expect(table.column("tags").at(1)).toBe("a;b; ring");
    expect(table.column("comment")[0]).toBe('an "arc", <script>');
    expect(table.column("score_one")).toEqual([0.2, 0.8, 0.9]);
  }
  const regions = (await anna!.get("/api/export?format=reg")).body.toString();
  expect(regions).toMatch(/^circle\(15\.0000000,-5\.0000000,2\.5"\) # color=#ff6600 text=\{=1\+1 A 0\.9\}$/m);
  const { rows } = await writeGrades(join(folder, "all.csv"), search, search.grading.graders);
  expect(rows).toBe(3);
});

test("the gallery is one page without a script, and ids and comments stay text", async () => {
  await anna!.grade([5], "A");
  await anna!.grade([1], "B");
  await anna!.grade([2, 3], "X");
  await anna!.post("/api/comment", { request: newRequest(), row: 1, comment: '"><script>alert(1)</script>' });
  await anna!.post("/api/tags", { request: newRequest(), row: 5, tags: ["<b>blue</b>", "ring"] });
  const { headers, body } = await anna!.get("/api/export?format=html");
  expect(headers["content-disposition"]).toBe('attachment; filename="gallery-anna.html"');
  const { document } = parseHTML(body.toString());
  const figures = [...document.querySelectorAll("figure")];
  expect(figures.map((one) => one.querySelector(".id")!.textContent)).toEqual([IDS[5], IDS[1], IDS[4]]);
  expect(figures[0]!.textContent).toMatch(/A · rank 1.*15\.0000.*one: 0\.9000, rank 1.*<b>blue<\/b>, ring/);
  expect(figures[1]!.textContent).toContain('“"><script>alert(1)</script>”');
  expect(document.querySelectorAll("script, [onerror], b b, iframe")).toHaveLength(0);
  for (const image of document.querySelectorAll("img")) {
    const { width, height } = decode(Buffer.from(image.getAttribute("src")!.split(",")[1]!, "base64"));
    expect([width, height]).toEqual([3, 3]);
  }
  const addresses = [...document.querySelectorAll("[src], link, a")].map(
    (one) => one.getAttribute("src") ?? one.getAttribute("href")!,
  );
  expect(addresses.every((address) => /^(data:image\/png|https:)/.test(address))).toBe(true);
  expect(body.toString()).toMatch(/Content-Security-Policy" content="default-src 'none'; img-src data:/);
});

test("without a cookie, or with another, there is nothing to see", async () => {
  for (const path of ["/", "/api/session", "/api/pixels?rows=1"]) {
    expect((await ask(server.port, path)).status).toBe(401);
    const [name] = anna!.cookie.split("=");
    expect((await ask(server.port, path, { headers: { cookie: `${name}=${"A".repeat(43)}` } })).status).toBe(
      401,
    );
  }
  const token = server.addresses[0]!.url.split("/").at(-1)!;
  for (const wrong of [`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`, token.slice(1), "x", "%00"])
    expect((await ask(server.port, `/open/${wrong}`)).status).toBe(401);
  const opened = await ask(server.port, `/open/${token}`);
  expect(opened.headers["set-cookie"]![0]).toMatch(
    /^arclet-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  expect(opened.body.toString()).not.toContain(token);
});

test("another name for this address, another site and another page are turned away", async () => {
  expect((await anna!.get("/api/session", { host: `evil.example:${server.port}` })).status).toBe(403);
  expect((await anna!.get("/api/session", { host: "127.0.0.1:1" })).status).toBe(403);
  expect((await anna!.get("/api/session", { host: `localhost:${server.port}` })).status).toBe(200);
  expect((await anna!.get("/api/session", { "sec-fetch-site": "cross-site" })).status).toBe(403);
  const body = { request: newRequest(), rows: [0], grade: "A", kind: null, seconds: null };
  for (const origin of ["http://evil.example", "null", "", `http://127.0.0.1:${server.port + 1}`])
    expect((await anna!.post("/api/grade", body, { origin })).status).toBe(403);
  expect((await anna!.post("/api/grade", body, { "content-type": "text/plain" })).status).toBe(400);
  expect(search.grading.of("anna", IDS[0]!).grade).toBeNull();
});

test("who names no host listens on this machine alone", async () => {
  const { host } = inspectConfig.parse({ dataset: "set", out: "search" });
  expect(host).toBe("127.0.0.1");
  const other = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4");
  // These are this machine's too.
  for (const address of ["127.0.0.2", ...(other === undefined ? [] : [other.address])])
    expect(await answers(address, server.port), address).toBe(false);
  expect(await answers("127.0.0.1", server.port)).toBe(true);
});

test("a tab of one grader doesn't grade as another whose address was opened since", async () => {
  const { status, body } = await ben!.post(
    "/api/undo",
    { request: newRequest() },
    { "x-arclet-grader": "anna" },
  );
  expect([status, said(body)]).toEqual([409, "this browser now grades as ben: load the page again"]);
});

test.each([
  ["a row that is not of this search", { rows: [6] }, /rows must be rows of this search, got 6/],
  ["a row that is no row", { rows: [-1] }, /rows\[0\] must be/],
  ["no row", { rows: [] }, /rows must be/],
  ["more rows than a page has", { rows: Array(401).fill(0) }, /rows must be/],
  ["a grade that there is not", { grade: "D" }, /grade must be one of/],
  ["a kind without X", { kind: "ring" }, /kind must be null unless the grade is X/],
  ["a key too many", { grader: "ben" }, /grader/],
  ["no number of the request", { request: "1" }, /request must be/],
])("refused: %s", async (_, part, message) => {
  const { status, body } = await anna!.grade([0], "A", part);
  expect(status).toBe(400);
  expect(said(body)).toMatch(message);
});

test("what is too large, or not JSON, is refused before it is read", async () => {
  const large = await anna!.post("/api/comment", {
    request: newRequest(),
    row: 0,
    comment: "x".repeat(40_000),
  });
  expect([large.status, said(large.body)]).toEqual([413, "a request must be at most 32768 bytes"]);
  expect((await anna!.post("/api/grade", "{")).status).toBe(400);
  expect((await anna!.get(`/api/pixels?rows=${Array(500).fill(1).join()}`)).status).toBe(400);
});

test.each([
  "/../../etc/passwd",
  "/..%2f..%2fetc%2fpasswd",
  "/assets/../../package.json",
  "/%2e%2e/%2e%2e/package.json",
  "/api/export?format=../../x",
  "/api/pixels?rows=../../etc/passwd",
  "//etc/passwd",
  "/index.html%00.png",
])("no path reaches the disk: %s", async (path) => {
  const { status, body } = await anna!.get(path);
  expect([400, 404]).toContain(status);
  expect(body.toString()).not.toMatch(/root:|"name": "arclet"/);
});

test("every answer tells the browser to run nothing but our own, and to keep none of it", async () => {
  for (const { headers } of [
    await anna!.get("/"),
    await ask(server.port, "/"),
    await anna!.get("/nothing"),
  ]) {
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    expect(headers["content-security-policy"]).not.toMatch(/unsafe|\*|https?:/);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "cross-origin-resource-policy": "same-origin",
    });
  }
});

test("a guest sees grades and scores, and can change nothing", async () => {
  const guests = Search.open(join(folder, "search"), objects, true);
  const open = await startServer({ ...RULES, readOnly: true, search: guests, graders: ["anna"] });
  const guest = await Browser.open("anna", open.addresses[0]!.url);
  const { objects: shown } = await guest.json<FactsAnswer>("/api/facts?rows=5,0");
  expect(shown.map(({ grade, scores }) => [grade, scores?.[0]?.rank])).toEqual([
    ["A", 1],
    [null, 6],
  ]);
  const { status, body } = await guest.grade([0], "A");
  expect([status, said(body)]).toEqual([403, "grades can only be read here (--read-only)"]);
  // What is said after the guest came is there at the next look.
  await anna!.grade([0], "C");
  const later = await guest.json<FactsAnswer>("/api/facts?rows=0");
  expect(later.objects[0]).toMatchObject({ grade: "C" });
  await open.close();
  guests.close();
});

test("a port that is taken is refused", async () => {
  await expect(startServer({ ...RULES, port: server.port, search, graders: ["x"] })).rejects.toThrow(
    new RegExp(`inspect: --port must be one that is free and allowed, got ${server.port}`),
  );
});
