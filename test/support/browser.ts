import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/**
 * Starts Chromium or Chrome: from `PATH`, or Chrome where it is usually installed.
 * @throws If there is none.
 */
export async function startBrowser(): Promise<Browser> {
  const executablePath = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isExecutable);
  // Root, and some containers, cannot start Chrome's sandbox. It only opens pages of this repository.
  const args = ["--no-sandbox"];
  return puppeteer.launch(executablePath ? { executablePath, args } : { channel: "chrome", args });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
