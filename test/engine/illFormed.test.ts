/**
 * Text that is not valid Unicode: half of a surrogate pair, as a server may send it. In inputs of a program
 * the engine refuses it.
 */
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHosts } from "../support/hosts.ts";

const HALF = "\ud83d";

describeHosts("half of a surrogate pair", ({ turso, startEngine }) => {
  test("in an error of the API is shown as a replacement character: by a function, create, a partial create, check, read and delete", {
    tags: ["exhaustive"],
  }, async () => {
    const emulator = await emulate();
    // A dynamic function runs in this process, without the engine's variables.
    const config = {
      "turso:baseUrl": { value: emulator.url },
      "turso:apiToken": { value: TOKEN, secret: true },
    };
    const engine = await startEngine({ config });
    const body = { error: `no ${HALF} way` };
    const refused = async (operation: "up" | "refresh" | "preview" | "destroy") => {
      const result = await engine.run(operation);
      expect(result.failed, result.text).toBe(true);
      expect(result.text).toContain("no \ufffd way");
      emulator.heal();
    };
    engine.program = async () => {
      await turso.getGroup({ name: "data" });
    };
    emulator.fail({ method: "GET", status: 403, body, times: Infinity });
    await refused("preview");
    let replicas: string[] = [];
    engine.program = async () => {
      new turso.Group("data", { name: "data", location: "lhr", replicas });
    };
    emulator.fail({ method: "GET", path: "/v1/groups", status: 403, body, times: Infinity });
    await refused("preview");
    emulator.fail({ method: "POST", path: "/v1/groups", status: 400, body });
    await refused("up");
    replicas = ["ams"];
    emulator.fail({ method: "POST", path: /locations\/ams/, status: 402, body });
    await refused("up");
    expect((await engine.resources()).map(({ id }) => id)).toEqual(["data"]);
    emulator.fail({ method: "GET", path: "/v1/groups", status: 403, body, times: Infinity });
    await refused("refresh");
    emulator.fail({ method: "DELETE", path: "/v1/groups", status: 403, body, times: Infinity });
    await refused("destroy");
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
  });
});
