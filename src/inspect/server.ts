/** The server of a search: on this machine only, unless told otherwise. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { foreignError } from "../foundation/errors/foreign.ts";
import { ArcletError } from "../foundation/errors.ts";
import { api, type Beside } from "./api.ts";
import type { Asked, Rules } from "./asked.ts";
import { door, headers, hostNames, inAddress, limits } from "./door.ts";
import type { PageFile } from "./pages.ts";
import type { Search } from "./search.ts";
import { Sessions } from "./sessions.ts";

export interface ServerOptions extends Rules, Beside {
  search: Search;
  pages: ReadonlyMap<string, PageFile>;
  graders: readonly string[];
  /** To look closer with; none if left out. */
  host: string;
  /** 0 for any that is free. */
  port: number;
}

export interface RunningServer {
  port: number;
  /** Where each grader begins. */
  addresses: { grader: string; url: string }[];
  close(): Promise<void>;
}

/** @throws ArcletError when the address can't be listened on */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host } = options;
  const sessions = new Sessions(options.graders);
  let port = options.port;
  const app = application(options, sessions, () => port);
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await listening(server, host, port);
  port = (server.address() as AddressInfo).port;
  const [shown] = hostNames(host) as [string, ...string[]];
  return {
    port,
    addresses: sessions.tokens.map(({ grader, token }) => ({
      grader,
      url: `http://${inAddress(shown)}:${port}/open/${token}`,
    })),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function application(
  { search, pages, showScores, readOnly, host, ...beside }: ServerOptions,
  sessions: Sessions,
  port: () => number,
) {
  const app = new Hono<Asked>();
  // Cookies are of a host, whatever its port: two searches at once have two names.
  const cookieName = () => `arclet-${port()}`;
  app.use(headers, door(hostNames(host), port), limits());
  app.onError((error, c) => refusal(error, c));
  app.notFound((c) => c.json({ error: "there is nothing here" }, 404));

  // Browsers ask for it on pages that name no icon, such as the next.
  app.get("/favicon.ico", (c) => c.body(null, 204));
  app.get("/open/:token", (c) => {
    const cookie = sessions.cookieFor(c.req.param("token"));
    if (cookie === undefined) return c.text(STRANGER, 401);
    setCookie(c, cookieName(), cookie, { httpOnly: true, sameSite: "Strict", path: "/" });
    // A page of this server leads on: after a redirect the browser might take another site for the one that asks.
    return c.html(ENTER);
  });
  app.use(async (c, next) => {
    const grader = sessions.graderOf(getCookie(c, cookieName()) ?? "");
    if (grader === undefined) return c.text(STRANGER, 401);
    c.set("grader", grader);
    return next();
  });
  app.route("/api", api(search, { showScores, readOnly }, beside));
  app.get("*", (c) => {
    const file = pages.get(c.req.path);
    if (file === undefined) return c.notFound();
    c.header("Content-Type", file.type);
    // What a build calls by its content never changes.
    if (c.req.path.startsWith("/assets/")) c.header("Cache-Control", "private, max-age=31536000, immutable");
    return c.body(file.bytes);
  });
  return app;
}

const STRANGER =
  "Open the whole address that arclet inspect printed: it changes each time that it is started.\n";
const ENTER =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><title>Arclet</title>' +
  '<p><a href="/">Continue</a></p></html>';

/** A refusal as the pages show it; a bug says nothing of the inside. */
function refusal(error: Error, c: Context): Response {
  if (!(error instanceof ArcletError)) {
    process.stderr.write(`arclet inspect: ${error.stack ?? error}\n`);
    return c.json({ error: "a bug in arclet: the terminal says more" }, 500);
  }
  const ours = error.code === "machine" || error.code === "unreadable";
  if (ours) process.stderr.write(`arclet inspect: ${error.message}\n`);
  return c.json({ error: error.message }, ours ? 507 : error.code === "too-large" ? 413 : 400);
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(notListening(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function notListening(error: NodeJS.ErrnoException, host: string, port: number): ArcletError {
  const wrong = (field: string, must: string, got: unknown) =>
    new ArcletError({ where: "inspect", code: "argument", field, must, got }, { cause: error });
  if (error.code === "EADDRINUSE" || error.code === "EACCES")
    return wrong("--port", "one that is free and allowed", port);
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return wrong("--host", "an address of this machine", host);
  return foreignError("inspect", error, "machine");
}
