/**
 * What an operation costs on each host, in API requests and in wall time: the native plugin, the dynamic provider, and the floor, which is a
 * dynamic provider that does nothing but one request per operation. Alternating runs, medians; 50 ms of API latency.
 *
 *     npm run build && node bench/hosts.ts [runs] [groups…]      default: 5 runs of 1 and of 100 groups
 *
 * Linux only, for the provider process's peak memory. Nothing else should run meanwhile.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as automation from "@pulumi/pulumi/automation/index.js";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { startEmulator } from "turso-emulator";
import { getPulumi, pulumiEnv } from "../tools/pulumi.ts";

const [runs = 5, ...sizes] = process.argv.slice(2).map(Number);
const root = join(import.meta.dirname, "..");
const phases = ["preview", "up", "no-op up", "refresh", "destroy"] as const;
type Phase = (typeof phases)[number];

const emulator = await startEmulator({ latency: 50 });
const command = await getPulumi();

/** One request, as the least that any provider must do. The SDK serialises it, so it may refer to nothing imported. */
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

/** The most memory that a provider process has had, in MB. */
function watchMemory(): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      try {
        if (
          !/pulumi-resource-turso\0|dynamic-provider\/index/.test(
            readFileSync(`/proc/${pid}/cmdline`, "utf8"),
          )
        )
          continue;
        const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
        peak = Math.max(peak, Number(kilobytes) / 1024);
      } catch {
        // The process has ended meanwhile.
      }
    }
  }, 25);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

async function measure(host: string, count: number) {
  emulator.reset();
  const dir = mkdtempSync(join(tmpdir(), "pulumi-turso-bench-"));
  const backend = pulumiEnv({ pulumi: command, dir, project: root });
  const make = hosts[host];
  if (make === undefined) throw new Error(`there is no host ${host}`);
  const stack = await automation.LocalWorkspace.createStack(
    {
      stackName: "dev",
      projectName: "bench",
      program: async () => {
        for (let i = 0; i < count; i++) make(`group-${i}`);
      },
    },
    {
      workDir: dir,
      pulumiCommand: command,
      envVars: {
        ...backend,
        BENCH_URL: emulator.url,
        TURSO_API_BASEURL: emulator.url,
        TURSO_API_TOKEN: "t",
        TURSO_ORGANIZATION: "",
      },
      projectSettings: {
        name: "bench",
        runtime: "nodejs",
        main: root,
        ...(host === "native" && {
          plugins: { providers: [{ name: "turso", path: join(root, "provider/dist/plugin") }] },
        }),
      },
    },
  );
  const operations: Record<Phase, () => Promise<unknown>> = {
    preview: () => stack.preview(),
    up: () => stack.up(),
    "no-op up": () => stack.up(),
    refresh: () => stack.refresh(),
    destroy: () => stack.destroy(),
  };
  // Only the operation itself counts, not what the Automation API asks for after it.
  const pulumiRun = Reflect.get(command, "run") as (args: string[], ...rest: unknown[]) => Promise<unknown>;
  let seconds = 0;
  Reflect.set(command, "run", async (args: string[], ...rest: unknown[]) => {
    const start = performance.now();
    const result = await pulumiRun.call(command, args, ...rest);
    if (["preview", "up", "refresh", "destroy"].includes(args[0] ?? ""))
      seconds = (performance.now() - start) / 1000;
    return result;
  });
  const results = {} as Record<Phase, { seconds: number; requests: number }>;
  const peak = watchMemory();
  try {
    for (const phase of phases) {
      emulator.requests.length = 0;
      await operations[phase]();
      results[phase] = { seconds, requests: emulator.requests.length };
    }
  } finally {
    Reflect.deleteProperty(command, "run");
    rmSync(dir, { recursive: true, force: true });
  }
  return { results, memory: peak() };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

for (const count of sizes.length > 0 ? sizes : [1, 100]) {
  const measured: Record<string, Awaited<ReturnType<typeof measure>>[]> = {};
  for (let run = 0; run < runs; run++) {
    for (const host of Object.keys(hosts))
      measured[host] = [...(measured[host] ?? []), await measure(host, count)];
  }
  console.log(`\n${count} group${count === 1 ? "" : "s"}, medians of ${runs} (seconds, requests)\n`);
  console.log(
    `| | ${Object.keys(hosts).join(" | ")} | native ÷ dynamic |\n|---|${"---|".repeat(Object.keys(hosts).length + 1)}`,
  );
  const row = (
    title: string,
    value: (runs: Awaited<ReturnType<typeof measure>>[]) => number,
    shown: (host: string) => string,
  ) => {
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
