import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Hono } from "hono";
import type { Env } from "../http.js";

const FOLDER = join(__dirname, "../../page");

/** Path → file and type. */
const FILES = {
  "/": ["index.html", "text/html"],
  "/page.css": ["page.css", "text/css"],
  "/page.js": ["page.js", "text/javascript"],
} as const;

/** The page can load and connect to this emulator only, and no page can show it in a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Adds a page that shows state and requests. */
export function addPage(control: Hono<Env>): void {
  for (const [path, [file, type]] of Object.entries(FILES)) {
    control.get(path, async (c) =>
      c.body(await readFile(join(FOLDER, file)), 200, {
        "Content-Type": `${type}; charset=utf-8`,
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
      }),
    );
  }
}
