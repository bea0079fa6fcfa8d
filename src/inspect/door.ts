/**
 * What every request passes before anything is done: the host that it names (a page elsewhere may have given its own name to
 * this address), the page that it comes from, and the size of what it brings. And what every answer says to the browser.
 */
import { networkInterfaces } from "node:os";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";

/** Bytes of a request's body: 400 rows or a long comment take a few thousand. */
const MOST_BODY = 32 * 1024;

const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

/** Addresses that mean every address of the machine. */
const ANY = new Set(["0.0.0.0", "::"]);

/** Names under which the server may be asked, the one to show first. @param host that it listens on */
export function hostNames(host: string): string[] {
  const local = ["127.0.0.1", "localhost", "::1"];
  if (!ANY.has(host)) return [...new Set([host, ...local])];
  const own = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
  return [...new Set([...own, ...local])];
}

/** As in an address: an IPv6 address has brackets. */
export const inAddress = (host: string): string => (host.includes(":") ? `[${host}]` : host);

export const headers: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
  if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
};

/** @param port known when the server listens @returns what refuses requests under another name or from another page */
export function door(names: readonly string[], port: () => number): MiddlewareHandler {
  return async (c, next) => {
    const hosts = names.map((name) => `${inAddress(name)}:${port()}`);
    const host = c.req.header("host")?.toLowerCase() ?? "";
    if (!hosts.includes(host)) return c.json({ error: "this server has another address" }, 403);
    // Browsers say where a request comes from; an address that was typed or opened by a program comes from nowhere.
    const site = c.req.header("sec-fetch-site");
    const isPage = c.req.header("sec-fetch-mode") === "navigate";
    if (site !== undefined && site !== "same-origin" && !isPage)
      return c.json({ error: "asked by another site" }, 403);
    const reads = c.req.method === "GET" || c.req.method === "HEAD";
    if (!reads && c.req.header("origin") !== `http://${host}`)
      return c.json({ error: "asked by another page" }, 403);
    return next();
  };
}

export const limits = (): MiddlewareHandler =>
  bodyLimit({
    maxSize: MOST_BODY,
    onError: (c) => c.json({ error: `a request must be at most ${MOST_BODY} bytes` }, 413),
  });
