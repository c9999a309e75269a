/**
 * The secret in an `Authorization` header: a bearer token, or the password of programs that can send only a
 * name and a password, such as Label Studio.
 */
export function secretOf(authorization = ""): string | undefined {
  const [, scheme = "", value = ""] = /^(Bearer|Basic) +(.+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== "basic") return value || undefined;
  const [, password] = /^[^:]*:(.+)$/s.exec(Buffer.from(value, "base64").toString("utf8")) ?? [];
  return password;
}
