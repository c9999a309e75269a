import { createHash, randomBytes } from "node:crypto";

/** A secret with 256 random bits. The prefix tells what it is for, to people and to scanners of leaks. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString("base64url")}`;
}

/** What is stored of a secret: it has too many bits to be guessed, so that a plain hash is enough. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
