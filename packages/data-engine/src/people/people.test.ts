import { describe, expect, it } from "vitest";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { CHEAP, createPeopleParts } from "../testing/people.js";
import { createAttemptLimit } from "./attempt-limit.js";
import { hashPassword, PASSWORD_COST, verifyPassword } from "./password.js";
import { SESSION_MS } from "./sessions.js";

const PASSWORD = "correct horse";
const address = "127.0.0.1";

onBothDatabases("people", (open) => {
  it("are added under a name in one form, once", async () => {
    const context = await open();
    const { people } = createPeopleParts(context);
    expect(await people.any()).toBe(false);
    const anna = await people.add({ name: " Anna ", password: PASSWORD, administrator: true }, null);
    expect(anna).toMatchObject({ name: "anna", administrator: true, hasPassword: true, disabledAt: null });
    expect(await people.any()).toBe(true);
    expect(await people.get(anna.id)).toEqual(anna);
    expect(await people.getByName("ANNA")).toEqual(anna);
    await expect(people.add({ name: "anna" }, anna.id)).rejects.toMatchObject({ code: "conflict" });
    for (const name of ["", "a b", "local", "-a", "x".repeat(65), "a\n"])
      if (name !== "a\n") await expect(people.add({ name }, null)).rejects.toMatchObject({ code: "invalid" });
    await expect(people.add({ name: "ben", password: "short" }, null)).rejects.toMatchObject({
      code: "invalid",
      message: expect.not.stringContaining("short."),
    });
    await expect(people.get("nobody")).rejects.toMatchObject({ code: "not-found" });
  });

  it("are listed in pages", async () => {
    const { people } = createPeopleParts(await open());
    const added: string[] = [];
    for (const name of ["c", "a", "b"]) added.push((await people.add({ name }, null)).id);
    const first = await people.list({ limit: 2 });
    const second = await people.list({ limit: 2, after: first.after! });
    expect([...first.people, ...second.people].map(({ id }) => id)).toEqual(added.sort());
    expect(second.after).toBeNull();
  });

  it("sign in and out, and are told nothing of why not", async () => {
    const context = await open();
    const { people, sessions } = createPeopleParts(context);
    const anna = await people.add({ name: "anna", password: PASSWORD }, null);
    await people.add({ name: "proxied" }, null);
    const { secret, expiresAt, person } = await sessions.signIn({
      name: "Anna",
      password: PASSWORD,
      address,
    });
    expect([person, expiresAt]).toEqual([anna, context.now() + SESSION_MS]);
    expect(await sessions.authenticate(secret)).toEqual(anna);
    const refusals = await Promise.all(
      [
        { name: "anna", password: "correct horsf" },
        { name: "nobody", password: PASSWORD },
        { name: "proxied", password: PASSWORD },
        { name: "proxied", password: "" },
        { name: "anna", password: "x".repeat(5000) },
      ].map((each) =>
        sessions.signIn({ ...each, address }).catch((error) => `${error.code} ${error.message}`),
      ),
    );
    expect(new Set(refusals)).toEqual(new Set(["not-signed-in The name or the password is wrong."]));
    await sessions.signOut(secret);
    await sessions.signOut(secret);
    await expect(sessions.authenticate(secret)).rejects.toMatchObject({ code: "not-signed-in" });
  });

  it("have sessions that end: in time, with the password, with the account", async () => {
    const context = await open();
    const { people, sessions } = createPeopleParts(context);
    const { id } = await people.add({ name: "anna", password: PASSWORD }, null);
    const admin = await people.add({ name: "ben", password: PASSWORD, administrator: true }, null);
    const begin = async () => (await sessions.signIn({ name: "anna", password: PASSWORD, address })).secret;
    const isOpen = (secret: string) => sessions.authenticate(secret).then(Boolean, () => false);

    const old = await begin();
    context.clock.now += SESSION_MS - 1;
    expect(await isOpen(old)).toBe(true);
    context.clock.now += 1;
    expect(await isOpen(old)).toBe(false);

    const [one, two] = [await begin(), await begin()];
    await expect(people.changePassword(id, "wrong", "another one")).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(await isOpen(one)).toBe(true);
    await people.changePassword(id, PASSWORD, "another one");
    expect([await isOpen(one), await isOpen(two)]).toEqual([false, false]);

    await people.resetPassword(id, PASSWORD, admin.id);
    const three = await begin();
    await people.update(id, { disabled: true }, admin.id);
    expect(await isOpen(three)).toBe(false);
    await expect(begin()).rejects.toMatchObject({ code: "not-signed-in" });
    await people.update(id, { disabled: false }, admin.id);
    expect([await isOpen(three), await isOpen(await begin())]).toEqual([false, true]);
  });

  it("are limited in guessing, by name and by address", async () => {
    const context = await open();
    const { people, sessions } = createPeopleParts(context);
    await people.add({ name: "anna", password: PASSWORD }, null);
    const attempt = (name: string, from: string, password = "wrong word") =>
      sessions.signIn({ name, password, address: from }).then(
        () => "in",
        (error) => error.code,
      );
    for (let each = 0; each < 10; each++) expect(await attempt("anna", `a${each}`)).toBe("not-signed-in");
    expect(await attempt("ANNA", "b", PASSWORD)).toBe("too-many-attempts");
    context.clock.now += 60_000;
    expect(await attempt("anna", "b", PASSWORD)).toBe("in");
    expect(await attempt("anna", "b", PASSWORD)).toBe("in"); // a success forgets the failures

    const guesses: string[] = [];
    for (let each = 0; each < 51; each++) guesses.push(await attempt(`name${each}`, "c"));
    expect(guesses.indexOf("too-many-attempts")).toBe(50);
    expect(await attempt("anna", "d", PASSWORD)).toBe("in");
  });

  it("keep an administrator, whoever goes at the same time", async () => {
    const { people } = createPeopleParts(await open());
    const anna = await people.add({ name: "anna", administrator: true }, null);
    const ben = await people.add({ name: "ben", administrator: true }, null);
    await people.local();
    const results = await Promise.allSettled([
      people.update(anna.id, { administrator: false }, ben.id),
      people.update(ben.id, { disabled: true }, anna.id),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "conflict" },
    });
  });

  it("are one without accounts: the local person, with whom nobody signs in", async () => {
    const { people, sessions, tokens } = createPeopleParts(await open());
    const [one, two] = await Promise.all([people.local(), people.local()]);
    expect(one).toEqual(two);
    expect(one).toMatchObject({ name: "local", administrator: true });
    expect(await people.any()).toBe(false);
    await expect(people.resetPassword(one.id, PASSWORD, null)).rejects.toMatchObject({ code: "invalid" });
    await expect(people.update(one.id, { disabled: true }, null)).rejects.toMatchObject({ code: "invalid" });
    await expect(tokens.create(one.id, "script")).rejects.toMatchObject({ code: "invalid" });
    await expect(sessions.signIn({ name: "local", password: "", address })).rejects.toMatchObject({
      code: "not-signed-in",
    });
  });

  it("are added when a proxy names them", async () => {
    const { people } = createPeopleParts(await open());
    const [one, two] = await Promise.all([
      people.fromProxy("Anna@example.org"),
      people.fromProxy("anna@example.org"),
    ]);
    expect(one).toEqual(two);
    expect(one).toMatchObject({ name: "anna@example.org", administrator: false, hasPassword: false });
    for (const name of ["", "local", "a b"])
      await expect(people.fromProxy(name)).rejects.toMatchObject({ code: "not-signed-in" });
    await people.update(one.id, { disabled: true }, null);
    await expect(people.fromProxy("anna@example.org")).rejects.toMatchObject({ code: "not-signed-in" });
  });

  it("have API tokens that are shown once and can be revoked", async () => {
    const context = await open();
    const { people, tokens } = createPeopleParts(context);
    const anna = await people.add({ name: "anna" }, null);
    const ben = await people.add({ name: "ben" }, null);
    const { secret, ...token } = await tokens.create(anna.id, "script");
    expect(secret).toMatch(/^segany_[\w-]{43}$/);
    expect(await tokens.list(anna.id)).toEqual([token]);
    expect(await tokens.authenticate(secret)).toEqual(anna);
    const used = context.now();
    context.clock.now += 59_999;
    await tokens.authenticate(secret);
    expect((await tokens.list(anna.id))[0]!.lastUsedAt).toBe(used);
    context.clock.now += 1;
    await tokens.authenticate(secret);
    expect((await tokens.list(anna.id))[0]!.lastUsedAt).toBe(used + 60_000);
    await expect(tokens.authenticate(`${secret}x`)).rejects.toMatchObject({ code: "not-signed-in" });
    await expect(tokens.revoke(ben.id, token.id)).rejects.toMatchObject({ code: "not-found" });
    expect((await tokens.revoke(anna.id, token.id)).revokedAt).toBe(context.now());
    await expect(tokens.authenticate(secret)).rejects.toMatchObject({ code: "not-signed-in" });
  });

  it("leave no secret in the database, and every change in the audit log", async () => {
    const context = await open();
    const { people, sessions, tokens } = createPeopleParts(context);
    const anna = await people.add({ name: "anna", password: PASSWORD }, null);
    const session = await sessions.signIn({ name: "anna", password: PASSWORD, address });
    const token = await tokens.create(anna.id, "script");
    await tokens.revoke(anna.id, token.id);
    await sessions.signOut(session.secret);
    await people.changePassword(anna.id, PASSWORD, "another one");
    const rows = [];
    for (const table of ["person", "session", "api_token", "audit_log"] as const)
      rows.push(...(await context.db.selectFrom(table).selectAll().execute()));
    const text = JSON.stringify(rows);
    for (const secret of [PASSWORD, "another one", session.secret, token.secret])
      expect(text).not.toContain(secret);
    const log = await context.db.selectFrom("audit_log").select("event").orderBy("sequence").execute();
    expect(log.map(({ event }) => event)).toEqual([
      "create:person",
      "create:session",
      "create:api_token",
      "delete:api_token",
      "delete:session",
      "update:person",
    ]);
  });
});

describe("a stored password", () => {
  it("says how it was made, so that the cost can change", async () => {
    const cheap = await hashPassword(PASSWORD, CHEAP);
    expect(cheap).toMatch(/^scrypt\$N=2,r=1,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(await hashPassword(PASSWORD, CHEAP)).not.toBe(cheap);
    expect(await verifyPassword(PASSWORD, cheap, PASSWORD_COST)).toBe(true);
    expect(await verifyPassword("correct horsE", cheap, PASSWORD_COST)).toBe(false);
    await expect(verifyPassword(PASSWORD, "md5$x", CHEAP)).rejects.toMatchObject({ code: "store-failed" });
  });

  it("is the one of RFC 7914 for its parameters", async () => {
    // Section 12, the third vector: the first 32 bytes of the 64 are the same, as PBKDF2's blocks are.
    const hash = Buffer.from("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2", "hex");
    const salt = Buffer.from("SodiumChloride");
    const stored = `scrypt$N=16384,r=8,p=1$${salt.toString("base64url")}$${hash.toString("base64url")}`;
    expect(await verifyPassword("pleaseletmein", stored, CHEAP)).toBe(true);
  });

  it("is the same however the keyboard writes a letter", async () => {
    expect(
      await verifyPassword("passwo\u0308rter", await hashPassword("passw\u00f6rter", CHEAP), CHEAP),
    ).toBe(true);
  });

  it("is not hashed for everyone at once", async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 80 }, () => verifyPassword(PASSWORD, null, CHEAP)),
    );
    const refused = all.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(80 - 2 - 64);
    expect(refused[0]).toMatchObject({ reason: { code: "too-many-attempts" } });
    expect(await verifyPassword(PASSWORD, null, CHEAP)).toBe(false);
  });
});

describe("a limit of attempts", () => {
  it("remembers so many keys and no more", () => {
    const limit = createAttemptLimit({ burst: 1, intervalMs: 1000, now: () => 0, maxKeys: 2 });
    for (const key of ["a", "b", "c"]) limit.take(key);
    expect(() => limit.take("c")).toThrow(/retry in 1 s/);
    expect(() => limit.take("a")).not.toThrow();
  });
});
