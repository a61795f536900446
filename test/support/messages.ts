/**
 * Messages of the provider on the screen. Tests look for codes, names and values, so that the wording can
 * change.
 */
import type { ErrorCode } from "../../provider/src/lifecycle/errors.js";

/** Matches the first line of an error, which ends with the code, if the line has every part, in any order. */
export function errorLine(code: ErrorCode, ...parts: string[]): RegExp {
  return lineWith(parts, `\\[${code}\\]`);
}

/** Matches the first line of a warning, if it has every part, in any order. */
export function warningLine(...parts: string[]): RegExp {
  return lineWith(parts, "warning: ");
}

function lineWith(parts: readonly string[], pattern: string): RegExp {
  const ahead = parts.map((part) => `(?=.*${literal(part)})`);
  return new RegExp(`^${ahead.join("")}.*${pattern}`, "m");
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
