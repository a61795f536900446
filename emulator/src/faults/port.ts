import type { Server } from "node:http";

/** The longest that a timer can wait. */
const LONGEST = 2 ** 31 - 1;

/** A server's port on 127.0.0.1. */
export type Port = {
  readonly number: number;
  /** Ends every connection and refuses new ones, for so many milliseconds. */
  refuse(ms: number): void;
  /** Ends a refusal. */
  accept(): void;
  /** For good. */
  close(): Promise<void>;
};

/** Lets a server listen. Rejects if the port is in use. */
export async function openPort(server: Server, wanted: number): Promise<Port> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(wanted, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the emulator has no port");
  const number = address.port;

  let isClosed = false;
  let refusal: { until: number; timer: NodeJS.Timeout } | undefined;
  const listen = () => {
    clearTimeout(refusal?.timer);
    refusal = undefined;
    server.listen(number, "127.0.0.1");
  };
  // Somebody else may hold the port for a moment when it is to be listened on again.
  server.on("error", () => !isClosed && refuse(20));

  function refuse(ms: number): void {
    const until = Date.now() + ms;
    if (isClosed || (refusal && refusal.until >= until)) return;
    clearTimeout(refusal?.timer);
    refusal = { until, timer: setTimeout(listen, Math.min(ms, LONGEST)) };
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
