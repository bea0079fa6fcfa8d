/** The way to rank 0: its address, its port, and the address by which others reach this machine. */
import { lookup } from "node:dns/promises";
import { connect, createServer } from "node:net";
import { foreignError } from "../../foundation/errors/foreign.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import { safePoint } from "../../foundation/interrupt.ts";
import type { AskedRanks } from "./asked.ts";

/** How long a rank waits for rank 0, and rank 0 for all others, s. */
export const ARRIVAL = 300;
const RETRY_MS = 200;

/** @throws ArcletError for a name that doesn't resolve, and one that is this machine alone when there are several */
export async function addressOf(asked: AskedRanks, several: boolean, named: boolean): Promise<string> {
  const { host, hostFrom } = asked;
  const { address } = await lookup(host).catch((error: unknown) => {
    throw foreignError("train", error, "service", () => `${hostFrom} ${host} is no host that is known here`);
  });
  // Rank 0 may be told its interface; the others must find it.
  if (several && isLoopback(address) && !(named && asked.rank === 0)) refuseLoopback(asked, address);
  return address;
}

export const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1";

export function refuseLoopback({ host, hostFrom }: AskedRanks, address: string): never {
  throw new ArcletError({
    where: "train",
    code: "conflict",
    problem: `${hostFrom} ${host} is ${address} here, which other hosts can't reach`,
    fix: "set MASTER_ADDR to an address of rank 0 in the network, or give --interface",
  });
}

/** @throws ArcletError when another program listens on rank 0's port */
export async function refuseTakenPort({ port, portFrom }: AskedRanks): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") reject(foreignError("train", error, "machine"));
      else
        reject(
          new ArcletError({
            where: "train",
            code: "conflict",
            problem: `${portFrom} ${port} is taken by another program on this machine`,
            fix: "set MASTER_PORT to a free port, the same for all ranks",
          }),
        );
    });
    server.listen(port, () => server.close(() => resolve()));
  });
}

/** Waits until rank 0 listens. @returns the address of this machine on the way to it */
export async function reached(asked: AskedRanks, address: string): Promise<string> {
  const { host, port } = asked;
  for (const until = performance.now() + ARRIVAL * 1000; performance.now() < until; ) {
    const own = await tried(address, port);
    if (own !== null) return own;
    await safePoint("nothing was written");
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return refuse(
    "train",
    "rank 0",
    `started within ${ARRIVAL} s`,
    `no answer of ${host}, port ${port}`,
    "service",
  );
}

/** This machine's address in a connection; null if nobody listens. */
const tried = (address: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (own: string | null) => {
      socket.destroy();
      resolve(own);
    };
    socket.setTimeout(5000, () => end(null));
    socket.once("connect", () => end(socket.localAddress ?? null));
    socket.once("error", () => end(null));
  });
