/** Text that is no Unicode: half of a character, as a server may send it. The engine itself refuses it in a program's inputs. */
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHosts } from "../support/hosts.ts";

const HALF = "\ud83d";

describeHosts("half of a character", ({ turso, startEngine }) => {
  async function start() {
    const emulator = await emulate();
    const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
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
});
