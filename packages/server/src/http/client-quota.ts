import { ServerError } from "../errors.js";

/** A quota shared among clients, with a limit per client. */
export interface ClientQuota {
  /**
   * Takes a share of the quota.
   *
   * @param address of the client
   * @param amount to take, default 1
   * @returns a function that releases the share; further calls do nothing
   * @throws ServerError `too-many-requests` above the client's limit, `overloaded` above the total limit
   */
  take(address: string, amount?: number): () => void;
}

export interface QuotaLimits {
  readonly total: number;
  readonly perClient: number;
  /** For messages, for example "event streams". */
  readonly what: string;
}

export function createClientQuota({ total, perClient, what }: QuotaLimits): ClientQuota {
  const taken = new Map<string, number>();
  let all = 0;

  function add(client: string, amount: number): void {
    all += amount;
    const left = (taken.get(client) ?? 0) + amount;
    if (left > 0) taken.set(client, left);
    else taken.delete(client);
  }

  return {
    take(address, amount = 1) {
      const client = clientOf(address);
      if ((taken.get(client) ?? 0) + amount > perClient) {
        throw new ServerError(
          "too-many-requests",
          `One client may have ${perClient} ${what}; close some first.`,
          {
            retryAfterS: 1,
          },
        );
      }
      if (all + amount > total) {
        throw new ServerError("overloaded", `The server allows at most ${total} ${what}; retry later.`, {
          retryAfterS: 5,
        });
      }
      add(client, amount);
      let isTaken = true;
      return () => {
        if (isTaken) add(client, -amount);
        isTaken = false;
      };
    },
  };
}

/** Groups addresses by client: an IPv6 client has all addresses with the same first half. */
export function clientOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  return address.includes(":") ? firstHalf(address) : address;
}

/** The first four of eight groups; "::" stands for as many zero groups as are missing. */
function firstHalf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("%")[0]!.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const zeros = new Array<string>(tail === undefined ? 0 : 8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
