/** Every operation with every fault, over HTTP. docs/reliability.md has the outcomes. */
import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { cell, type Outcome } from "./faults/cell.ts";
import { FAULTS } from "./faults/faults.ts";
import { OPERATIONS } from "./faults/operations.ts";

// A cell waits most of the time.
vi.setConfig({ maxConcurrency: 10 });

const outcomes = new Map<string, string>();

const cells = OPERATIONS.flatMap((operation) => FAULTS.map((fault) => ({ operation, fault })));

describe.concurrent("no group is left untracked, no other group is changed, and state is true", () => {
  test.for(cells.map((cell) => ({ ...cell, name: cell.operation.name, faultName: cell.fault.name })))(
    "$name with $faultName",
    async ({ operation, fault }) => {
      const once = await cell(operation, fault, 1);
      const always = fault.lag ? once : await cell(operation, fault, Number.POSITIVE_INFINITY);
      outcomes.set(`${operation.name} ${fault.name}`, symbols(once.outcome, always.outcome));
    },
  );
});

const SYMBOLS: Record<Outcome, string> = {
  done: "✓",
  refused: "R",
  unknown: "?",
  partial: "P",
  stale: "L",
};

const symbols = (once: Outcome, always: Outcome) =>
  once === always ? SYMBOLS[once] : `${SYMBOLS[once]} ${SYMBOLS[always]}`;

/** The table between these lines has the outcomes of the tests above. */
const MARKERS = [
  "<!-- matrix: `npx vitest run provider/test/faultMatrix.test.ts -u` writes it -->",
  "<!-- end of the matrix -->",
] as const;

test("docs/reliability.md has every outcome", async () => {
  const file = "docs/reliability.md";
  const text = readFileSync(file, "utf8");
  const [head, rest = ""] = text.split(MARKERS[0]);
  const [, tail] = rest.split(MARKERS[1]);
  const rows = [
    ["", ...OPERATIONS.map(({ name }) => name)],
    ["---", ...OPERATIONS.map(() => ":-:")],
    ...FAULTS.map((fault) => [
      fault.name,
      ...OPERATIONS.map((operation) => outcomes.get(`${operation.name} ${fault.name}`) ?? "not tested"),
    ]),
  ];
  const table = rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const expected = `${head}${MARKERS[0]}\n\n${table}\n\n${MARKERS[1]}${tail}`;
  await expect(expected).toMatchFileSnapshot(`../../${file}`);
});
