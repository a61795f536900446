/** The page of the emulator in a real browser. */
import type { Browser, Page } from "puppeteer-core";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { type Started, start } from "../../emulator/test/help.ts";
import { startBrowser } from "../support/browser.ts";
import { orSkip } from "../support/needs.ts";

const browser: Browser | undefined = await orSkip("THE TEST OF THE PAGE IN A BROWSER", startBrowser);
afterAll(() => browser?.close());

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=1</script>';

/** An emulator and its page. Everything that the page reports as a problem ends up in `problems`. */
async function open(emulator: Started): Promise<{ page: Page; problems: string[] }> {
  if (!browser) throw new Error("There is no browser.");
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => problems.push(message.text()));
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.url()} ${response.status()}`);
  });
  await page.goto(`${emulator.url}/_emulator`);
  await page.waitForSelector("#status.live");
  return { page, problems };
}

/** Waits until an element has a text. */
async function shows(page: Page, selector: string, text: string): Promise<void> {
  await page.waitForFunction(`${innerText(selector)}?.includes(${JSON.stringify(text)})`);
}

const textOf = (page: Page, selector: string) => page.evaluate(innerText(selector));

/** Code for the browser is text, so that the rest of the repository does not see the types of a browser. */
const innerText = (selector: string) => `document.querySelector(${JSON.stringify(selector)})?.innerText`;

/** The lowest contrast of a text on its card, as WCAG defines it. */
const LOWEST_CONTRAST = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (color) => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
      const part = byte / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const card = luminance(getComputedStyle(document.querySelector("article")).backgroundColor);
  const texts = document.querySelectorAll("h1, h2, h3, h4, small, th, td, td .status, p");
  return Math.min(...[...texts].map((element) => {
    const text = luminance(getComputedStyle(element).color);
    return (Math.max(text, card) + 0.05) / (Math.min(text, card) + 0.05);
  }));
})()`;

describe.skipIf(!browser)("the page", () => {
  test("shows state and requests, and follows them", async () => {
    const emulator = await start({ state: { organizations: { acme: { plan: "pro" } } } });
    const { page, problems } = await open(emulator);
    await shows(page, "#state", "acme plan pro");
    await shows(page, "#requests", "No request was received yet.");

    const groups = "/v1/organizations/acme/groups";
    await emulator.call("POST", groups, { name: "prod", location: "lhr" });
    await emulator.call("POST", groups, { name: "prod", location: "lhr" });
    await emulator.call("POST", `${groups}/prod/locations/ams`);
    await shows(page, "#request-count", "3");
    await shows(page, "#state", "prod");
    await shows(page, "#state", "ams");
    const statuses = await page.$$eval("#requests .status", (cells) => cells.map((cell) => cell.textContent));
    expect(statuses).toEqual(["200", "409", "200"]);

    emulator.reset();
    await shows(page, "#requests", "No request was received yet.");
    emulator.clock.advance("30d");
    await shows(page, "#status", "The clock is set to");
    expect(problems).toEqual([]);
  });

  test("names and bodies of strangers are text", async () => {
    const state = { organizations: { [HOSTILE.replaceAll(/[\s/]/g, "")]: {} }, locations: { lhr: HOSTILE } };
    const emulator = await start({ state });
    await emulator.call("POST", "/v1/groups", { name: HOSTILE, location: HOSTILE });
    await emulator.call("POST", "/v1/groups", HOSTILE);
    await emulator.call("GET", `/v1/groups?${HOSTILE}`);
    const { page, problems } = await open(emulator);
    await shows(page, "#request-count", "3");
    expect(await textOf(page, "#requests")).toContain(HOSTILE);
    expect(await textOf(page, "#state")).toContain("<imgsrc=x");
    expect(await page.$$eval("img, main script", (elements) => elements.length)).toBe(0);
    expect(await page.title()).toBe("Turso emulator");
    expect(problems).toEqual([]);
  });

  test("secrets are not shown", async () => {
    const emulator = await start();
    const acme = emulator.store.account("acme");
    acme.createGroup({ name: "prod", location: "lhr" });
    const { jwt } = acme.mintToken("prod");
    const { page } = await open(emulator);
    await shows(page, "#state", "full-access");
    expect(await page.content()).not.toContain(jwt);
  });

  test("the filter selects rows", async () => {
    const emulator = await start();
    const acme = emulator.store.account("acme");
    for (const name of ["prod", "dev"]) acme.createGroup({ name, location: "lhr" });
    await emulator.call("GET", "/v1/organizations/acme/groups/prod");
    const { page } = await open(emulator);
    await shows(page, "#requests", "prod");
    await page.type("#filter", "DEV");
    await shows(page, "#state", "1 of 2");
    await shows(page, "#requests", "No match.");
    expect(await textOf(page, "#state")).not.toContain("prod");
  });

  test("says when the emulator stops, and goes on when it is back", async () => {
    const emulator = await start();
    const { page } = await open(emulator);
    emulator.refuse(2 ** 31 - 1);
    await shows(page, "#status", "Not connected");
    emulator.heal();
    await page.waitForSelector("#status.live");
  });

  test.each([
    ["narrow", 360, "light"],
    ["wide", 1800, "dark"],
  ] as const)("fits a %s window of %d pixels in %s mode", async (_, width, scheme) => {
    const emulator = await start();
    const acme = emulator.store.account("acme");
    acme.createGroup({ name: "a".repeat(64), location: "lhr" });
    acme.createDatabase({ name: "b".repeat(64), group: "a".repeat(64) });
    await emulator.call("GET", `/v1/groups/${"c".repeat(500)}`);
    const { page } = await open(emulator);
    await page.setViewport({ width, height: 800 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await shows(page, "#requests", "GET");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    expect(await page.evaluate(LOWEST_CONTRAST)).toBeGreaterThan(4.5); // What WCAG AA asks for.
  });

  test("no other page can show it in a frame", async () => {
    const emulator = await start();
    const { headers } = await fetch(`${emulator.url}/_emulator`);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
  });
});
