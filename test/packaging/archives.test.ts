/** The release archives of the plugin: what they contain, and that Pulumi installs and runs each of them. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, utimesSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { list } from "tar";
import { expect, onTestFinished, test } from "vitest";
import { writeArchives } from "../../tools/archives.ts";
import { getPulumi, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeEngine, temporaryFolder } from "../support/engine.ts";

const run = promisify(execFile);
const PLATFORMS = ["darwin", "linux", "windows"].flatMap((os) => [`${os}-amd64`, `${os}-arm64`]);
const nameFor = (platform: string) => `pulumi-resource-turso-v0.1.0-${platform}.tar.gz`;

test("there is one for each platform, with the plugin at its top, and on Windows with a start script", async () => {
  const folder = temporaryFolder();
  expect(await writeArchives(folder)).toEqual(PLATFORMS.map(nameFor));
  for (const platform of PLATFORMS) {
    const entries: [string, string | undefined][] = [];
    await list({
      file: join(folder, nameFor(platform)),
      onReadEntry: ({ path, mode }) => entries.push([path, mode?.toString(8)]),
    });
    expect(entries).toEqual([
      ["LICENSE", "644"],
      ["plugin.cjs", "644"],
      ["pulumi-resource-turso", "755"],
      ...(platform.startsWith("windows") ? [["pulumi-resource-turso.cmd", "644"]] : []),
    ]);
  }
});

test("the same plugin gives the same bytes, whatever its times and permissions are", async () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()];
  const plugin = join("provider", "dist", "plugin", "plugin.cjs");
  const contents = (folder: string) =>
    ["checksums.txt", ...PLATFORMS.map(nameFor)].map((name) => readFileSync(join(folder, name), "base64"));
  await writeArchives(first);
  onTestFinished(() => chmodSync(plugin, 0o644));
  chmodSync(plugin, 0o600);
  utimesSync(plugin, new Date(1), new Date(1));
  await writeArchives(second);
  expect(contents(second)).toEqual(contents(first));
});

describeEngine("pulumi plugin install", () => {
  /** Installs the plugin with these options, and lists the groups of an organization with it. */
  async function installed(...options: string[]): Promise<unknown> {
    const emulator = await emulate();
    emulator.store.account("acme").createGroup({ name: "prod", location: "lhr" });
    const pulumi = await getPulumi({ offline: true });
    const cwd = temporaryFolder();
    const settings = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
    const env = { ...process.env, ...pulumiEnv({ pulumi, dir: join(cwd, "state") }), ...settings };
    const cli = (...args: string[]) => run(pulumiPath(pulumi), args, { cwd, env });
    await cli("plugin", "install", "resource", "turso", "v0.1.0", ...options);
    const { stdout } = await cli("do", "--package", "turso@0.1.0", "turso:index:Group", "list");
    return JSON.parse(stdout);
  }

  const exhaustive = { tags: ["exhaustive"] };
  test.each(PLATFORMS)("--file installs a plugin that runs, for %s", exhaustive, async (platform) => {
    const archives = temporaryFolder();
    await writeArchives(archives);
    const found = await installed("--file", join(archives, nameFor(platform)));
    expect(found).toEqual([{ id: "acme/prod", name: "prod" }]);
  });

  test("--server finds the archive of this platform where the schema of a release says", async () => {
    const archives = temporaryFolder();
    await writeArchives(archives);
    const paths: string[] = [];
    const server = createServer(({ url = "" }, response) => {
      paths.push(url);
      response.end(readFileSync(join(archives, basename(url))));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const download = "owner/name/releases/download/v";

    const found = await installed("--server", `http://127.0.0.1:${port}/${download}\${VERSION}`);

    expect(found).toEqual([{ id: "acme/prod", name: "prod" }]);
    expect(paths).toEqual([
      expect.stringMatching(`^/${download}0\\.1\\.0/pulumi-resource-turso-v0\\.1\\.0-`),
    ]);
  });
});
