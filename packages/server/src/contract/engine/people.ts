import { z } from "zod";
import type { EngineRoute } from "./route.js";
import { idSchema, nameSchema, pageOf, pageQuery, roleSchema, textSchema, timeSchema } from "./values.js";

/** A person with an account, without anything secret. */
export const personSchema = z.strictObject({
  id: idSchema,
  name: z.string(),
  /** May create projects, manage people, and do everything in every project. */
  administrator: z.boolean(),
  hasPassword: z.boolean(),
  createdAt: timeSchema,
  disabledAt: timeSchema.nullable(),
});

/** Who the server takes the client for. */
const sessionSchema = z.strictObject({
  /** null for nobody: sign in. */
  person: personSchema.nullable(),
  /** How the client said so; `local` on a server without accounts. */
  by: z.enum(["session", "token", "proxy", "local"]).nullable(),
});

const tokenSchema = z.strictObject({
  id: idSchema,
  name: z.string(),
  createdAt: timeSchema,
  /** To the minute. */
  lastUsedAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
});

const password = z.string().max(1024);

const secret = z.string().max(100);

const memberSchema = z.strictObject({ person: idSchema, name: z.string(), role: roleSchema });

const invitationSchema = z.strictObject({
  id: idSchema,
  project: idSchema,
  role: roleSchema,
  createdBy: idSchema,
  createdAt: timeSchema,
  expiresAt: timeSchema,
  acceptedBy: idSchema.nullable(),
});

const auditEntrySchema = z.strictObject({
  sequence: z.int(),
  at: timeSchema,
  /** null for the machine. */
  person: idSchema.nullable(),
  event: z.string(),
  project: idSchema.nullable(),
  object: z.string(),
  details: z.record(z.string(), z.unknown()),
});

const auditQuery = z.strictObject({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const auditPage = z.strictObject({ items: z.array(auditEntrySchema), after: z.int().nullable() });

const SIGNED_IN = { who: "signed-in" } as const;
const ADMINISTRATOR = { who: "administrator" } as const;
const ANYONE = { who: "anyone" } as const;

/** Routes for signing in, accounts and tokens. */
export const accountRoutes = {
  getSession: {
    ...{ method: "GET", url: "/v1/engine/session", rule: ANYONE, answer: sessionSchema },
    summary: "Who the client is signed in as",
  },
  signIn: {
    ...{ method: "POST", url: "/v1/engine/session", rule: ANYONE, status: 201 },
    summary: "Sign in; the session is a cookie",
    body: z.strictObject({ name: textSchema(200), password }),
    answer: sessionSchema,
  },
  signOut: {
    ...{ method: "DELETE", url: "/v1/engine/session", rule: ANYONE },
    summary: "End the session",
  },
  changePassword: {
    ...{ method: "PUT", url: "/v1/engine/password", rule: SIGNED_IN },
    summary: "Change the own password; all own sessions end",
    body: z.strictObject({ present: password, next: password }),
  },
  listTokens: {
    ...{ method: "GET", url: "/v1/engine/tokens", rule: SIGNED_IN, answer: z.array(tokenSchema) },
    summary: "The own API tokens, revoked ones too",
  },
  createToken: {
    ...{ method: "POST", url: "/v1/engine/tokens", rule: SIGNED_IN, status: 201 },
    summary: "Make an API token; its secret is shown once",
    body: z.strictObject({ name: nameSchema }),
    answer: tokenSchema.extend({ secret: z.string() }),
  },
  revokeToken: {
    ...{ method: "DELETE", url: "/v1/engine/tokens/:token", rule: SIGNED_IN, answer: tokenSchema },
    summary: "End an own API token for ever",
  },
  listPeople: {
    ...{ method: "GET", url: "/v1/engine/people", rule: ADMINISTRATOR },
    summary: "All accounts, in the order in which they were added",
    query: z.strictObject(pageQuery),
    answer: pageOf(personSchema),
  },
  addPerson: {
    ...{ method: "POST", url: "/v1/engine/people", rule: ADMINISTRATOR, status: 201, answer: personSchema },
    summary: "Add an account; without a password, for people whom a proxy identifies",
    body: z.strictObject({
      name: textSchema(200),
      password: password.optional(),
      administrator: z.boolean().optional(),
    }),
  },
  getPerson: {
    ...{ method: "GET", url: "/v1/engine/people/:person", rule: ADMINISTRATOR, answer: personSchema },
    summary: "An account",
  },
  updatePerson: {
    ...{ method: "PATCH", url: "/v1/engine/people/:person", rule: ADMINISTRATOR, answer: personSchema },
    summary: "Disable or enable an account, or make it an administrator or not",
    body: z.strictObject({ administrator: z.boolean().optional(), disabled: z.boolean().optional() }),
  },
  resetPassword: {
    ...{ method: "PUT", url: "/v1/engine/people/:person/password", rule: ADMINISTRATOR },
    summary: "Set another person's password; that person's sessions end",
    body: z.strictObject({ password }),
  },
  readAuditLog: {
    ...{ method: "GET", url: "/v1/engine/audit-log", rule: ADMINISTRATOR },
    summary: "What was changed, by whom and when, first to last",
    query: auditQuery,
    answer: auditPage,
  },
} as const satisfies Record<string, EngineRoute>;

const MEMBER = { who: "member", role: "worker", of: "project" } as const;
const MAINTAINER = { who: "member", role: "maintainer", of: "project" } as const;

/** Routes for the people of a project. */
export const memberRoutes = {
  listMembers: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/members", rule: MEMBER },
    summary: "The people of a project, by name",
    answer: z.array(memberSchema),
  },
  addMember: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/members", rule: MAINTAINER, status: 201 },
    summary: "Add a person by name, or change the person's role",
    body: z.strictObject({ name: textSchema(200), role: roleSchema }),
    answer: memberSchema,
  },
  setMember: {
    ...{ method: "PUT", url: "/v1/engine/projects/:project/members/:person", rule: MAINTAINER },
    summary: "Change the role of a member",
    body: z.strictObject({ role: roleSchema }),
    answer: memberSchema,
  },
  removeMember: {
    ...{ method: "DELETE", url: "/v1/engine/projects/:project/members/:person", rule: MEMBER },
    summary: "Remove a member; everyone may remove themselves, maintainers others",
  },
  listInvitations: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/invitations", rule: MAINTAINER },
    summary: "The invitations to a project",
    answer: z.array(invitationSchema),
  },
  createInvitation: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/invitations", rule: MAINTAINER, status: 201 },
    summary: "Make an invitation; its secret is shown once",
    body: z.strictObject({ role: roleSchema, expiresInMs: z.int().min(1).max(2_592_000_000).optional() }),
    answer: invitationSchema.extend({ secret: z.string() }),
  },
  revokeInvitation: {
    ...{ method: "DELETE", url: "/v1/engine/invitations/:invitation" },
    rule: { who: "member", role: "maintainer", of: "invitation" },
    summary: "End an invitation that nobody has accepted",
  },
  getInvitationOffer: {
    ...{ method: "POST", url: "/v1/engine/invitation-offers", rule: ANYONE },
    summary: "What an invitation's secret is for",
    body: z.strictObject({ secret }),
    answer: z.strictObject({
      projectName: z.string(),
      role: roleSchema,
      invitedBy: z.string(),
      expiresAt: timeSchema,
    }),
  },
  acceptInvitation: {
    ...{ method: "POST", url: "/v1/engine/memberships", rule: SIGNED_IN, status: 201 },
    summary: "Join a project by an invitation",
    body: z.strictObject({ secret }),
    answer: memberSchema.extend({ project: idSchema }),
  },
  joinByInvitation: {
    ...{ method: "POST", url: "/v1/engine/accounts", rule: ANYONE, status: 201 },
    summary: "Make an account and join a project by an invitation; the session is a cookie",
    body: z.strictObject({ secret, name: textSchema(200), password }),
    answer: z.strictObject({ person: personSchema, project: idSchema }),
  },
  readProjectAuditLog: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/audit-log", rule: MAINTAINER },
    summary: "What was changed in a project, by whom and when, first to last",
    query: auditQuery,
    answer: auditPage,
  },
} as const satisfies Record<string, EngineRoute>;
