/**
 * Requests to a server that others need too: few at a time, a pause between their starts, retries that wait twice as long
 * each time (with jitter, so that many clients do not come back together), and Retry-After honoured by all requests.
 */

import { reasonOf } from "../../foundation/errors/foreign.ts";
import { ArcletError } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import { textKey, uniformAt } from "../../foundation/random.ts";
import { refuseWithoutWasmRoom } from "../../foundation/wasm-room.ts";

export interface Manners {
  /** Seconds. */
  pause: number;
  attempts: number;
  backoff: number;
  mostWait: number;
  timeout: number;
  seed: number;
  /** User-Agent. */
  agent: string;
  /** Authorization; null if none is needed. */
  authorization: string | null;
}

/** What is wrong with an answer. */
export interface Flaw {
  reason: string;
  /** Whether another attempt may succeed. */
  retry: boolean;
  /** Whether the service has no image there: nothing is wrong with it or with the request. */
  uncovered?: boolean;
}

export type Answer = { bytes: Buffer } | Pick<Flaw, "reason" | "uncovered">;

/** After this many requests in a row that no server answered, fetching stops. */
const UNREACHED = 3;
/** Statuses after which another attempt may succeed. */
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);

export class PoliteClient {
  readonly #manners: Manners;
  readonly #saved: string;
  /** When the next request may start, and until when the server asked us to wait; milliseconds. */
  #next = 0;
  #waitUntil = 0;
  #unreached = 0;

  /**
   * @param saved what to tell the user about what was saved, on interruption
   * @throws ArcletError where memory is limited so much that Node can't ask at all
   */
  constructor(manners: Manners, saved: string) {
    refuseWithoutWasmRoom("fetch", "Node's fetch");
    this.#manners = manners;
    this.#saved = saved;
  }

  /**
   * Tries until there is an answer that `judge` accepts, an error that no further attempt would fix, or no attempt is
   * left.
   *
   * @param mostBytes of the body; reading stops beyond
   * @throws ArcletError when the server can't be reached, refuses the account, or asks for a longer wait than `mostWait`
   */
  async get(url: string, mostBytes: number, judge: (bytes: Buffer) => Flaw | undefined): Promise<Answer> {
    const { attempts, backoff, mostWait, seed } = this.#manners;
    for (let attempt = 1; ; attempt++) {
      await this.#turn();
      const result = await this.#attempt(url, mostBytes, judge);
      if ("bytes" in result) return result;
      if (!result.retry || attempt === attempts)
        return {
          ...result,
          reason: result.retry && attempts > 1 ? `${result.reason}, ${attempts} times` : result.reason,
        };
      const jitter = 0.5 + uniformAt(textKey(seed, url), attempt);
      await this.#sleepUntil(
        performance.now() + 1000 * Math.min(mostWait, backoff * 2 ** (attempt - 1) * jitter),
      );
    }
  }

  /** Waits for this request's turn, and as long as the server asked us to wait. */
  async #turn(): Promise<void> {
    do await this.#sleepUntil(Math.max(this.#next, this.#waitUntil));
    while (Math.max(this.#next, this.#waitUntil) > performance.now());
    this.#next = performance.now() + 1000 * this.#manners.pause;
  }

  async #sleepUntil(time: number): Promise<void> {
    for (;;) {
      await safePoint(this.#saved);
      const left = time - performance.now();
      if (left <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, 200)));
    }
  }

  async #attempt(url: string, mostBytes: number, judge: (bytes: Buffer) => Flaw | undefined) {
    const { timeout, agent, authorization } = this.#manners;
    const headers = {
      "User-Agent": agent,
      ...(authorization === null ? {} : { Authorization: authorization }),
    };
    const signal = AbortSignal.timeout(Math.ceil(1000 * timeout));
    let response: Response;
    let bytes: Buffer | Flaw;
    try {
      response = await fetch(url, { headers, signal, redirect: "follow" });
      this.#unreached = 0;
      bytes = await bodyOf(response, mostBytes);
    } catch (error) {
      return this.#failed(url, error, timeout);
    }
    if (!response.ok) return this.#refused(url, response);
    if (!Buffer.isBuffer(bytes)) return bytes;
    return judge(bytes) ?? { bytes };
  }

  #failed(url: string, error: unknown, timeout: number): Flaw {
    if ((error as Error).name === "TimeoutError")
      return { reason: `no whole answer within ${timeout} s`, retry: true };
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    const code = cause?.code ?? "";
    const why = `${reasonOf(error)}${cause === undefined ? "" : ` (${code || reasonOf(cause)})`}`;
    if (
      [
        "ECONNREFUSED",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ENETUNREACH",
        "EHOSTUNREACH",
        "UND_ERR_CONNECT_TIMEOUT",
      ].includes(code)
    ) {
      if (++this.#unreached >= UNREACHED)
        throw new ArcletError({
          where: new URL(url).host,
          code: "service",
          problem: `can't be reached (${code})`,
          fix: this.#saved,
        });
    }
    return { reason: why, retry: true };
  }

  #refused(url: string, { status, headers }: Response): Flaw {
    const { host } = new URL(url);
    if (status === 401 || status === 403)
      throw new ArcletError({
        where: host,
        code: "service",
        problem: `refuses the request (status ${status})`,
        fix: `is the account right? ${this.#saved}`,
      });
    const wait = retryAfter(headers.get("retry-after"));
    if (TRANSIENT.has(status) && wait !== null) {
      if (wait > this.#manners.mostWait)
        throw new ArcletError({
          where: host,
          code: "service",
          problem: `asks to wait ${Math.ceil(wait)} s (status ${status})`,
          fix: this.#saved,
        });
      this.#waitUntil = Math.max(this.#waitUntil, performance.now() + 1000 * wait);
    }
    if (status === 404) return { reason: "no coverage (status 404)", retry: false, uncovered: true };
    return { reason: `status ${status}`, retry: TRANSIENT.has(status) };
  }
}

/** Retry-After in seconds, from a number or a date (RFC 9110, section 10.2.3); null if there is none. */
export function retryAfter(value: string | null, now = Date.now()): number | null {
  if (value === null) return null;
  if (/^\s*\d+\s*$/.test(value)) return Number(value);
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : Math.max(0, (time - now) / 1000);
}

async function bodyOf(response: Response, mostBytes: number): Promise<Buffer | Flaw> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    // Leaving the loop cancels the stream.
    if (length > mostBytes) return { reason: `sends more than ${mostBytes} bytes`, retry: false };
    parts.push(part);
  }
  return Buffer.concat(parts);
}
