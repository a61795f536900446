import { allPages } from "./http/pages.js";
import { boolean, list, object, optional, text } from "./http/parse.js";
import type { Send } from "./http/send.js";

/** An organization, or a personal account. Only the slug is certain: what a server does not send is absent. */
export interface Organization {
  /** Identifies it, e.g. in URLs. The slug of a personal account is the user's name. */
  slug: string;
  /** Its name, which is `personal` for a personal account. */
  name?: string;
  /** `personal` or `team`. */
  type?: string;
  /** The plan, e.g. `developer`. */
  plan?: string;
  /** Whether usage beyond the plan's limits is allowed, and billed. */
  overages?: boolean;
  /** Whether members must use multi-factor authentication. */
  requireMfa?: boolean;
}

/** A member of an organization. */
export interface Member {
  username: string;
  /** `owner`, `admin`, `member`, `viewer`, or what Turso has added since. */
  role: string;
  email?: string;
}

/** A pending invite to an organization. */
export interface Invite {
  email: string;
  /** `admin`, `member`, `viewer`, or what Turso has added since. */
  role: string;
}

interface GuardOptions {
  /** Runs right before each attempt, including retries: if it throws, nothing is sent. */
  guard?: (() => Promise<void>) | undefined;
}

/**
 * Organizations, their members and invites. A personal account has no members and no invites. Every method
 * makes one request, or one for each page if the server paginates. A method that names a member or an invite
 * fails with a `TursoApiError` whose `isNotFound` is true if that does not exist.
 *
 * @see https://docs.turso.tech/api-reference/organizations
 */
export class OrganizationsApi {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /**
   * Lists the organizations that the token's user is a member of, with the personal account. `organization`
   * only selects the token.
   */
  async list(organization?: string): Promise<Organization[]> {
    return this.#send("GET", undefined, ["organizations"], {
      tokenOf: organization,
      parse: (body) =>
        // The list was wrapped in an object once, as it is in newer versions of the API.
        list(Array.isArray(body) ? body : object(body, "body").organizations, "organizations").map(
          (item, i) => parseOrganization(item, `organizations[${i}]`),
        ),
    });
  }

  /** Retrieves an organization. */
  async retrieve(organization: string): Promise<Organization> {
    return this.#send("GET", organization, [], {
      parse: (body) => parseOrganization(object(body, "body").organization, "organization"),
    });
  }

  /**
   * Retrieves the user that the token belongs to. A token that is restricted to an organization or a group may
   * not be allowed to. `organization` only selects the token.
   */
  async currentUser(organization?: string): Promise<{ username: string }> {
    return this.#send("GET", undefined, ["user"], {
      tokenOf: organization,
      parse: (body) => ({
        username: text(object(object(body, "body").user, "user").username, "user.username"),
      }),
    });
  }

  /** Lists all members, including owners. */
  async members(organization: string | undefined): Promise<Member[]> {
    const { items } = await allPages({}, membersIn, (page) =>
      this.#send("GET", organization, ["members"], page),
    );
    return items;
  }

  /**
   * Retrieves a member. `retryNotFound`: retry a 404 once, after a second, because a new member may not be
   * visible immediately.
   */
  async member(
    organization: string | undefined,
    username: string,
    { retryNotFound = false }: { retryNotFound?: boolean } = {},
  ): Promise<Member> {
    return this.#send("GET", organization, ["members", username], { retryNotFound, parse: memberIn });
  }

  /**
   * Adds a user of Turso to an organization.
   *
   * @throws TursoApiError with status 404 if there is no such user, 409 if the user is a member already, 400 if
   * the plan has no members
   * @see https://docs.turso.tech/api-reference/organizations/members/add
   */
  async addMember(
    organization: string | undefined,
    { username, role }: { username: string; role: string },
  ): Promise<Member> {
    return this.#send("POST", organization, ["members"], {
      body: { username, role },
      // The username stands alone here: the response has no email.
      parse: (body) => ({ username: text(object(body, "body").member, "member"), role }),
    });
  }

  /** Changes the role of a member. Only owners and admins may. */
  async updateMember(
    organization: string | undefined,
    username: string,
    role: string,
    { guard }: GuardOptions = {},
  ): Promise<Member> {
    return this.#send("PATCH", organization, ["members", username], {
      repeatable: true,
      guard,
      body: { role },
      parse: memberIn,
    });
  }

  /** Removes a member from an organization. */
  async removeMember(
    organization: string | undefined,
    username: string,
    { guard }: GuardOptions = {},
  ): Promise<void> {
    return this.#send("DELETE", organization, ["members", username], { guard });
  }

  /** Lists the pending invites: those that were accepted are not among them. */
  async invites(organization: string | undefined): Promise<Invite[]> {
    const { items } = await allPages({}, invitesIn, (page) =>
      this.#send("GET", organization, ["invites"], { ...page, version: "v2" }),
    );
    return items;
  }

  /**
   * Invites somebody by email. Replaces a pending invite for the same address, and sends an email each time.
   *
   * @throws TursoApiError with status 400 if the plan has no invites
   * @see https://docs.turso.tech/api-reference/organizations/invites/create-v2
   */
  async invite(
    organization: string | undefined,
    { email, role }: { email: string; role: string },
  ): Promise<Invite> {
    return this.#send("POST", organization, ["invites"], {
      version: "v2",
      body: { email, role },
      parse: (body) => parseInvite(object(body, "body").invited, "invited"),
    });
  }

  /** Deletes a pending invite. */
  async deleteInvite(
    organization: string | undefined,
    email: string,
    { guard }: GuardOptions = {},
  ): Promise<void> {
    return this.#send("DELETE", organization, ["invites", email], { version: "v2", guard });
  }
}

function parseOrganization(value: unknown, where: string): Organization {
  const fields = object(value, where);
  const { plan_id: plan } = optional(fields, "plan_id", text, where);
  const { require_mfa: requireMfa } = optional(fields, "require_mfa", boolean, where);
  return {
    slug: text(fields.slug, `${where}.slug`),
    ...optional(fields, "name", text, where),
    ...optional(fields, "type", text, where),
    ...(plan !== undefined && { plan }),
    ...optional(fields, "overages", boolean, where),
    ...(requireMfa !== undefined && { requireMfa }),
  };
}

function parseMember(value: unknown, where = "member"): Member {
  const fields = object(value, where);
  return {
    username: text(fields.username, `${where}.username`),
    role: text(fields.role, `${where}.role`),
    ...optional(fields, "email", text, where),
  };
}

const memberIn = (body: unknown) => parseMember(object(body, "body").member);

const membersIn = (body: unknown) =>
  list(object(body, "body").members, "members").map((item, i) => parseMember(item, `members[${i}]`));

function parseInvite(value: unknown, where: string): Invite {
  const fields = object(value, where);
  return { email: text(fields.email, `${where}.email`), role: text(fields.role, `${where}.role`) };
}

const invitesIn = (body: unknown) =>
  list(object(body, "body").invites, "invites").map((item, i) => parseInvite(item, `invites[${i}]`));
