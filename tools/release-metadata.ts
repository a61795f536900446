/**
 * Prepares both packages for publishing, on the machine that publishes them. The repository is only known
 * there, so this writes `repository`, `homepage` and `bugs` into package.json, and turns the relative links
 * of each README into absolute ones: npm resolves relative links against the newest commit, and not always
 * against the package's folder. The plugin's schema gets the repository, and the address of the release's
 * archives, from which the SDKs that Pulumi generates install the plugin. Run it before `npm run build`,
 * which puts the schema into the plugin.
 *
 * GITHUB_SERVER_URL=https://github.com GITHUB_REPOSITORY=owner/name GITHUB_REF_NAME=v1.2.3 node
 * tools/release-metadata.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = ["emulator", "provider"];

export interface Release {
  /** The checkout to change. */
  root: string;
  /** The repository's page, e.g. `https://github.com/owner/name`. */
  repository: string;
  /** The Git tag, e.g. `v1.2.3`. */
  tag: string;
}

/** Changes nothing and throws if the tag is not the version of both packages. */
export function writeMetadata({ root, repository, tag }: Release): void {
  const packages = FOLDERS.map((directory) => {
    const manifest = join(root, directory, "package.json");
    const { version, ...others }: Record<string, unknown> = JSON.parse(readFileSync(manifest, "utf8"));
    if (tag !== `v${version}`)
      throw new Error(`The tag is '${tag}' and the version in ${directory}/package.json is '${version}'.`);
    return { directory, manifest, fields: { version, ...others } };
  });

  const file = join(root, "provider", "schema.json");
  const schema: Record<string, unknown> = JSON.parse(readFileSync(file, "utf8"));
  // Pulumi replaces ${VERSION}.
  const pluginDownloadURL = `${repository}/releases/download/v\${VERSION}`;
  writeFileSync(file, `${JSON.stringify({ ...schema, repository, pluginDownloadURL }, null, 2)}\n`);

  for (const { directory, manifest, fields } of packages) {
    const metadata = {
      repository: { type: "git", url: `git+${repository}.git`, directory },
      homepage: `${repository}#readme`,
      bugs: { url: `${repository}/issues` },
    };
    writeFileSync(manifest, `${JSON.stringify({ ...fields, ...metadata }, null, 2)}\n`);

    const readme = join(root, directory, "README.md");
    // GitHub redirects /tree/ to /blob/ if the path is a file.
    const base = `${repository}/tree/${tag}/${directory}/`;
    writeFileSync(
      readme,
      readFileSync(readme, "utf8").replace(RELATIVE_LINK, (path) => new URL(path, base).href),
    );
  }
}

/** The target of a Markdown link that has no scheme and is not an anchor of the same page. */
export const RELATIVE_LINK = /(?<=\]\()(?![a-z]+:|#)[^)\s]+/g;

if (import.meta.main) {
  const variable = (name: string): string => {
    const value = process.env[name];
    if (!value) throw new Error(`Set the variable ${name}.`);
    return value;
  };
  const repository = `${variable("GITHUB_SERVER_URL")}/${variable("GITHUB_REPOSITORY")}`;
  writeMetadata({ root: join(import.meta.dirname, ".."), repository, tag: variable("GITHUB_REF_NAME") });
}
