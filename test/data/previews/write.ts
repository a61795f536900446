/**
 * Writes what `pulumi preview --json` prints, from the engine and the emulator:
 *
 *     npm run build && node test/data/previews/write.ts
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { startEmulator } from "turso-emulator";
import { recordPreview } from "../../support/previews.ts";
import { startStack } from "../../support/stack.ts";

const root = join(import.meta.dirname, "../../..");
const TOKEN = "eyJ-the-api-token-0123456789";

/** A name that a stranger may choose. */
const HOSTILE = "<img src=x onerror=alert(1)> @team | ` #1 </details>";

async function write(host: "dynamic" | "native", turso: typeof dynamic) {
  const folders: string[] = [];
  const folder = (parent = tmpdir()) => {
    mkdirSync(parent, { recursive: true });
    const made = mkdtempSync(join(parent, "previews-"));
    folders.push(made);
    return made;
  };
  const emulator = await startEmulator({ token: TOKEN });
  try {
    const account = emulator.store.account("acme");
    const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
    const engine = await startStack(folder, { env, native: host === "native" });
    const up = async () => {
      const { failed, text } = await engine.run("up");
      if (failed) throw new Error(text);
    };
    const save = async (name: string, options?: Parameters<typeof recordPreview>[1]) => {
      const { stdout } = await recordPreview(engine, options);
      writeFileSync(join(import.meta.dirname, `${name}.${host}.json`), stdout.replaceAll(root, "/project"));
    };
    const program = (location: string, { old = true, forceDestroy = false, expiration = "90d" } = {}) => {
      engine.program = async () => {
        const prod = new turso.Group("prod", { name: "prod", location, forceDestroy });
        new turso.GroupToken("api", { group: prod.id, expiration, renewBefore: "30d" });
        new turso.GroupTokenInvalidation("leak", { group: prod.id, triggers: { leaked: location } });
        if (old) new turso.Group("old", { name: "old", location: "lhr" }, { parent: prod });
        return { hostname: prod.name };
      };
    };
    program("lhr");
    await save("creates");
    await up();
    await save("unchanged");
    account.createDatabase({ name: "orders", group: "prod" });
    // The emulator refuses such a name, as Turso does. A report trusts neither.
    Object.assign(account.createDatabase({ name: "hostile", group: "prod" }), { name: HOSTILE });
    program("ams");
    await save("refused");
    await save("refused.stream", { stream: true });
    program("lhr", { old: false, forceDestroy: true });
    await save("delete");
    await up();
    program("ams", { old: false, forceDestroy: true });
    await save("forced");
    await save("forced.stream", { stream: true });
    account.createGroup({ name: "kept", location: "lhr" });
    engine.program = async () => {
      new turso.Group("prod", { name: "prod", location: "lhr", deleteProtection: true });
      new turso.Group("kept", { name: "kept", location: "lhr", adopt: true });
      // Due for renewal at once.
      new turso.GroupToken("api", { group: "prod", expiration: "1h", renewBefore: "59m59.999s" });
    };
    await up();
    await save("renewal");
    account.group("prod").deleteProtection = false;
    account.groups.delete("kept");
    await save("drift", { refresh: true });
    engine.program = async () => {
      throw new Error(`No program for ${HOSTILE}`);
    };
    await save("failed");
  } finally {
    await emulator.close();
    for (const one of folders) rmSync(one, { recursive: true, force: true });
  }
}

await write("dynamic", dynamic);
await write("native", native);
