import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type EmulatorState, startEmulator } from "../../src/index.ts";
import { start } from "../help.ts";

const GROUPS = "/v1/organizations/acme/groups";
const PROD = { name: "prod", location: "lhr" };
const SEED: EmulatorState = { organizations: { acme: { groups: [PROD] } } };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "emulator-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

test("the state is written before the response, and loaded at the next start", async () => {
  const stateFile = join(folder(), "state.json");
  const first = await start({ stateFile });
  await first.call("POST", GROUPS, PROD);
  expect(read(stateFile)).toEqual(first.store.save());
  await first.call("POST", `${GROUPS}/prod/auth/tokens`);
  await first.call("POST", `${GROUPS}/prod/locations/ams`);
  expect(read(stateFile)).toEqual(first.store.save());
  await first.close();

  const second = await start({ stateFile });
  expect(second.store.save()).toEqual(first.store.save());
  const [jwt = ""] = second.store.tokens.keys();
  expect(second.store.tokenIsValid(jwt)).toBe(true);
});

test("what the library and the control API change is kept as well", async () => {
  const stateFile = join(folder(), "state.json");
  const emulator = await start({ stateFile });
  await emulator.call("POST", "/_emulator/state", SEED);
  expect(read(stateFile)).toMatchObject(SEED);
  emulator.store.account("acme").createGroup({ name: "dev", location: "lhr" });
  await emulator.close();
  expect(read(stateFile)).toEqual(emulator.store.save());
});

test("the option `state` is for the first start only", async () => {
  const stateFile = join(folder(), "state.json");
  const first = await start({ stateFile, state: SEED });
  expect(read(stateFile)).toMatchObject(SEED);
  first.store.account("acme").deleteGroup("prod");
  await first.close();
  const second = await start({ stateFile, state: SEED });
  expect(second.store.account("acme").groups.size).toBe(0);
});

test("only its owner can read it, and nothing else is left in the folder", async () => {
  const parent = folder();
  const stateFile = join(parent, "state.json");
  writeFileSync(stateFile, "{}", { mode: 0o644 });
  const emulator = await start({ stateFile });
  if (process.platform !== "win32") expect(statSync(stateFile).mode & 0o777).toBe(0o600);
  await emulator.close();
  expect(readdirSync(parent)).toEqual(["state.json"]);
});

test("a link stays a link", async () => {
  const parent = folder();
  const target = join(parent, "target.json");
  writeFileSync(target, JSON.stringify(SEED));
  symlinkSync(target, join(parent, "link.json"));
  const emulator = await start({ stateFile: join(parent, "link.json") });
  await emulator.call("POST", GROUPS, { ...PROD, name: "dev" });
  expect(read(target)).toEqual(emulator.store.save());
});

test.each([
  ["half a file", '{"version":1,"organizations":{"acme":{"gro'],
  ["an empty file", ""],
  ["a file of another version", '{"version":2,"organizations":{}}'],
  ["another file", '{"name":"pulumi-turso"}'],
])("%s is refused and left as it is", async (_, text) => {
  const stateFile = join(folder(), "state.json");
  writeFileSync(stateFile, text);
  await expect(startEmulator({ stateFile })).rejects.toMatchObject({
    name: "StateTextError",
    message: expect.stringContaining(`${stateFile}:1: `),
  });
  expect(readFileSync(stateFile, "utf8")).toBe(text);
});

test("a second emulator with the same file is refused until the first one stops", async () => {
  const parent = folder();
  const stateFile = join(parent, "state.json");
  const first = await start({ stateFile });
  symlinkSync(stateFile, join(parent, "link.json"));
  for (const name of ["state.json", "link.json"]) {
    await expect(startEmulator({ stateFile: join(parent, name) })).rejects.toThrow(
      `is in use by the emulator at ${first.url}`,
    );
  }
  await first.close();
  await start({ stateFile });
});

test("an emulator that could not respond does not overwrite what another one has kept since", async () => {
  const stateFile = join(folder(), "state.json");
  const first = await start({ stateFile });
  first.refuse(60_000);
  const second = await start({ stateFile });
  await second.call("POST", GROUPS, PROD);
  first.heal();
  expect(await first.call("POST", GROUPS, { ...PROD, name: "dev" })).toMatchObject({
    status: 500,
    body: { error: expect.stringContaining(`is in use by the emulator at ${second.url}`) },
  });
  await first.close();
  expect(read(stateFile)).toEqual(second.store.save());
  await expect(startEmulator({ stateFile })).rejects.toThrow(`is in use by the emulator at ${second.url}`);
});

test.each(["http://127.0.0.1:1", "", "no URL"])(
  "the lock %j of an emulator that was killed does not matter",
  async (url) => {
    const stateFile = join(folder(), "state.json");
    writeFileSync(`${stateFile}.lock`, url);
    writeFileSync(`${stateFile}.tmp`, "half");
    const { call } = await start({ stateFile });
    expect(await call("POST", GROUPS, PROD)).toMatchObject({ status: 200 });
  },
);

test("a change that cannot be kept is an error, and the next one that can be keeps both", async () => {
  const stateFile = join(folder(), "state.json");
  const { call, store } = await start({ stateFile });
  mkdirSync(`${stateFile}.tmp`);
  expect(await call("POST", GROUPS, PROD)).toMatchObject({
    status: 500,
    body: { error: expect.stringContaining("failed to keep the state") },
  });
  rmdirSync(`${stateFile}.tmp`);
  expect(await call("POST", GROUPS, { ...PROD, name: "dev" })).toMatchObject({ status: 200 });
  expect(read(stateFile)).toEqual(store.save());
  expect(store.account("acme").groups.size).toBe(2);
});

test("a folder that does not exist is refused at the start", async () => {
  await expect(startEmulator({ stateFile: join(folder(), "none", "state.json") })).rejects.toThrow("ENOENT");
});
