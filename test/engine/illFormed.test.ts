/** Text that is no Unicode: half of a character, as a server may send it. The engine itself refuses it in a program's inputs. */
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHosts } from "../support/hosts.ts";

const HALF = "\ud83d";

describeHosts("half of a character", ({ turso, startEngine }) => {
  async function start() {
    const emulator = await emulate();
    // A dynamic function runs in this process, without the engine's variables.
    const config = {
      "turso:baseUrl": { value: emulator.url },
      "turso:apiToken": { value: TOKEN, secret: true },
    };
    const engine = await startEngine({ config });
    return { emulator, engine };
  }

  test("in an error of the API is shown as a replacement character: by create, a partial create, check, read and delete", async () => {
    const { emulator, engine } = await start();
    const body = { error: `no ${HALF} way` };
    let replicas: string[] = [];
    engine.program = async () => {
      new turso.Group("data", { name: "data", location: "lhr", replicas });
    };
    const refused = async (operation: "up" | "refresh" | "preview" | "destroy") => {
      const result = await engine.run(operation);
      expect(result.failed, result.text).toBe(true);
      expect(result.text).toContain("no \ufffd way");
      emulator.heal();
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

  test("in an error of a function is shown as a replacement character", async () => {
    const { emulator, engine } = await start();
    engine.program = async () => {
      await turso.getGroup({ name: "data" });
    };
    emulator.fail({ method: "GET", status: 403, body: { error: `no ${HALF} way` }, times: Infinity });
    const preview = await engine.run("preview");
    expect(preview.failed).toBe(true);
    expect(preview.text).toContain("no \ufffd way");
  });
});
