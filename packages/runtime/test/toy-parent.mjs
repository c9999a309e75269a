/** A process with a child, for tests of how they end together. */
import { createClient } from "@segany/runtime";
import { forkChannel } from "@segany/runtime/processes";

forkChannel(new URL("./toy-process.mjs", import.meta.url)); // never asked
const channel = forkChannel(new URL("./toy-process.mjs", import.meta.url));
const client = createClient(channel, {
  aborted: () => new Error("aborted"),
  lost: (how) => new Error(how),
  graceMs: 50,
});
await client.call("add", { a: 1, b: 2 });
console.log(channel.pid);
const how = process.argv[2];
if (how === "count") await client.call("count", 1000);
if (how === "wait") await client.call("wait", undefined);
if (how === "exit") {
  void client.call("hang", undefined);
  setTimeout(() => process.exit(7), 0);
}
