/** A grader's browser, as far as the server can see it. */
import { randomBytes } from "node:crypto";
import { type IncomingHttpHeaders, request } from "node:http";

export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A request as it is, whatever its headers: `fetch` would correct some. */
export function ask(
  port: number,
  path: string,
  {
    method = "GET",
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

export const newRequest = (): string => randomBytes(16).toString("hex");

/** A browser that opened a grader's address. */
export class Browser {
  readonly port: number;
  readonly grader: string;
  readonly cookie: string;

  private constructor(port: number, grader: string, cookie: string) {
    this.port = port;
    this.grader = grader;
    this.cookie = cookie;
  }

  static async open(grader: string, url: string): Promise<Browser> {
    const { port, pathname } = new URL(url);
    const { headers } = await ask(Number(port), pathname);
    const cookie = headers["set-cookie"]?.[0]?.split(";")[0];
    if (cookie === undefined) throw new Error(`no cookie from ${url}`);
    return new Browser(Number(port), grader, cookie);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answered> {
    return ask(this.port, path, { headers: { cookie: this.cookie, ...headers } });
  }

  async json<T>(path: string): Promise<T> {
    return JSON.parse((await this.get(path)).body.toString()) as T;
  }

  post(path: string, said: unknown, headers: Record<string, string> = {}): Promise<Answered> {
    const own = {
      cookie: this.cookie,
      "content-type": "application/json",
      origin: `http://127.0.0.1:${this.port}`,
      "x-arclet-grader": encodeURIComponent(this.grader),
    };
    const body = typeof said === "string" ? said : JSON.stringify(said);
    return ask(this.port, path, { method: "POST", headers: { ...own, ...headers }, body });
  }

  grade(rows: readonly number[], grade: string | null, more: object = {}): Promise<Answered> {
    return this.post("/api/grade", { request: newRequest(), rows, grade, kind: null, seconds: 1, ...more });
  }
}
