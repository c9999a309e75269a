import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { DataEngineError } from "../errors.js";

/** How much work a guess is: scrypt's N, r and p (RFC 7914). */
export interface PasswordCost {
  /** A power of 2. Memory is 128 · N · r bytes. */
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB; with p = 3 the least that OWASP's cheat sheet on password storage recommends for this size. */
export const PASSWORD_COST: PasswordCost = { N: 2 ** 15, r: 8, p: 3 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MIN_LENGTH = 8;
const MAX_LENGTH = 1024;

/** Passwords that are hashed at the same time: each takes a thread and the memory of its cost. */
const MAX_HASHING = 2;
const MAX_WAITING = 64;

/**
 * Hashes a password.
 *
 * @returns `scrypt$N=32768,r=8,p=3$salt$hash`, salt and hash in base64url
 * @throws DataEngineError `invalid` for a password that is too short or too long
 */
export async function hashPassword(password: string, cost: PasswordCost): Promise<string> {
  if (password.length < MIN_LENGTH || password.length > MAX_LENGTH)
    throw new DataEngineError(
      "invalid",
      `The password has ${password.length} characters; use ${MIN_LENGTH} to ${MAX_LENGTH}.`,
    );
  const salt = randomBytes(SALT_BYTES);
  return format(cost, salt, await derive(password, salt, cost));
}

/**
 * Whether the password is the stored one, compared in constant time. Without a stored one (an unknown name,
 * or a person whom a proxy identifies) the same work is done for nothing, so that the time tells no names.
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
  cost: PasswordCost,
): Promise<boolean> {
  if (password.length > MAX_LENGTH) return false;
  const parts = stored === null ? undefined : parse(stored);
  const { salt, hash, cost: storedCost } = parts ?? dummy(cost);
  const isSame = timingSafeEqual(await derive(password, salt, storedCost), hash);
  return isSame && parts !== undefined;
}

interface StoredPassword {
  readonly cost: PasswordCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

function dummy(cost: PasswordCost): StoredPassword {
  return { cost, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };
}

function format({ N, r, p }: PasswordCost, salt: Buffer, hash: Buffer): string {
  return `scrypt$N=${N},r=${r},p=${p}$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

function parse(stored: string): StoredPassword {
  const [, N, r, p, salt, hash] =
    /^scrypt\$N=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]{43})$/.exec(stored) ?? [];
  if (!N || !salt || !hash)
    throw new DataEngineError("store-failed", "A stored password has an unknown form; set it again.");
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64url"),
    hash: Buffer.from(hash, "base64url"),
  };
}

let hashing = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, { N, r, p }: PasswordCost): Promise<Buffer> {
  await takeTurn();
  try {
    const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r + 2 ** 20 };
    return await new Promise((resolve, reject) =>
      // One form for letters that can be written in several: keyboards differ.
      scrypt(password.normalize("NFKC"), salt, HASH_BYTES, options, (error, hash) =>
        error ? reject(error) : resolve(hash),
      ),
    );
  } finally {
    const next = waiting.shift();
    if (next) next();
    else hashing--;
  }
}

async function takeTurn(): Promise<void> {
  if (hashing < MAX_HASHING) {
    hashing++;
    return;
  }
  if (waiting.length >= MAX_WAITING)
    throw new DataEngineError("too-many-attempts", "Too many people sign in at this moment; retry later.");
  await new Promise<void>((resolve) => waiting.push(resolve));
}
