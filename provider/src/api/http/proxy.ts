/** Proxies from environment variables, as error messages name them. */
import { UNREACHED } from "../errors/TursoConnectionError.js";

/** The variables that axios reads the proxy of an https request from. The first one that is set counts. */
const VARIABLES = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/** The host that did not respond to a request: the server, or the proxy that `request` used. */
export function peerOf(
  { request, code }: { request?: unknown; code?: string | undefined },
  origin: string,
): string {
  const proxy = proxyOf(request);
  if (proxy === undefined) return origin;
  return UNREACHED.has(code ?? "") ? proxy : `${origin} through ${proxy}`;
}

/** The proxy without its password, and the variable it comes from. */
function proxyOf(request: unknown): string | undefined {
  // The agent with which axios opens a tunnel. Absent without a proxy, and if Node itself uses the proxy.
  const { protocol, hostname, port } =
    (request as { agent?: { proxy?: Record<string, unknown> } } | undefined)?.agent?.proxy ?? {};
  if (typeof protocol !== "string" || typeof hostname !== "string") return undefined;
  const address = `${hostname.includes(":") ? `[${hostname}]` : hostname}${port ? `:${port}` : ""}`;
  const variable = VARIABLES.find((name) => process.env[name]) ?? "";
  const note = /^socks/.test(protocol)
    ? `${variable} is a SOCKS proxy; only http:// and https:// proxies are supported`
    : process.env[variable]?.includes("://")
      ? variable
      : `${variable} has no scheme; did you mean http://${address}?`;
  return `the proxy ${protocol}//${address} (${note})`;
}
