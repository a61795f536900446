import type { Group } from "../../api/index.js";
import type { Kind } from "../../lifecycle/collection.js";

/** Groups, as the API lists them. */
export const GROUPS: Kind<Group> = {
  type: "Group",
  list: async (api, organization) => ({ items: await api.groups.list(organization) }),
  retrieve: (api, organization, name, options) => api.groups.retrieve(organization, name, options),
};
