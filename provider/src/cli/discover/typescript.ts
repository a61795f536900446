/** The TypeScript program, and the files of its project. */
import { version } from "../../version.js";
import { CommandError } from "../command.js";
import { declaredInputs, type Entry, type Host } from "./entries.js";

const PACKAGE = { dynamic: "pulumi-turso", native: "pulumi-turso/native" } as const;

/** The program with these resources: a new one, or the given one with them at its end. */
export function typescriptProgram(
  existing: string | undefined,
  entries: readonly Entry[],
  { organization, host }: { organization: string; host: Host },
): string {
  const head = `import * as turso from "${PACKAGE[host]}";\n\nconst organization = ${literal(organization)};\n`;
  const text = existing ?? head;
  const namespace = namespaceIn(text, host);
  const shorthand = text.includes(`const organization = ${literal(organization)};`);
  const declarations = entries.map(({ found, name, identifier }) => {
    const inputs = declaredInputs(found).map(([key, value]) =>
      key === "organization" && shorthand ? "  organization,\n" : `  ${key}: ${literal(value)},\n`,
    );
    const type = found.kind.lifecycle.resource.name;
    return `\nconst ${identifier} = new ${namespace}.${type}(${literal(name)}, {\n${inputs.join("")}});\n`;
  });
  return [text.endsWith("\n") ? text : `${text}\n`, ...declarations].join("");
}

/** What the program calls this package. */
function namespaceIn(text: string, host: Host): string {
  const from = PACKAGE[host].replace("/", "\\/");
  const name = new RegExp(`^import \\* as (\\w+) from ["']${from}["']`, "m").exec(text)?.[1];
  if (name !== undefined) return name;
  throw new CommandError(
    `index.ts does not import this package as a whole.\nAdd the line \`import * as turso from "${PACKAGE[host]}";\` to it, or choose another folder with --out.`,
  );
}

/** A value as source code. Only printable ASCII, so that no name can change how the code reads. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The files of a TypeScript project besides its program. */
export function typescriptProject({
  project,
  description,
}: {
  project: string;
  description: string;
}): Record<string, string> {
  const json = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;
  return {
    "Pulumi.yaml": `name: ${project}\nruntime: nodejs\ndescription: ${description}\n`,
    "package.json": json({
      name: project.toLowerCase(),
      private: true,
      main: "index.ts",
      dependencies: { "@pulumi/pulumi": "^3.270.0", "pulumi-turso": `^${version}` },
      devDependencies: { typescript: "~6.0.3" },
    }),
    "tsconfig.json": json({
      compilerOptions: {
        strict: true,
        target: "es2022",
        module: "nodenext",
        moduleResolution: "nodenext",
        noEmit: true,
      },
      files: ["index.ts"],
    }),
    ".gitignore": "node_modules/\n",
  };
}
