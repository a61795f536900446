/**
 * Bundles the native plugin into one file, provider/dist/plugin/pulumi-resource-turso, which starts in a fraction of the time
 * that loading its parts one by one takes. Of Pulumi's SDK only the gRPC stubs go in: a lifecycle needs no more.
 */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const provider = join(import.meta.dirname, "..", "provider");
const folder = join(provider, "dist", "plugin");
const plugin = join(folder, "pulumi-resource-turso");

await build({
  entryPoints: [join(provider, "src", "plugin", "main.ts")],
  outfile: plugin,
  bundle: true,
  platform: "node",
  target: "node22",
  minify: true,
  legalComments: "none",
  banner: { js: "#!/usr/bin/env node" },
  define: { SCHEMA: JSON.stringify(readFileSync(join(provider, "schema.json"), "utf8")) },
  plugins: [
    {
      name: "without-the-sdk",
      setup({ onResolve, onLoad }) {
        // The classes of a program stand in the same files as the lifecycles, and are never made here.
        onResolve({ filter: /^@pulumi\/pulumi$/ }, () => ({ path: "sdk", namespace: "stub" }));
        onLoad({ filter: /.*/, namespace: "stub" }, () => ({
          contents: "exports.CustomResource = exports.ProviderResource = class {};",
        }));
      },
    },
  ],
});
chmodSync(plugin, 0o755);
// Windows starts no script by its first line.
writeFileSync(`${plugin}.cmd`, '@node "%~dp0pulumi-resource-turso" %*\r\n');
