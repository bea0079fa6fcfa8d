/** Requests to the server of a search, broken on the wire. */
import { cpSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

const dist = (file) => import(join(import.meta.dirname, "..", "..", "dist", file));

/** Longest time for an answer, ms. */
const HANGS = 20_000;

/** Requests as a browser writes them. */
function requests(port, cookie) {
  const head = (line, more = "") =>
    `${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\nConnection: close\r\n${more}\r\n`;
  const post = (path, said) => {
    const body = JSON.stringify(said);
    const own = [
      "Content-Type: application/json",
      `Origin: http://127.0.0.1:${port}`,
      "X-Arclet-Grader: anna",
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return `${head(`POST ${path}`, `${own.join("\r\n")}\r\n`)}${body}`;
  };
  const request = "0123456789abcdef0123456789abcdef";
  return [
    ...[
      "/",
      "/api/session",
      "/api/order?by=score&show=all",
      "/api/facts?rows=1,2",
      "/api/pixels?rows=0,3",
    ].map((path) => head(`GET ${path}`)),
    post("/api/grade", { request, rows: [1], grade: "A", kind: null, seconds: 1 }),
    post("/api/comment", { request, row: 1, comment: "an arc, à gauche" }),
    post("/api/tags", { request, row: 2, tags: ["a", "b"] }),
    post("/api/undo", { request }),
  ].map((text) => Buffer.from(text));
}

/** Starts a server. @returns its whole requests, and what sends one that is broken */
export async function askedServer(world, scratch) {
  const { Search } = await dist("inspect/search.js");
  const { openObjects } = await dist("inspect/objects.js");
  const { startServer } = await dist("inspect/server.js");
  const folder = join(scratch, "asked");
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["target", "scores.csv"])
    cpSync(join(world, name), join(folder, name), { recursive: true });
  const objects = await openObjects({
    dataset: join(folder, "target"),
    scores: [join(folder, "scores.csv")],
  });
  const search = Search.open(join(folder, "search"), objects, false);
  const pages = new Map([["/", { type: "text/html", bytes: Buffer.from("<p>page</p>") }]]);
  const options = {
    search,
    pages,
    showScores: false,
    readOnly: false,
    host: "127.0.0.1",
    port: 0,
    graders: ["anna"],
  };
  const server = await startServer(options);
  const { pathname } = new URL(server.addresses[0].url);
  const entered = await sent(
    server.port,
    Buffer.from(`GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`),
  );
  const cookie = /set-cookie: ([^;]+)/i.exec(entered)[1];
  return { files: requests(server.port, cookie), ask: (bytes) => answered(server.port, bytes) };
}

/** @throws an error for an answer that is a bug, or tells of the inside; Refused for any but 200 */
async function answered(port, bytes) {
  const text = await sent(port, bytes);
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 400);
  if (status === 500 || /\n\s+at .*:\d+:\d+|node_modules|file:\/\/|\.ts:\d/.test(text))
    throw new Error(`answers ${text.slice(0, 2000)}`);
  return status === 200 || status === 204;
}

function sent(port, bytes) {
  return new Promise((done, reject) => {
    const chunks = [];
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    socket.setTimeout(HANGS, () => {
      socket.destroy();
      reject(new Error("no answer in 20 s"));
    });
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {});
    socket.on("close", () => done(Buffer.concat(chunks).toString("latin1")));
  });
}
