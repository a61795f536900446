import type { Database } from "../../api/index.js";
import type { ListedKind } from "../../lifecycle/collection.js";

/** Databases, as the API lists them: all of an organization, or with the filter `group` those of a group. */
export const DATABASES: ListedKind<Database> = {
  async list(api, organization, filter) {
    // Deletions wait for this list. If it queued like other requests, they would pass the queue and then be
    // sent all at once.
    const { databases, isComplete } = await api.databases.list(organization, filter, { urgent: true });
    return { items: databases, isComplete };
  },
};
