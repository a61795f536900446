/**
 * Translates the examples of the schema: from provider/schema-examples/RESOURCE/Pulumi.yaml into the other
 * files there. `npm run schema` puts them into schema.json.
 */
import { execFile } from "node:child_process";
import { globSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { getExampleGenerator } from "./pulumi.ts";

const PROVIDER = join(import.meta.dirname, "..", "provider");

/** The languages, as Pulumi names them in Markdown, and the file of each. */
export const EXAMPLES = {
  typescript: "index.ts",
  python: "__main__.py",
  go: "main.go",
  yaml: "Pulumi.yaml",
};

/** The files and their content. Fails where a program does not fit the schema. */
export async function translatedExamples(): Promise<Map<string, string>> {
  const generator = await getExampleGenerator();
  const folders = globSync("schema-examples/*/Pulumi.yaml", { cwd: PROVIDER }).map(dirname).sort();
  const { stdout } = await promisify(execFile)(generator, ["schema.json", ...folders], { cwd: PROVIDER });
  const translated = stdout
    .trim()
    .split("\n")
    .flatMap((line, index) =>
      Object.entries(JSON.parse(line) as Record<"typescript" | "python" | "go", string>).map(
        ([language, program]): [string, string] => [
          join(PROVIDER, folders[index] ?? "", EXAMPLES[language as keyof typeof EXAMPLES]),
          // The npm package has the classes of a generated SDK.
          program.replace('"pulumi-turso-native"', '"pulumi-turso/native"'),
        ],
      ),
    );
  return new Map(translated);
}

if (import.meta.main) {
  for (const [file, program] of await translatedExamples()) writeFileSync(file, program);
}
