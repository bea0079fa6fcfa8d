/**
 * A server on this machine that answers as the cutout services do, faults included. An object's right ascension, in whole
 * degrees, says what goes wrong, so that any service can be tested with it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { fitsBytes } from "../../../src/sky/fits.ts";

/** What happens at each right ascension. */
export const AT = {
  fine: 1,
  busy: 2,
  broken: 3,
  cutShort: 4,
  page: 5,
  slow: 6,
  nowhere: 7,
  reset: 8,
  small: 9,
  blank: 10,
  gzipped: 11,
  closed: 12,
  away: 13,
  endless: 14,
  noImage: 15,
} as const;

export interface Request {
  time: number;
  path: string;
  agent: string | undefined;
  authorization: string | undefined;
}

export class Service {
  readonly requests: Request[] = [];
  /** The most requests that were open at a time. */
  busiest = 0;
  #inHand = 0;
  readonly #requests = new Map<string, number>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  /** @param port one that is free, if none is given @returns the address */
  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Forgets all requests. */
  clear(): void {
    this.requests.length = 0;
    this.busiest = 0;
    this.#requests.clear();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, "http://127.0.0.1");
    const { "user-agent": agent, authorization } = request.headers;
    this.requests.push({ time: Date.now(), path: request.url!, agent, authorization });
    this.#inHand++;
    this.busiest = Math.max(this.busiest, this.#inHand);
    response.on("close", () => this.#inHand--);
    const before = this.#requests.get(request.url!) ?? 0;
    this.#requests.set(request.url!, before + 1);
    const degree = Math.floor(Number(url.searchParams.get("ra")));
    if (url.pathname === "/cgi-bin/ps1filenames.py") this.#list(url, degree, response);
    else if (url.pathname.startsWith("/das_cutout") && authorization !== `Basic ${btoa("me:secret")}`)
      response.writeHead(401).end();
    else this.#cutout(sizeOf(url), degree, before, response);
  }

  /** The image list of Pan-STARRS, in its own words. */
  #list(url: URL, degree: number, response: ServerResponse): void {
    const header = "projcell subcell ra dec filter mjd type filename shortname badflag";
    const bands = degree === AT.noImage ? [] : [...url.searchParams.get("filters")!];
    const lines = bands.map(
      (band) =>
        `1784 059 ${degree} 2 ${band} 0 stack /rings.v3.skycell/1784/059/rings.${band}.unconv.fits rings.${band} 0`,
    );
    response.end(`${[header, ...lines].join("\n")}\n`);
  }

  #cutout(size: number, degree: number, before: number, response: ServerResponse): void {
    const file = image(size, degree);
    const send = (bytes: Uint8Array) =>
      response.writeHead(200, { "Content-Length": bytes.length }).end(bytes);
    if (degree === AT.busy && before === 0) response.writeHead(429, { "Retry-After": "1" }).end("slow down");
    else if (degree === AT.broken && before < 2)
      response.writeHead(500).end("<h1>Internal Server Error</h1>");
    else if (degree === AT.cutShort && before === 0) {
      response.writeHead(200, { "Content-Length": file.length });
      response.write(file.subarray(0, 3000), () => response.destroy());
    } else if (degree === AT.closed && before === 0) {
      // Without a content length, so that the end looks like the file's own.
      response.writeHead(200, { Connection: "close" });
      response.end(file.subarray(0, 4000));
    } else if (degree === AT.page)
      send(Buffer.from("<!DOCTYPE html><html><title>Oops</title><body>Down for repair</body></html>"));
    else if (degree === AT.slow) {
      response.writeHead(200, { "Content-Length": file.length });
      response.write(file.subarray(0, 2880)); // and no more
    } else if (degree === AT.nowhere) response.writeHead(404).end();
    else if (degree === AT.reset && before === 0) response.socket!.resetAndDestroy();
    else if (degree === AT.small) send(image(size - 1, degree));
    else if (degree === AT.blank)
      send(fitsBytes([{ data: new Float32Array(size * size), shape: [size, size] }]));
    else if (degree === AT.gzipped) send(gzipSync(file));
    else if (degree === AT.away) response.writeHead(503, { "Retry-After": "7200" }).end();
    else if (degree === AT.endless) {
      const more = () => response.writable && response.write(Buffer.alloc(2 ** 16, 32), more);
      response.writeHead(200);
      more();
    } else send(file);
  }
}

/** HSC's requests have half the side, in degrees. */
function sizeOf(url: URL): number {
  const half = url.searchParams.get("sw");
  return half === null ? Number(url.searchParams.get("size")) : Math.round((Number(half) * 2 * 3600) / 0.168);
}

/** Pixels that identify their object. */
export const image = (size: number, degree: number): Uint8Array =>
  fitsBytes([
    { data: Float32Array.from({ length: size * size }, (_, k) => degree + k / 1000), shape: [size, size] },
  ]);
