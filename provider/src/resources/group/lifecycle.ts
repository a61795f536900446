/** The lifecycle of a group: what check, diff, create, read, update and delete do. */
import { type Group as ApiGroup, TursoError } from "../../api/index.js";
import { locate, retrieveSame } from "../../lifecycle/collection.js";
import { diffNamed } from "../../lifecycle/diffNamed.js";
import { UserError } from "../../lifecycle/errors.js";
import { changesOf, inputsIn } from "../../lifecycle/inputs.js";
import type { Lifecycle } from "../../lifecycle/lifecycle.js";
import { type Address, idOf, parseId } from "../../lifecycle/resourceId.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { checkGroup } from "./check.js";
import { createGroup } from "./create.js";
import { deleteGroup } from "./delete.js";
import { type GroupInputs, type GroupOutputs, group as resource } from "./group.js";
import { GROUPS } from "./kind.js";
import { samePlace } from "./location.js";
import { groupOf, groupTitle, locationOf, outputsOf, replicasOf, sameList, thingOf } from "./state.js";
import { reconcileGroup } from "./update.js";

export const groupLifecycle: Lifecycle<GroupInputs, GroupOutputs> = {
  resource,
  check: checkGroup,

  previewOutputs(olds, news) {
    const { __name, __primary, ...declared } = news;
    if (olds === undefined) return declared;
    const settled = olds.__unsettled !== true;
    const sameReplicas = news.replicas === undefined || sameList(news.replicas, olds.replicas);
    return {
      ...outputsOf(news, groupOf(olds)),
      ...declared,
      // An edit that accepts a new name changes nothing at Turso.
      name: olds.name,
      locations: settled && sameReplicas ? olds.locations : UNKNOWN,
      protected: news.deleteProtection ?? (settled ? olds.protected : UNKNOWN),
    };
  },

  diff(context, olds, news) {
    const { __declaredName = olds.name, primary } = olds;
    const before = {
      ...olds,
      name: __declaredName,
      __name: olds.name,
      ...(primary && { __primary: primary }),
    };
    const declared = thingOf({ ...olds, name: __declaredName });
    const changes = changesOf(resource, before, news);
    const diff = diffNamed(context, changes, { news: { ...news }, declared, thing: thingOf(olds) });
    const sameAddress = news.name === olds.name && news.organization === olds.organization;
    return { ...diff, deleteBeforeReplace: diff.replaces.length > 0 && sameAddress };
  },

  async create(context, inputs) {
    const id = idOf(inputs);
    const created = await createGroup(context, inputs);
    context.ownership.hold(thingOf({ ...inputs, uuid: created.uuid }));
    const group = await reconcileGroup(context, id, inputs, created);
    return { id, outputs: outputsOf(inputs, group) };
  },

  async read(context, id, given) {
    // A program can pass arguments with an ID (`get`). Unlike these, state has values that the API reported.
    const { name: known, location: declared, locations, primary, uuid } = given ?? {};
    const isState =
      known !== undefined && declared !== undefined && (uuid ?? locations ?? primary) !== undefined;
    const olds = isState ? given : undefined;
    const address = olds ?? parseId(resource.name, id, context.organization);
    const listing = () => context.collection(GROUPS).listForRead(address.organization);
    const group = await find(address, "read", async () =>
      locate(context, GROUPS, address, { listing: await listing() }),
    );
    if (group === undefined) return undefined;
    const { organization } = address;
    const before: GroupInputs = olds
      ? { ...olds, name: olds.__declaredName ?? olds.name }
      : {
          name: group.name,
          location: locationOf(group),
          ...(organization !== undefined && { organization }),
        };
    const { name, location } = before;
    const moved = group.primary !== undefined && !samePlace(group.primary, location);
    // The inputs as they are now, so that the next preview shows by property what differs from the program.
    const inputs: GroupInputs = {
      ...inputsIn(resource, outputsOf(before, group)),
      name,
      location,
      ...(group.name !== name && { __name: group.name }),
      ...(moved && { __primary: group.primary }),
    };
    const accept = (what: string, edit: string) =>
      context.warn(
        `${groupTitle({ organization, name })} was ${what} outside Pulumi. ` +
          `To accept that, set \`${edit}\`, which makes no API requests and replaces nothing.`,
      );
    if (group.name !== name) accept(`renamed to '${group.name}'`, `name: "${group.name}"`);
    if (moved) accept(`moved from ${location} to ${group.primary}`, `location: "${locationOf(group)}"`);
    return { id: idOf({ organization, name: group.name }), inputs, outputs: outputsOf(inputs, group) };
  },

  async update(context, id, olds, news) {
    const known = groupOf(olds);
    // Where the API does not report the locations, state has the replicas that were requested.
    const replicas = known.locations ? replicasOf(known, news) : olds.replicas;
    const sameReplicas = news.replicas === undefined || sameList(news.replicas, replicas);
    const isProtected = olds.protected ?? olds.deleteProtection ?? false;
    const sameProtection = news.deleteProtection === undefined || news.deleteProtection === isProtected;
    const settled = olds.__unsettled !== true;
    // The program accepts a rename or a move outside Pulumi, or changes an input that only this provider
    // uses.
    if (settled && sameReplicas && sameProtection) return outputsOf(news, known);
    let group = await find(olds, "update", (address) => locate(context, GROUPS, address));
    if (group !== undefined && !(settled && isAlike(group, known, news))) {
      // The list or state may be stale, so the group itself is read.
      group = await find({ ...olds, name: group.name }, "update", (address) =>
        retrieveSame(context, GROUPS, address),
      );
    }
    if (group === undefined) {
      throw new UserError(
        "NOT_FOUND",
        `${groupTitle(olds)} no longer exists and was not changed.\nRun \`pulumi refresh\` to remove it from state. The next \`pulumi up\` recreates it.`,
      );
    }
    const address = parseId(resource.name, id, olds.organization);
    if (address.name !== group.name) {
      context.warn(
        `${groupTitle(address)} was renamed to '${group.name}' outside Pulumi. Its ID still has the old name: run \`pulumi refresh\`.`,
      );
    }
    return outputsOf(news, await reconcileGroup(context, id, news, group));
  },

  delete: deleteGroup,

  async list({ api, organization: byDefault }, { organization = byDefault }) {
    const groups = await api.groups.list(organization);
    return groups.map(({ name }) => ({ id: idOf({ organization, name }), name }));
  },
};

/** Whether two views of a group agree in everything that an update changes. */
function isAlike(a: ApiGroup, b: ApiGroup, inputs: GroupInputs): boolean {
  const isProtected = ({ deleteProtection = false }: ApiGroup) => deleteProtection;
  return sameList(replicasOf(a, inputs), replicasOf(b, inputs)) && isProtected(a) === isProtected(b);
}

/** The group that `search` finds; undefined if it no longer exists. An error says what failed. */
async function find(
  address: Address,
  operation: "read" | "update",
  search: (address: Address) => Promise<ApiGroup | undefined>,
): Promise<ApiGroup | undefined> {
  try {
    return await search(address);
  } catch (cause) {
    if (!(cause instanceof TursoError)) throw cause;
    const code = operation === "read" ? "READ_FAILED" : "UPDATE_FAILED";
    throw new UserError(code, `Failed to ${operation} ${groupTitle(address)}.\n${cause.message}`, { cause });
  }
}
