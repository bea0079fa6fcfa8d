/** Where a service sends a request: to another address of the web at most, without the password, and not for ever. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PoliteClient } from "../../../src/making/fetching/polite.ts";

const servers: Server[] = [];
const asked: { path: string; authorization: string | undefined }[] = [];
let [one, other] = [0, 0];

/** @returns its port */
async function serve(whereTo: (path: string) => string | null): Promise<number> {
  const server = createServer(({ url = "", headers }, answer) => {
    asked.push({ path: url, authorization: headers.authorization });
    const location = whereTo(url);
    if (location === null) answer.end("image");
    else answer.writeHead(302, { Location: location }).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  other = await serve(() => null);
  one = await serve((path) =>
    path === "/away"
      ? `http://127.0.0.1:${other}/image`
      : path === "/file"
        ? "file:///etc/passwd"
        : path === "/data"
          ? "data:text/plain,image"
          : path,
  );
});
afterAll(() => {
  for (const server of servers) server.close();
});

const get = (path: string) => {
  const manners = { pause: 0, attempts: 1, backoff: 0, mostWait: 1, timeout: 20, seed: 1, agent: "arclet" };
  const client = new PoliteClient({ ...manners, authorization: "Basic c2VjcmV0" }, "nothing is saved");
  return client.get(`http://127.0.0.1:${one}${path}`, 1000, () => undefined);
};

test("a password goes to the service alone, not to where that sends a request", async () => {
  expect(await get("/away")).toEqual({ bytes: Buffer.from("image") });
  expect(asked).toEqual([
    { path: "/away", authorization: "Basic c2VjcmV0" },
    { path: "/image", authorization: undefined },
  ]);
});

test.each(["/file", "/data"])("a redirect to %s: is not followed", async (path) => {
  expect(await get(path)).toMatchObject({ reason: expect.stringMatching(/^fetch failed \([^\n]+\)$/) });
});

test("a redirect in a circle ends", async () => {
  expect(await get("/circle")).toMatchObject({
    reason: expect.stringMatching(/^fetch failed \([^\n]*redirect[^\n]*\)$/),
  });
  expect(asked.filter(({ path }) => path === "/circle").length).toBeLessThan(30);
});
