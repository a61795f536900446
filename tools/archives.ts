/**
 * Writes the plugin's release archives, from which `pulumi plugin install resource turso` and every language
 * host install it: one for each platform that Pulumi knows, and `checksums.txt`, as sha256sum writes it. The
 * plugin is a Node script, so the archives differ in their names, and Windows gets its start script. The same
 * plugin gives the same bytes on every machine.
 *
 * node tools/archives.ts [FOLDER]      default: dist/archives
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { create } from "tar";

const ROOT = join(import.meta.dirname, "..");
const PROVIDER = join(ROOT, "provider");

/** As Go names them. */
const PLATFORMS = ["darwin", "linux", "windows"].flatMap((os) =>
  ["amd64", "arm64"].map((architecture) => ({ os, architecture })),
);

const START = "dist/plugin/pulumi-resource-turso";

/** Writes the archives of `npm run build`'s plugin into a folder. Returns their names. */
export async function writeArchives(folder: string): Promise<string[]> {
  const { version }: { version: string } = JSON.parse(readFileSync(join(PROVIDER, "package.json"), "utf8"));
  mkdirSync(folder, { recursive: true });
  const names = PLATFORMS.map(({ os, architecture }) => ({
    name: `pulumi-resource-turso-v${version}-${os}-${architecture}.tar.gz`,
    files: ["LICENSE", "dist/plugin/plugin.cjs", START, ...(os === "windows" ? [`${START}.cmd`] : [])],
  }));
  for (const { name, files } of names) await writeArchive(join(folder, name), files);
  const checksums = names.map(({ name }) => `${sha256(join(folder, name))}  ${name}\n`);
  writeFileSync(join(folder, "checksums.txt"), checksums.join(""));
  return names.map(({ name }) => name);
}

/** The executable has to be at the top of the archive. */
async function writeArchive(file: string, files: string[]): Promise<void> {
  await create(
    {
      file,
      cwd: PROVIDER,
      gzip: { level: 9 },
      // No owner, no time of this machine, and no permissions of its user.
      portable: true,
      mtime: new Date(0),
      onWriteEntry: (entry) => {
        if (entry.stat) entry.stat.mode = entry.path === START ? 0o755 : 0o644;
        entry.path = basename(entry.path);
      },
    },
    files,
  );
}

const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

if (import.meta.main) {
  const folder = process.argv[2] ?? join(ROOT, "dist", "archives");
  for (const name of await writeArchives(folder)) console.log(join(folder, name));
}
