/** What error messages may show of a server's text. */

/** `text` without the token, in case a server repeats it, as it is or encoded. */
export function redact(text: string, token: string): string {
  if (token === "") return text;
  const bytes = Buffer.from(token);
  const forms = [
    token,
    encodeURIComponent(token.toWellFormed()),
    JSON.stringify(token).slice(1, -1),
    bytes.toString("base64url"),
    bytes.toString("base64").replace(/=+$/, ""),
  ];
  return forms.reduce((redacted, form) => redacted.replaceAll(form, "[token]"), text);
}

/**
 * The first 500 characters of `text`, without control characters, which could move a terminal's cursor, and
 * without lone surrogates, which Pulumi's hosts cannot send: they hang or crash.
 */
export function printable(text: string): string {
  // A character is two units at most.
  const start = [...text.slice(0, 1_000)].slice(0, 500).join("").toWellFormed();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return start.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

/** The API's own message in a response body such as `{"error":"group not found"}`. */
export function errorText(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === "string" && error !== "" ? error : undefined;
  } catch {
    return undefined;
  }
}

/** A response body that is not the API's JSON, in a few words. */
export function describeBody(body: string): string {
  if (body.trim() === "") return "an empty response";
  return /^\s*</.test(body) ? "an HTML page, not the API's JSON" : "text that is not the API's JSON";
}
