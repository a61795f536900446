import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a string as it is. Absent: the connection is closed without a response. */
  body?: unknown;
}

/** A proxy of a server that delays each response by `delay(request)` milliseconds. */
export async function slowly(
  url: string,
  delay: (request: Seen) => number,
): Promise<{ url: string; seen: Seen[] }> {
  return listen(async (request, response) => {
    const { method, path, headers, body } = request;
    const { host, connection, "content-length": _, ...others } = headers;
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: others as Record<string, string>,
      ...(body !== "" && { body }),
    });
    const text = await answer.text();
    // The client may be closed by then, and the test over.
    setTimeout(() => {
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
      response.end(text);
    }, delay(request)).unref();
  });
}

/**
 * A server with the same response to every request, for responses that the emulator does not give. It closes
 * after the test.
 */
export async function serve(answer: Answer): Promise<{ url: string; seen: Seen[] }> {
  return listen((_request, response) => {
    if (answer.body === undefined) {
      response.destroy();
      return;
    }
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  });
}

/** Starts a server on a free port, until the test is over. */
async function listen(
  handle: (request: Seen, response: ServerResponse) => void | Promise<void>,
): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const one = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
    seen.push(one);
    await handle(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { url: `http://127.0.0.1:${address.port}`, seen };
}
