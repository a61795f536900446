/** The operations of one seed, and the checks after each. */
import type { Emulator } from "turso-emulator";
import { runPulumi } from "../support/cli.ts";
import type { Engine, Operation, Result, RunOptions } from "../support/stack.ts";
import { ApiTokens } from "./apiTokens.ts";
import { drift } from "./drift.ts";
import { edit } from "./edits.ts";
import { arm, heal, kindsHit, maySilentlyHit } from "./faults.ts";
import { drawTaint, handOver, place } from "./handovers.ts";
import { interrupter, killAll } from "./interrupt.ts";
import { judgeAlways, judgeFailure, judgeRefresh, judgeSuccess, learn } from "./oracle.ts";
import { People } from "./people.ts";
import { Random } from "./random.ts";
import { emptyReport, type HostName, type SeedReport } from "./report.ts";
import { isLost } from "./sdk.ts";
import { mendState, readState, type State, type StateGroup } from "./state.ts";
import type { World } from "./world.ts";

/** How long an operation may take, in milliseconds: a create waits for its name for a minute. */
const TOO_LONG = 180_000;

/** Something does not hold: the seed ends here. */
export class Violation extends Error {}

export class Run {
  readonly report: SeedReport;
  readonly world: World;
  readonly emulator: Emulator;
  engine!: Engine;
  state: State = { groups: [], tokens: [], apiTokens: [], people: [], pending: 0, updating: [], text: "" };
  readonly #home: string;
  readonly #log: (line: string) => void;
  #step = 0;
  /** The log so far. */
  readonly #done: string[] = [];
  readonly #start = Date.now();
  readonly #handovers: Random | undefined;
  readonly apiTokens: ApiTokens | undefined;
  readonly people: People | undefined;
  #output = "";

  constructor(options: {
    seed: number;
    host: HostName;
    handovers: boolean;
    apiTokens: boolean;
    people: boolean;
    home: string;
    emulator: Emulator;
    world: World;
    log: (line: string) => void;
  }) {
    this.report = emptyReport(options);
    this.#handovers = options.handovers ? new Random(options.seed + 2 ** 31) : undefined;
    this.#home = options.home;
    this.emulator = options.emulator;
    this.world = options.world;
    this.#log = options.log;
    const { account, ledger } = this.world;
    const random = new Random(options.seed + 2 ** 30);
    const { store } = options.emulator;
    this.people = options.people
      ? new People(new Random(options.seed + 2 ** 29), store.account("acme"))
      : undefined;
    this.apiTokens = options.apiTokens ? new ApiTokens(random, account, ledger) : undefined;
  }

  seconds(): number {
    return (Date.now() - this.#start) / 1000;
  }

  begin(title: string): void {
    const line = `— ${title} (${this.seconds().toFixed(0)} s)`;
    this.#done.push(line);
    this.#log(`\n${line}`);
  }

  note(kind: string, lines: readonly string[]): void {
    for (const line of lines) {
      this.#done.push(`${kind}: ${line}`);
      this.#log(`${kind}: ${line}`);
    }
  }

  count(kind: string): void {
    this.report.faults[kind] = (this.report.faults[kind] ?? 0) + 1;
  }

  async step(random: Random, calm: boolean): Promise<void> {
    const { world, emulator } = this;
    this.#step += 1;
    this.begin(`step ${this.#step}`);
    world.random = random.fork();
    const known = new Set(world.entries.keys());
    this.note("edit", edit(world, this.state));
    world.random = random.fork();
    if (this.#handovers !== undefined) await this.#handOver(known, this.#handovers);
    this.note("API tokens", this.apiTokens?.edit(this.state) ?? []);
    this.note("people", this.people?.edit(this.state) ?? []);
    if (random.chance(0.35)) this.note("drift", drift(world, this.state));
    if (random.chance(0.25)) await this.refresh();
    if (random.chance(0.12)) await this.preview();
    const armed = random.chance(0.7) && !calm ? arm(emulator, random.fork()) : [];
    this.note("fault", armed);
    await this.up({ armed, ...(random.chance(0.2) && !calm && { interrupt: random.fork() }) });
  }

  /** Runs an up with the armed faults, and checks the result. */
  async up({ armed = [], interrupt }: { armed?: string[]; interrupt?: Random } = {}): Promise<Result> {
    const { world, emulator, report } = this;
    const before = this.state;
    const reasons = [...world.reasonsToFail(before), ...(this.apiTokens?.reasonsToFail(before) ?? [])];
    world.ask(before);
    const from = emulator.requests.length;
    const end = interrupt && interrupter(emulator, interrupt, this.#home);
    if (end !== undefined) this.note("interruption", [end.what]);
    const result = await this.operate("up", end && { signal: end.signal });
    const { interrupted, orphans } = (await end?.over()) ?? { interrupted: false, orphans: 0 };
    const hit = kindsHit(emulator.requests.slice(from));
    for (const kind of hit) this.count(kind);
    await heal(emulator);
    const isMended = interrupted && mendState(this.#home, before);
    await this.look();
    if (interrupted && end !== undefined) this.count(end.what);
    report.ups[interrupted ? "interrupted" : result.failed ? "failed" : "ok"] += 1;
    const outcome = `${result.failed ? "failed" : "succeeded"}${interrupted ? ", interrupted" : ""}`;
    this.note("up", [`${outcome} ${JSON.stringify(result.steps)}`]);
    if (result.failed) this.#log(result.diagnostics || result.text);
    const isProviderKilled = interrupted && end?.what === "kill of the provider";
    learn(world, before, this.state, result, { isProviderKilled });
    this.judge(before, [
      ...(orphans > 0 ? ["the provider outlived its engine"] : []),
      ...(result.failed
        ? [
            ...judgeFailure(world, this.state, result, interrupted),
            ...(this.apiTokens?.judgeFailure(this.state, result.diagnostics, interrupted) ?? []),
            ...(this.people?.judgeFailure(this.state, result.diagnostics, interrupted) ?? []),
          ]
        : [
            ...judgeSuccess(world, this.state),
            ...(this.apiTokens?.judgeSuccess(this.state) ?? []),
            ...(this.people?.judgeSuccess(this.state) ?? []),
          ]),
      ...(result.failed &&
      !interrupted &&
      !maySilentlyHit(armed) &&
      hit.length + reasons.length === 0 &&
      !isLost(result.text)
        ? ["it failed without a reason"]
        : []),
    ]);
    if (isMended) {
      this.count("state file truncated by a kill");
      await this.refresh();
    }
    return result;
  }

  /**
   * Edits with a separate random generator: new resources in other places, groups that move to other
   * resources, forced replacements.
   */
  async #handOver(known: ReadonlySet<string>, random: Random): Promise<void> {
    const { world } = this;
    const { host } = this.report;
    for (const [resource, entry] of world.entries) {
      if (entry.host === undefined && !known.has(resource)) place(random, entry, host);
    }
    if (random.chance(0.5)) this.note("edit", handOver(world, this.state, random, host));
    const urn = drawTaint(world, this.state, random);
    if (urn !== undefined) await this.#state("taint", urn);
    for (const group of this.state.groups.filter(({ tainted }) => tainted))
      if (group.urn !== urn && random.chance(0.6)) await this.untaint(group);
  }

  async untaint({ urn }: StateGroup): Promise<void> {
    await this.#state("untaint", urn);
  }

  async #state(command: "taint" | "untaint", urn: string): Promise<void> {
    await runPulumi(this.engine, this.#home, ["state", command, urn, "--yes"]);
    await this.look();
    this.note("state", [`${command} ${urn}`]);
  }

  async look(): Promise<void> {
    this.state = await readState(this.engine);
  }

  async refresh(): Promise<void> {
    const before = this.state;
    const result = await this.operate("refresh", { clearPendingCreates: before.pending > 0 });
    this.report.refreshes += 1;
    await this.look();
    this.note("refresh", [`${result.failed ? "failed" : "succeeded"} ${JSON.stringify(result.steps)}`]);
    this.judge(
      before,
      result.failed
        ? ["the refresh failed"]
        : [
            ...judgeRefresh(this.world, this.state),
            ...(this.apiTokens?.judgeRefresh(this.state) ?? []),
            ...(this.people?.judgeRefresh(this.state) ?? []),
          ],
    );
  }

  /** Runs a preview, which must change nothing. */
  async preview(): Promise<Result> {
    const from = this.emulator.requests.length;
    const result = await this.operate("preview");
    const writes = this.emulator.requests.slice(from).filter(({ method }) => method !== "GET");
    this.note("preview", [`${result.failed ? "failed" : "succeeded"} ${JSON.stringify(result.steps)}`]);
    this.judge(
      this.state,
      writes.map(({ method, path }) => `the preview made the request ${method} ${path}`),
    );
    return result;
  }

  async operate(operation: Operation, options?: RunOptions): Promise<Result> {
    this.engine.program = this.world.program(
      this.report.host,
      this.apiTokens?.program(),
      this.people?.program(),
    );
    const timer = setTimeout(() => {
      this.count("took too long");
      killAll(this.#home);
    }, TOO_LONG);
    const tooLong = this.report.faults["took too long"];
    const result = await this.engine.run(operation, options);
    clearTimeout(timer);
    this.#output = result.text;
    if (this.report.faults["took too long"] !== tooLong) this.complain([`the ${operation} did not end`]);
    return result;
  }

  /** Checks what must hold after any operation, and adds other complaints. */
  judge(before: State, complaints: readonly string[]): void {
    const tokens = [...(this.apiTokens?.judgeAlways() ?? []), ...(this.people?.judgeAlways() ?? [])];
    this.complain([...tokens, ...judgeAlways(this.world, before, this.state, this.#output), ...complaints]);
  }

  complain(complaints: readonly string[]): void {
    if (complaints.length === 0) return;
    const { seed, host } = this.report;
    throw new Violation(
      [
        `VIOLATION: seed ${seed}, ${host} host, ${this.world.organization ?? "personal account"}, step ${this.#step}`,
        ...complaints.map((complaint) => `  ! ${complaint}`),
        ...this.#done.map((line) => `  ${line}`),
        "  output of the last operation:",
        ...this.#output
          .slice(-6000)
          .trim()
          .split("\n")
          .map((line) => `  | ${line}`),
      ].join("\n"),
    );
  }
}
