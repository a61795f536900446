/** The examples of the schema fit the schema and the packages that they use. */
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { expect, test } from "vitest";
import { getPython } from "../../tools/python.ts";
import { translatedExamples } from "../../tools/schema-examples.ts";
import { temporaryFolder } from "../support/engine.ts";
import { orSkip } from "../support/needs.ts";

const EXAMPLES = "provider/schema-examples";

// Fails where an example does not fit the schema.
const translated = await orSkip("THE TEST OF THE SCHEMA'S EXAMPLES", translatedExamples);

test.skipIf(translated === undefined)("are translated from YAML (`npm run schema:examples`)", () => {
  expect(translated?.size).toBeGreaterThan(0);
  for (const [file, program] of translated ?? []) expect(readFileSync(file, "utf8"), file).toBe(program);
});

test("are in the schema, in four languages", () => {
  const { resources } = JSON.parse(readFileSync("provider/schema.json", "utf8"));
  for (const folder of globSync(`${EXAMPLES}/*`)) {
    const { description } = resources[`turso:index:${folder.split(/[\\/]/).at(-1)}`];
    expect(description.match(/^```\w+$/gm)).toEqual(["```typescript", "```python", "```go", "```yaml"]);
    expect(description).toContain(readFileSync(join(folder, "index.ts"), "utf8").trim());
  }
});

test("in TypeScript have the types of the package", { tags: ["exhaustive"] }, () => {
  const files = globSync(`${EXAMPLES}/*/index.ts`).map((file) => resolve(file));
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    types: ["node"],
  });
  const problems = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
  expect(files).not.toEqual([]);
  expect(problems).toEqual([]);
});

const SCRIPT = `
import runpy, sys, pulumi
class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args): return [args.name, args.inputs]
    def call(self, args): return {}
pulumi.runtime.set_mocks(Mocks())
for file in sys.argv[1:]: runpy.run_path(file)
print("done")
`;

test("in Python run with the generated SDK", { tags: ["exhaustive"] }, async () => {
  const python = await orSkip("THE TEST OF THE SCHEMA'S EXAMPLES IN PYTHON", getPython);
  if (python === undefined) return;
  const sdk = join(temporaryFolder(), "sdk");
  await python.installSdk(sdk);
  const files = globSync(`${EXAMPLES}/*/__main__.py`);
  const env = { ...process.env, PYTHONPATH: sdk, PYTHONDONTWRITEBYTECODE: "1" };
  const { stdout } = await promisify(execFile)(python.command, ["-c", SCRIPT, ...files], { env });
  expect(stdout).toBe("done\n");
});
