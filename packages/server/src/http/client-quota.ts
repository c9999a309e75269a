import { ServerError } from "../errors.js";

/** Shares something out among clients, so that none can take all of it. */
export interface ClientQuota {
  /**
   * @param address of the client
   * @param amount of what is shared out; one unless said otherwise
   * @returns gives it back; further calls do nothing
   * @throws ServerError `too-many-requests` above the client's share, `overloaded` above that of all
   */
  take(address: string, amount?: number): () => void;
}

export interface QuotaLimits {
  readonly total: number;
  readonly perClient: number;
  /** For messages: "event streams". */
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
          `One client may have ${perClient} ${what}; end some of yours first.`,
          {
            retryAfterS: 1,
          },
        );
      }
      if (all + amount > total) {
        throw new ServerError("overloaded", `The server has ${total} ${what} at most; ask again later.`, {
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

/** Who has an IPv6 address has all that share its first half. */
function clientOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  return address.includes(":") ? firstHalf(address) : address;
}

/** The first four of eight groups; "::" stands for as many zeros as are missing. */
function firstHalf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("%")[0]!.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const zeros = new Array<string>(tail === undefined ? 0 : 8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
