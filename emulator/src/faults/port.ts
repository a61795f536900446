import type { Server } from "node:http";

/** Longest delay of a Node.js timer, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1;

/** The port of a server on 127.0.0.1. */
export type Port = {
  readonly number: number;
  /** Closes every connection and refuses new ones for this many milliseconds. */
  refuse(ms: number): void;
  /** Accepts connections again. */
  accept(): void;
  /** Stops listening for good. */
  close(): Promise<void>;
};

/**
 * Makes a server listen on 127.0.0.1.
 * @param wanted Number of the port. 0 picks a free one.
 * @throws A Node.js error with the code `EADDRINUSE` if the port is in use.
 */
export async function openPort(server: Server, wanted: number): Promise<Port> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(wanted, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const number = address.port;

  let isClosed = false;
  let refusal: { until: number; timer: NodeJS.Timeout } | undefined;
  const listen = () => {
    clearTimeout(refusal?.timer);
    refusal = undefined;
    server.listen(number, "127.0.0.1");
  };
  // Another process may have taken the port during the refusal. The refusal then continues until the port is
  // free.
  server.on("error", () => !isClosed && refuse(20));

  function refuse(ms: number): void {
    const until = Date.now() + ms;
    if (isClosed || (refusal && refusal.until >= until)) return;
    clearTimeout(refusal?.timer);
    refusal = { until, timer: setTimeout(listen, Math.min(ms, MAX_DELAY)) };
    server.close();
    server.closeAllConnections();
  }

  return {
    number,
    refuse,
    accept: () => refusal && listen(),
    close: () =>
      new Promise((resolve) => {
        isClosed = true;
        clearTimeout(refusal?.timer);
        refusal = undefined;
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
