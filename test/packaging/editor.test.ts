/** What an editor shows of the package, from TypeScript's language service, which editors use. */
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const FILE = join(process.cwd(), "test", "program.ts");
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2020,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  types: ["node"],
};

/** The open program. The service reads it again when its version changes. */
const open = { text: "", version: 0 };

const service = ts.createLanguageService({
  getScriptFileNames: () => [FILE],
  getScriptVersion: (file) => (file === FILE ? String(open.version) : "0"),
  getScriptSnapshot: (file) => {
    const text = file === FILE ? open.text : ts.sys.readFile(file);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  },
  getCurrentDirectory: () => process.cwd(),
  getCompilationSettings: () => options,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: (file) => file === FILE || ts.sys.fileExists(file),
  readFile: (file) => (file === FILE ? open.text : ts.sys.readFile(file)),
  directoryExists: ts.sys.directoryExists,
  getDirectories: ts.sys.getDirectories,
});

/** Opens a program and returns the position of the cursor, which `|` marks. */
function edit(marked: string): number {
  open.text = marked.replace("|", "");
  open.version += 1;
  return marked.indexOf("|");
}

const textOf = (parts: ts.SymbolDisplayPart[] = []) => parts.map(({ text }) => text).join("");

/** The comment that hovering shows. */
function hover(marked: string): string {
  return textOf(service.getQuickInfoAtPosition(FILE, edit(marked))?.documentation);
}

function completions(marked: string): string[] {
  return service.getCompletionsAtPosition(FILE, edit(marked), {})?.entries.map(({ name }) => name) ?? [];
}

const program = (module: string, code: string) => `import * as turso from "${module}";\n${code}\n`;

describe("pulumi-turso/native", () => {
  const both = (code: string) =>
    [program("pulumi-turso", code), program("pulumi-turso/native", code)].map(hover);

  test.each([
    "turso.Gro|up;",
    "turso.GroupTo|ken;",
    "turso.GroupTokenInva|lidation;",
    "turso.Organi|zation;",
    "turso.getGro|up;",
    "turso.getGroup|Output;",
    "turso.getGroups|;",
    "turso.getGroupsOut|put({});",
    "turso.getLocat|ions();",
    "turso.getLocationsOut|put();",
    'new turso.Group("a", { loca|tion: "lhr" });',
    'new turso.Group("a", { location: "lhr" }).uu|id;',
    'turso.Group.ge|t("a", "acme/prod");',
    'new turso.Organization("a", { gro|ups: {} });',
    'new turso.Organization("a", { groups: { a: { location: "lhr", renamed|From: "b" } } });',
    'new turso.Organization("a", { file: "a" }).tok|ens;',
  ])("has the comments of pulumi-turso: %s", (code) => {
    const [dynamic, native] = both(code);
    expect(dynamic).not.toBe("");
    expect(native).toBe(dynamic);
    expect(native).not.toContain("inheritDoc");
  });

  test.each([
    "new turso.Pro|vider",
    'new turso.Provider("acme", { api|Token: "x" })',
    'new turso.Gr|oup("a", { location: "lhr" })',
  ])("has a comment: %s", (code) => {
    expect(hover(program("pulumi-turso/native", code))).not.toMatch(/^$|inheritDoc/);
  });
});

describe.each(["pulumi-turso", "pulumi-turso/native"])("%s", (module) => {
  test("new Group( has one signature", () => {
    const position = edit(program(module, 'new turso.Group("a", |'));
    const help = service.getSignatureHelpItems(FILE, position, {});
    expect(help?.items).toHaveLength(1);
  });

  test("a misspelt property is one error, which names the right one", () => {
    edit(program(module, 'new turso.Group("a", { locaton: "lhr" });|'));
    const messages = service
      .getSemanticDiagnostics(FILE)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain("Did you mean to write 'location'?");
    expect(messages[0]).not.toContain("No overload matches");
  });

  test("a misspelt key of an organization is one error, and what it has is typed", () => {
    const organization = (args: string) => `new turso.Organization("a", ${args})`;
    const messagesOf = (code: string) => {
      edit(program(module, `${code};|`));
      return service
        .getSemanticDiagnostics(FILE)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    };
    for (const [args, right] of [
      ['{ fil: "acme.yaml" }', "file"],
      ["{ grops: {} }", "groups"],
      ['{ groups: { prod: { location: "lhr", replica: [] } } }', "replicas"],
    ] as const) {
      expect(messagesOf(organization(args))).toEqual([expect.stringContaining(`'${right}'`)]);
    }
    expect(messagesOf(organization('{ file: "acme.yaml", groups: {} }'))).toHaveLength(1);
    const output = `${organization('{ file: "acme.yaml" }')}.tokens.api.jwt.apply((jwt) => jwt.length)`;
    expect(messagesOf(output)).toEqual([]);
  });

  test("classes show no internal members", () => {
    const members = completions(program(module, "turso.Group.|"));
    expect(members).toEqual(expect.arrayContaining(["get", "isInstance"]));
    expect(members).not.toContain("registration");
    expect(completions(program(module, "turso.Organization.|"))).not.toContain("classes");
  });

  test("every output has a comment of its own", () => {
    for (const name of ["Group", "GroupToken", "GroupTokenInvalidation"]) {
      const resource = `declare const resource: turso.${name};\n`;
      const members = completions(program(module, `${resource}resource.|`));
      const outputs = members.filter((member) => !["getProvider", "urn", "id"].includes(member));
      edit(program(module, resource + outputs.map((member) => `resource.${member};`).join("\n")));
      for (const member of outputs) {
        const position = open.text.indexOf(`.${member};`) + 1;
        const comment = textOf(service.getQuickInfoAtPosition(FILE, position)?.documentation);
        expect(comment, `${name}.${member}`).not.toMatch(/^$|^As declared/);
      }
    }
  });
});

test("the client shows no internal members", () => {
  const client =
    'import { createClient } from "pulumi-turso/client";\nconst client = createClient({ token: "x" });\n';
  expect(completions(`${client}client.|`).sort()).toEqual([
    "apiTokens",
    "databases",
    "groups",
    "locations",
    "organizations",
  ]);
});
