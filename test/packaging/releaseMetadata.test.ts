/**
 * What the release workflow does to the two packages: their metadata, their READMEs, and publishing them
 * once.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { RELATIVE_LINK, writeMetadata } from "../../tools/release-metadata.ts";

const run = promisify(execFile);
const REPOSITORY = "https://github.com/owner/name";
const FOLDERS = ["emulator", "provider"];

/** A copy of what the release changes, in version 1.2.3. */
function checkout(version = "1.2.3"): string {
  const root = mkdtempSync(join(tmpdir(), "release-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  for (const folder of FOLDERS) {
    mkdirSync(join(root, folder));
    cpSync(join(folder, "README.md"), join(root, folder, "README.md"));
    const manifest = readFileSync(join(folder, "package.json"), "utf8");
    writeFileSync(
      join(root, folder, "package.json"),
      manifest.replace(/"version": "[^"]*"/, `"version": "${version}"`),
    );
  }
  cpSync("provider/schema.json", join(root, "provider", "schema.json"));
  return root;
}

const text = (root: string, folder: string, file: string) => readFileSync(join(root, folder, file), "utf8");

describe("the metadata of a release", () => {
  test("package.json names the repository that the release runs in, and changes in nothing else", () => {
    const root = checkout();
    const before = FOLDERS.map((folder) => JSON.parse(text(root, folder, "package.json")));

    writeMetadata({ root, repository: REPOSITORY, tag: "v1.2.3" });

    for (const [index, directory] of FOLDERS.entries())
      expect(JSON.parse(text(root, directory, "package.json"))).toEqual({
        ...before[index],
        repository: { type: "git", url: "git+https://github.com/owner/name.git", directory },
        homepage: "https://github.com/owner/name#readme",
        bugs: { url: "https://github.com/owner/name/issues" },
      });
  });

  test("the schema names the repository and where Pulumi finds the archives, and changes in nothing else", () => {
    const root = checkout();
    const before = JSON.parse(text(root, "provider", "schema.json"));

    writeMetadata({ root, repository: REPOSITORY, tag: "v1.2.3" });

    expect(JSON.parse(text(root, "provider", "schema.json"))).toEqual({
      ...before,
      repository: REPOSITORY,
      pluginDownloadURL: `${REPOSITORY}/releases/download/v\${VERSION}`,
    });
  });

  test("relative links of a README lead to the files of the tag", () => {
    const root = checkout();
    writeFileSync(
      join(root, "provider", "README.md"),
      "[a](../docs/a.md#b) [c](dist/c.js) [issues](../../../issues) [d](#d) [e](https://example.com/e) (../no/link)\n",
    );

    writeMetadata({ root, repository: REPOSITORY, tag: "v1.2.3" });

    expect(text(root, "provider", "README.md")).toBe(
      `[a](${REPOSITORY}/tree/v1.2.3/docs/a.md#b) [c](${REPOSITORY}/tree/v1.2.3/provider/dist/c.js) ` +
        `[issues](${REPOSITORY}/issues) [d](#d) [e](https://example.com/e) (../no/link)\n`,
    );
  });

  test.each(FOLDERS)("changes nothing if the tag is not the version of %s", (folder) => {
    const root = checkout();
    const manifest = join(root, folder, "package.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace("1.2.3", "1.2.2"));
    const contents = () => [
      text(root, "provider", "schema.json"),
      ...FOLDERS.map((each) => text(root, each, "package.json")),
    ];
    const before = contents();

    expect(() => writeMetadata({ root, repository: REPOSITORY, tag: "v1.2.3" })).toThrow(
      `The tag is 'v1.2.3' and the version in ${folder}/package.json is '1.2.2'.`,
    );
    expect(contents()).toEqual(before);
  });

  test("the command takes the repository and the tag from GitHub's variables", async () => {
    const root = checkout();
    cpSync("tools/release-metadata.ts", join(root, "tools", "release-metadata.ts"));
    const command = join(root, "tools", "release-metadata.ts");
    const variables = { GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "owner/name" };
    const env = { ...process.env, ...variables, GITHUB_REF_NAME: "v1.2.3" };

    await run(process.execPath, [command], { env });

    expect(JSON.parse(text(root, "provider", "package.json")).homepage).toBe(`${REPOSITORY}#readme`);
    await expect(
      run(process.execPath, [command], { env: { ...env, GITHUB_REF_NAME: "" } }),
    ).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Set the variable GITHUB_REF_NAME."),
    });
  });
});

describe("npm pages", () => {
  /** Relative to a package's README, as GitHub shows it. */
  const ISSUES = "../../../issues";
  const linksOf = (folder: string) => text(".", folder, "README.md").match(RELATIVE_LINK) ?? [];

  test.each(FOLDERS)("the page of %s has no dead link", (folder) => {
    const files = linksOf(folder).filter((link) => link !== ISSUES);
    const dead = files.filter((link) => !existsSync(join(folder, link.replace(/#.*/, ""))));
    expect(dead).toEqual([]);
  });

  test.each([
    ["provider", "../emulator/README.md"],
    ["emulator", "../provider/README.md"],
  ])("the page of %s links to issues, documentation, examples and the other package", (folder, other) => {
    expect(linksOf(folder)).toEqual(
      expect.arrayContaining([ISSUES, "../docs/README.md", "../examples", "../CHANGELOG.md", other]),
    );
  });
});

/** What npm sends to publish a package. */
interface Published {
  name: string;
  access: string;
  "dist-tags": Record<string, string>;
  versions: object;
}

/** A registry that takes packages, but refuses those of which `refuses` has the name. */
async function registry(refuses: Set<string>): Promise<{ url: string; published: Published[] }> {
  const published: Published[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const name = decodeURIComponent(request.url ?? "").slice(1);
    const known = published.find((one) => one.name === name);
    const respond = (status: number, value: object) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (request.method === "PUT" && refuses.has(name)) respond(403, { error: "forbidden" });
    else if (request.method === "PUT") respond(201, { ok: published.push(JSON.parse(body)) });
    else if (known) respond(200, known);
    else respond(404, { error: "not found" });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, published };
}

/** The shell script of a step of the release workflow. */
function scriptOf(name: string): string {
  const workflow = readFileSync(".github/workflows/release.yml", "utf8");
  const [, step = ""] = workflow.split(`- name: ${name}\n`);
  const [, script = ""] = /run: \|\n((?: {10}.*\n)+)/.exec(step) ?? [];
  if (script === "") throw new Error(`release.yml has no step '${name}'.`);
  return script;
}

// The shell of the workflow runs on Linux.
describe.skipIf(process.platform === "win32")("the step that publishes", () => {
  const script = scriptOf("Publish what npm does not have yet");

  /** Runs the step as GitHub does: without provenance, which only a CI system can sign. */
  async function publish(root: string, url: string, tag: string): Promise<string> {
    const settings = join(root, ".npmrc");
    writeFileSync(settings, `registry=${url}/\n${url.replace("http:", "")}/:_authToken=any\n`);
    writeFileSync(join(root, "publish.sh"), script);
    const env = { ...process.env, npm_config_userconfig: settings, npm_config_registry: url };
    const { stdout } = await run("bash", ["-e", "publish.sh"], {
      cwd: root,
      env: { ...env, npm_config_fetch_retries: "0", GITHUB_REF_NAME: tag },
    });
    return stdout;
  }

  test("publishes the emulator first, and in a second run only what the first one did not", async () => {
    const root = checkout();
    const refuses = new Set(["pulumi-turso"]);
    const { url, published } = await registry(refuses);
    writeMetadata({ root, repository: REPOSITORY, tag: "v1.2.3" });

    await expect(publish(root, url, "v1.2.3")).rejects.toMatchObject({ code: 1 });
    expect(published.map(({ name }) => name)).toEqual(["turso-emulator"]);
    refuses.clear();
    const output = await publish(root, url, "v1.2.3");

    expect(output).toContain("turso-emulator@1.2.3 is already published.");
    const [emulator, provider] = published;
    expect(published).toHaveLength(2);
    expect(emulator).toMatchObject(expectedOf("turso-emulator", "emulator"));
    expect(provider).toMatchObject(expectedOf("pulumi-turso", "provider"));
  });

  const expectedOf = (name: string, directory: string) => ({
    name,
    access: "public",
    "dist-tags": { latest: "1.2.3" },
    versions: {
      "1.2.3": { repository: { type: "git", url: "git+https://github.com/owner/name.git", directory } },
    },
  });

  test("a prerelease does not become the version that `npm install` takes", async () => {
    const root = checkout("1.3.0-rc.1");
    const { url, published } = await registry(new Set());

    await publish(root, url, "v1.3.0-rc.1");

    expect(published.map((one) => one["dist-tags"])).toEqual([
      { next: "1.3.0-rc.1" },
      { next: "1.3.0-rc.1" },
    ]);
  });
});

describe.skipIf(process.platform === "win32")("the step that attaches the archives", () => {
  /** Runs the step with a `gh` that records its arguments, and knows a release after its creation. */
  async function attach(root: string, tag: string): Promise<string[]> {
    const bin = join(root, "bin");
    mkdirSync(bin, { recursive: true });
    mkdirSync(join(root, "dist", "archives"), { recursive: true });
    for (const name of ["a.tar.gz", "checksums.txt"]) writeFileSync(join(root, "dist/archives", name), "");
    const gh = `#!/bin/sh
if [ "$2" = view ]; then test -e ${root}/released; exit; fi
echo "$*" >> ${root}/calls
if [ "$2" = create ]; then touch ${root}/released; fi
`;
    writeFileSync(join(bin, "gh"), gh, { mode: 0o755 });
    writeFileSync(join(root, "attach.sh"), scriptOf("Attach the archives to the release"));
    writeFileSync(join(root, "calls"), "");
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, GITHUB_REF_NAME: tag };
    await run("bash", ["-e", "attach.sh"], { cwd: root, env });
    return text(root, ".", "calls").trim().split("\n");
  }

  test("creates the release of the tag once, and replaces its files in a second run", async () => {
    const root = checkout();
    const upload = "release upload v1.2.3 dist/archives/a.tar.gz dist/archives/checksums.txt --clobber";

    expect(await attach(root, "v1.2.3")).toEqual([
      "release create v1.2.3 --verify-tag --generate-notes",
      upload,
    ]);
    expect(await attach(root, "v1.2.3")).toEqual([upload]);
  });

  test("marks a prerelease", async () => {
    const [create] = await attach(checkout(), "v1.3.0-rc.1");
    expect(create).toBe("release create v1.3.0-rc.1 --verify-tag --generate-notes --prerelease");
  });
});
