export const DEFAULT_BASE_URL = "https://api.turso.tech";

/**
 * What is wrong with a base URL, as the end of a sentence; undefined if requests, with their token, may go
 * there.
 */
export function baseUrlProblem(baseUrl: string): string | undefined {
  const suggestion = withScheme(baseUrl);
  if (suggestion !== undefined) return `it has no scheme (did you mean ${suggestion}?)`;
  if (!URL.canParse(baseUrl)) return "it is not a URL";
  const { protocol, hostname, username, password, search, hash, pathname } = new URL(baseUrl);
  if (protocol !== "https:" && protocol !== "http:") return "it must use https";
  if (protocol === "http:" && !isLoopback(hostname))
    return "it must use https: http would send the token unencrypted and is allowed only on this machine (localhost, 127.0.0.1, [::1])";
  if (username !== "" || password !== "") return "it must not contain a user name or password";
  if (search !== "" || hash !== "") return "it must not contain a query or fragment";
  return /\/v1\/*$/.test(pathname) ? "it must not end with /v1, because the client adds it" : undefined;
}

/**
 * A host without a scheme, with the likely one. As a URL, `localhost:8080` would have the scheme `localhost`.
 */
function withScheme(baseUrl: string): string | undefined {
  if (!/^[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(baseUrl) || !URL.canParse(`https://${baseUrl}`)) return undefined;
  return `${isLoopback(new URL(`https://${baseUrl}`).hostname) ? "http" : "https"}://${baseUrl}`;
}

/** Whether a hostname means this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
