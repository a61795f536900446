import type { Database } from "../../api/index.js";
import type { ListedKind } from "../../lifecycle/collection.js";

/** Databases, as the API lists them: all of an organization, or with the filter `group` those of a group. */
export const DATABASES: ListedKind<Database> = {
  async list(api, organization, filter) {
    // Deletions whose turn it is wait for this, and would all be sent at once if it queued behind the others.
    const { databases, isComplete } = await api.databases.list(organization, filter, { urgent: true });
    return { items: databases, isComplete };
  },
};
