/** Finds a secret in a text or an error, in any encoding. */
import { inspect } from "node:util";

/**
 * The forms in which a secret may appear: plain, and encoded for a URL, as JSON, in base64 and in
 * hexadecimal.
 */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const url = encodeURIComponent(secret);
  const forms = [
    secret,
    url,
    encodeURIComponent(url),
    new URLSearchParams([["", secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("hex"),
  ];
  // Within a longer text: the part that does not depend on what comes before and after. Three bytes are four
  // characters.
  for (const before of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const own = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    forms.push(own, own.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return [...new Set(forms)];
}

/**
 * The form in which `text` holds the secret, also percent-encoded once or twice; undefined when it does not.
 */
export function findSecret(text: string, secret: string): string | undefined {
  if (secret.length < 8) throw new Error("a secret this short appears everywhere");
  const once = percentDecoded(text);
  const texts = [text, text.toLowerCase(), once, percentDecoded(once)];
  return formsOf(secret).find((form) => texts.some((one) => one.includes(form)));
}

function percentDecoded(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Everything visible of an error: printed, serialized, and all its properties down to the bytes. */
export function shownOf(error: unknown): string {
  const shown = [
    inspect(error, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    JSON.stringify(error),
    String(error),
  ];
  const visited = new Set<unknown>();
  const visit = (value: unknown) => {
    if (typeof value === "string") shown.push(value);
    if (typeof value !== "object" || value === null || visited.has(value)) return;
    visited.add(value);
    if (value instanceof Uint8Array) {
      shown.push(Buffer.from(value).toString("latin1"));
      return;
    }
    // A Map and a Headers hold more than their properties.
    if (Symbol.iterator in value) for (const item of value as Iterable<unknown>) visit(item);
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === "string") shown.push(key);
      visit((value as Record<string | symbol, unknown>)[key]);
    }
  };
  visit(error);
  return shown.join("\n");
}
