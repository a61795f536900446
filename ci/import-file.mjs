// Writes the import file for previews of forks, from the state of the stack:
//
//     pulumi stack export | node ci/import-file.mjs >ci/import.json
//
// It has no secrets: what holds one (a GroupToken, for example) is left out, and a preview of a fork creates it.
import { json } from "node:stream/consumers";

const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const { deployment } = await json(process.stdin);
const isKept = ({ type, external, delete: isPending, inputs, outputs }) =>
  !/^pulumi:(pulumi:Stack|providers:)/.test(type) &&
  !external &&
  !isPending &&
  !JSON.stringify([inputs, outputs]).includes(SECRET);
const kept = deployment.resources.filter(isKept);
// Two components may hold resources of the same name, so each resource has a name of its own in the file.
const names = new Map(kept.map(({ urn }, index) => [urn, `resource-${index + 1}`]));

const resources = kept.map(({ urn, type, custom, id, parent, inputs, outputs }) => ({
  type,
  name: names.get(urn),
  logicalName: urn.split("::").slice(3).join("::"),
  ...(names.has(parent) && { parent: names.get(parent) }),
  ...(custom ? { id, inputs, outputs } : { component: true }),
}));
console.log(JSON.stringify({ resources }, null, 2));
