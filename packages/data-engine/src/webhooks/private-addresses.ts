import { BlockList, isIP, isIPv6 } from "node:net";

/** Networks that are not the public internet (IANA's registries of special-purpose addresses). */
const NOT_PUBLIC_V4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"],
  ...["203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
];

/** The public internet is in 2000::/3; these parts of it are not, or carry addresses of other networks. */
const NOT_PUBLIC_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

const notPublicV4 = blockList(NOT_PUBLIC_V4, "ipv4");
const notPublicV6 = blockList(NOT_PUBLIC_V6, "ipv6");
const publicV6 = blockList(["2000::/3"], "ipv6");

/** @param address of version 4 or 6; what is neither is not public */
export function isPublicAddress(address: string): boolean {
  if (isIPv6(address)) return publicV6.check(address, "ipv6") && !notPublicV6.check(address, "ipv6");
  return isIP(address) === 4 && !notPublicV4.check(address, "ipv4");
}

function blockList(networks: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, prefix] = network.split("/");
    list.addSubnet(address!, Number(prefix), family);
  }
  return list;
}
