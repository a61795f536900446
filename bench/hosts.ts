/**
 * What an operation costs on each host, in API requests and in wall time: the native plugin, the dynamic
 * provider, and the floor, which is a dynamic provider that does nothing but one request per operation.
 * Alternating runs, medians; 50 ms of API latency, or BENCH_LATENCY.
 *
 *     npm run build && node bench/hosts.ts [runs] [groups…]      default: 5 runs of 1 and of 100 groups
 *
 * Linux only, for the provider process's peak memory. Nothing else should run meanwhile.
 */
import * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { startEmulator } from "turso-emulator";
import { getPulumi } from "../tools/pulumi.ts";
import { type Measured, measure, phases } from "./measure.ts";

const [runs = 5, ...sizes] = process.argv.slice(2).map(Number);
const emulator = await startEmulator({ latency: Number(process.env.BENCH_LATENCY ?? 50) });
const command = await getPulumi();

/**
 * One request, as the least that any provider must do. The SDK serialises it, so it may refer to nothing
 * imported.
 */
function call(method: string, path: string): Promise<void> {
  const { request } = process.getBuiltinModule("node:http");
  return new Promise((resolve, reject) => {
    const body =
      method === "POST" ? JSON.stringify({ name: path.split("/").pop(), location: "lhr" }) : undefined;
    const url = `${process.env.BENCH_URL}/v1/groups${method === "POST" ? "" : path}`;
    const headers = { Authorization: "Bearer t", ...(body && { "Content-Type": "application/json" }) };
    request(url, { method, headers }, (response) => response.resume().on("end", resolve))
      .on("error", reject)
      .end(body);
  });
}

const floorProvider: pulumi.dynamic.ResourceProvider = {
  create: async ({ name }) => {
    await call("POST", `/${name}`);
    return { id: name, outs: { name } };
  },
  diff: async () => ({ changes: false }),
  read: async (id, props) => {
    await call("GET", `/${id}`);
    return { id: id ?? "", props };
  },
  delete: (id) => call("DELETE", `/${id}`),
};

const hosts: Record<string, (name: string) => pulumi.Resource> = {
  native: (name) => new native.Group(name, { name, location: "lhr" }),
  dynamic: (name) => new dynamic.Group(name, { name, location: "lhr" }),
  floor: (name) => new FloorGroup(name),
};

class FloorGroup extends pulumi.dynamic.Resource {
  constructor(name: string) {
    super(floorProvider, name, { name });
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

for (const count of sizes.length > 0 ? sizes : [1, 100]) {
  const measured: Record<string, Measured[]> = {};
  for (let run = 0; run < runs; run++) {
    for (const [host, make] of Object.entries(hosts)) {
      emulator.reset();
      const program = async () => {
        for (let i = 0; i < count; i++) make(`group-${i}`);
      };
      const options = { program, native: host === "native", env: { BENCH_URL: emulator.url } };
      measured[host] = [...(measured[host] ?? []), await measure(command, emulator, options)];
    }
  }
  console.log(`\n${count} group${count === 1 ? "" : "s"}, medians of ${runs} (seconds, requests)\n`);
  console.log(
    `| | ${Object.keys(hosts).join(" | ")} | native ÷ dynamic |\n|---|${"---|".repeat(Object.keys(hosts).length + 1)}`,
  );
  const row = (title: string, value: (runs: Measured[]) => number, shown: (host: string) => string) => {
    const of = (host: string) => value(measured[host] ?? []);
    const cells = Object.keys(hosts).map(shown);
    console.log(`| ${title} | ${cells.join(" | ")} | ${(of("native") / of("dynamic")).toFixed(2)} |`);
  };
  for (const phase of phases) {
    const seconds = (host: string) =>
      median((measured[host] ?? []).map(({ results }) => results[phase].seconds));
    const requests = (host: string) =>
      median((measured[host] ?? []).map(({ results }) => results[phase].requests));
    row(
      phase,
      (all) => median(all.map(({ results }) => results[phase].seconds)),
      (host) => `${seconds(host).toFixed(2)} s, ${requests(host)}`,
    );
  }
  const memory = (host: string) => median((measured[host] ?? []).map((one) => one.memory));
  row(
    "peak memory",
    (all) => median(all.map((one) => one.memory)),
    (host) => `${memory(host).toFixed(0)} MB`,
  );
}
await emulator.close();
