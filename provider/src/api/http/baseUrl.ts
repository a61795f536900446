export const DEFAULT_BASE_URL = "https://api.turso.tech";

/** Why requests, and the token in them, must not go to this base URL; undefined where they may. */
export function baseUrlProblem(baseUrl: string): string | undefined {
  const meant = withScheme(baseUrl);
  if (meant !== undefined) return `that has no scheme (did you mean ${meant}?)`;
  if (!URL.canParse(baseUrl)) return "that is not a URL";
  const { protocol, hostname, username, password, search, hash, pathname } = new URL(baseUrl);
  if (protocol !== "https:" && protocol !== "http:") return "only https will do";
  if (protocol === "http:" && !isLoopback(hostname))
    return "plain http is for servers on this machine only (127.0.0.1, localhost): it would send the token unencrypted";
  if (username !== "" || password !== "") return "it must not hold a user name or password";
  if (search !== "" || hash !== "") return "it must not have a query or fragment";
  return /\/v1\/*$/.test(pathname) ? "the /v1 at its end is added by the provider: leave it out" : undefined;
}

/** A host without a scheme, with the one that it probably is to have: `localhost:8080` is a URL, too, of the scheme `localhost`. */
function withScheme(baseUrl: string): string | undefined {
  if (!/^[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(baseUrl) || !URL.canParse(`https://${baseUrl}`)) return undefined;
  return `${isLoopback(new URL(`https://${baseUrl}`).hostname) ? "http" : "https"}://${baseUrl}`;
}

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
