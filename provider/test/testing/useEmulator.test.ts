import { startTestEmulator, useEmulator } from "pulumi-turso/testing";
import * as hooks from "vitest";

const { expect, test } = hooks;

const state = { organizations: { acme: { groups: [{ name: "old", location: "lhr" }] } } };
const emulator = useEmulator({ hooks, organization: "acme", state });

test.each([1, 2])("each test starts with the same state (%d)", async () => {
  const account = emulator.store.account("acme");
  expect([...account.groups.keys()]).toEqual(["old"]);
  account.createGroup({ name: "new", location: "lhr" });
  const headers = { authorization: `Bearer ${emulator.env.TURSO_API_TOKEN}` };
  const url = `${emulator.env.TURSO_API_BASEURL}/v1/organizations/${emulator.env.TURSO_ORGANIZATION}/groups/new`;
  expect((await fetch(url, { headers })).status).toBe(200);
  expect(emulator.requests).toHaveLength(1);
});

test("without hooks, the error says which to pass", () => {
  expect(() => useEmulator({ hooks: {} })).toThrow('`import * as hooks from "vitest"`');
  expect(() => useEmulator()).toThrow('"node:test"');
});

test("outside of tests, and after the end, the emulator cannot be used", async () => {
  let end = async () => {};
  const own = useEmulator({
    hooks: {
      before: (work) => work(),
      afterEach: () => {},
      after: (work) => {
        end = work;
      },
    },
  });
  await hooks.vi.waitFor(() => expect(own.url).toMatch(/^http:/));
  await end();
  expect(() => own.url).toThrow("only during the tests");
});

test("an emulator can be started without hooks", async () => {
  const started = await startTestEmulator({ token: "abc" });
  expect(started.env).toMatchObject({
    TURSO_API_TOKEN: "abc",
    TURSO_ORGANIZATION: "",
    TURSO_API_BASEURL: started.url,
  });
  await started.close();
});
