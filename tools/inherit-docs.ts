/**
 * Puts the comments of the dynamic classes and functions into the types of `pulumi-turso/native`. In its
 * source they are written once, as `{@inheritDoc base.Group}`, which TypeScript does not resolve: an editor
 * would show it as it is.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const dist = join(import.meta.dirname, "..", "provider", "dist");
const file = join(dist, "native.d.ts");
const declarations = globSync(join(dist, "**", "*.d.ts"))
  .filter((other) => other !== file)
  .map((other) => readFileSync(other, "utf8"))
  .join("\n");

/** The comment that stands above the declaration of an exported name. */
function commentOf(name: string): string {
  const [, comment] =
    new RegExp(`(/\\*\\*(?:(?!\\*/)[^])*\\*/)\\nexport declare (?:class|function) ${name}\\b`).exec(
      declarations,
    ) ?? [];
  if (comment === undefined) throw new Error(`There is no comment of ${name} in ${dist}.`);
  return comment;
}

/**
 * The names whose comments are inherited. A build that emits only what changed leaves the others' as this
 * wrote them before.
 */
const source = readFileSync(join(dist, "..", "src", "native.ts"), "utf8");
const names = [...source.matchAll(/\{@inheritDoc base\.(\w+)\}/g)].map(([, name = ""]) => name);
const text = names.reduce(
  (declared, name) =>
    declared.replace(
      new RegExp(`/\\*\\*(?:(?!\\*/)[^])*\\*/(?=\\nexport declare (?:class|const) ${name}\\b)`),
      () => commentOf(name),
    ),
  readFileSync(file, "utf8"),
);
writeFileSync(file, text);
