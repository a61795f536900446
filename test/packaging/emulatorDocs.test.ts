/** The commands of docs/emulator.md, run as a reader would run them. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { temporaryFolder } from "../support/engine.ts";

const page = readFileSync("docs/emulator.md", "utf8");

/** The code blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, code = ""]) => code,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

test("every command of the page works", async () => {
  const cwd = temporaryFolder();
  const [seed = "", ci = ""] = blocks("yaml");
  writeFileSync(join(cwd, "seed.yaml"), seed);
  const port = await freePort();
  // `npx` would look the package up in a registry, outside of this repository.
  const emulator = `node "${join(process.cwd(), "emulator/bin/turso-emulator.js")}"`;
  const script = blocks("sh")
    .map((code) => `${code}\necho\n`)
    .join("")
    .replaceAll("8080", String(port))
    .replaceAll("npx turso-emulator", emulator);
  const run = promisify(execFile)("bash", ["-ec", `trap 'kill %1' EXIT\n${script}`], { cwd });
  const { stdout } = await run;
  expect(stdout).toContain('"status":"ok"');
  expect(stdout).toContain("prod is protected");
  expect(stdout).toContain('"left":2');
  expect(stdout).toContain('"now":"2027-01-31T12:00:0');
  const state = JSON.parse(readFileSync(join(cwd, "state.json"), "utf8"));
  expect(state.organizations.acme.groups).toMatchObject([
    { name: "prod", deleteProtection: true },
    { name: "old", location: "aws-eu-west-1", archived: true },
  ]);
  expect(parse(ci)).toHaveLength(4);
});
