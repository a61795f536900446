/** Every operation against every fault, over HTTP; docs/reliability.md has the outcome. */
import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { cell, type Outcome } from "./faults/cell.ts";
import { FAULTS } from "./faults/faults.ts";
import { OPERATIONS } from "./faults/operations.ts";

// Most of the time a cell waits.
vi.setConfig({ maxConcurrency: 10 });

const outcomes = new Map<string, string>();

const cells = OPERATIONS.flatMap((operation) => FAULTS.map((fault) => ({ operation, fault })));

describe.concurrent("no orphan, no theft, no lie in state", () => {
  test.for(
    cells.map(({ operation, fault }) => ({ name: operation.name, meets: fault.name, operation, fault })),
  )("$name meets with $meets", async ({ operation, fault }) => {
    const once = await cell(operation, fault, 1);
    const always = fault.lag ? once : await cell(operation, fault, Number.POSITIVE_INFINITY);
    outcomes.set(`${operation.name} ${fault.name}`, symbols(once.outcome, always.outcome));
  });
});

const SYMBOLS: Record<Outcome, string> = {
  done: "✓",
  refused: "R",
  perhaps: "?",
  partial: "P",
  late: "L",
};

const symbols = (once: Outcome, always: Outcome) =>
  once === always ? SYMBOLS[once] : `${SYMBOLS[once]} ${SYMBOLS[always]}`;

/** The table between these lines is what the tests above have seen. */
const MARKERS = [
  "<!-- matrix: `npx vitest run provider/test/faultMatrix.test.ts -u` writes it -->",
  "<!-- end of the matrix -->",
] as const;

test("docs/reliability.md has the outcome of each", async () => {
  const file = "docs/reliability.md";
  const text = readFileSync(file, "utf8");
  const [head, rest = ""] = text.split(MARKERS[0]);
  const [, tail] = rest.split(MARKERS[1]);
  const rows = [
    ["", ...OPERATIONS.map(({ name }) => name)],
    ["---", ...OPERATIONS.map(() => ":-:")],
    ...FAULTS.map((fault) => [
      fault.name,
      ...OPERATIONS.map((operation) => outcomes.get(`${operation.name} ${fault.name}`) ?? "not tried"),
    ]),
  ];
  const table = rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const expected = `${head}${MARKERS[0]}\n\n${table}\n\n${MARKERS[1]}${tail}`;
  await expect(expected).toMatchFileSnapshot(`../../${file}`);
});
