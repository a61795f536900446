/** Names: which are asked for, and what things are called in the program. */

/** Whether a name is asked for: it matches a pattern of `include`, if there is one, and none of `exclude`. */
export function nameFilter(
  include: readonly string[],
  exclude: readonly string[],
): (name: string) => boolean {
  const [included, excluded] = [include.map(globOf), exclude.map(globOf)];
  return (name) =>
    (included.length === 0 || included.some((glob) => glob.test(name))) &&
    !excluded.some((glob) => glob.test(name));
}

/** `*` is any text, `?` is any character. Unlike in paths, a slash is nothing special. */
function globOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su");
}

/** The first of `name`, `name2`, `name3` … that is not taken. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? name : `${name}${i}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** A name for a resource in the program: that of the thing, unless a URN or a YAML key cannot have it. */
export function resourceName(name: string, kind: string): string {
  return /^[A-Za-z0-9_][\w.@+-]*$/.test(name) ? name : identifierOf(name, kind);
}

/** A name for a variable, in camel case. `kind` begins it where the name cannot. */
export function identifierOf(name: string, kind: string): string {
  const words = name.normalize("NFKD").match(/[A-Za-z0-9]+/g) ?? [];
  const camel = words
    .map((word, i) => (i === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1))
    .join("");
  const text = /^[a-z]/.test(camel) ? camel : `${kind}${camel}`;
  return RESERVED.has(text) ? `${text}${kind.charAt(0).toUpperCase()}${kind.slice(1)}` : text;
}

const RESERVED = new Set(
  (
    "abstract any arguments as async await boolean break case catch class const constructor continue debugger " +
    "declare default delete do else enum eval export extends false finally for from function get global if " +
    "implements import in instanceof interface let module namespace never new null number object of " +
    "organization package private protected public pulumi require return set static string super switch " +
    "symbol this throw true try turso type typeof undefined unknown using var void while with yield " +
    "exports process console fetch name global self window globalThis infinity nan"
  ).split(" "),
);
