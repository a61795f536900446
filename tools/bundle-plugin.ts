/**
 * Bundles the native plugin into one file, provider/dist/plugin/plugin.cjs, which starts in a fraction of the
 * time that loading its parts one by one takes. Of Pulumi's SDK only the gRPC stubs go in: a lifecycle needs
 * no more. What the engine starts, pulumi-resource-turso, loads it from Node's compile cache, kept beside it
 * where the folder can be written (bench/plugin-start.ts).
 */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const provider = join(import.meta.dirname, "..", "provider");
const folder = join(provider, "dist", "plugin");
const plugin = join(folder, "pulumi-resource-turso");

await build({
  entryPoints: [join(provider, "src", "hosts", "plugin", "main.ts")],
  outfile: join(folder, "plugin.cjs"),
  bundle: true,
  platform: "node",
  target: "node22",
  minify: true,
  legalComments: "none",
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
        // gRPC loads it to serve its own statistics (channelz), which nobody asks a plugin for.
        onResolve({ filter: /^@grpc\/proto-loader$/ }, () => ({
          path: "proto-loader",
          namespace: "nothing",
        }));
        onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "" }));
      },
    },
  ],
});
writeFileSync(
  plugin,
  `#!/usr/bin/env node
require("node:module").enableCompileCache?.(__dirname + "/.cache");
require("./plugin.cjs");
`,
);
chmodSync(plugin, 0o755);
// Windows starts no script by its first line.
writeFileSync(`${plugin}.cmd`, '@node "%~dp0pulumi-resource-turso" %*\r\n');
