/** For tests: the two ends of a channel in one process. Messages are copied or moved as to a worker. */

import type { Channel, ServingChannel } from "../protocol/channel.js";

export interface ChannelPair {
  readonly client: Channel;
  readonly server: ServingChannel;
  /** What the client has sent, before it was copied. */
  readonly sent: unknown[];
  /** What the client has told of itself with `setBusy`. */
  readonly busy: boolean[];
  /** Ends the server's side, as if its process had died. */
  die(how: string): void;
  isAlive(): boolean;
}

export function channelPair(): ChannelPair {
  let closed: (how: string) => void = () => undefined;
  let alive = true;
  const sent: unknown[] = [];
  const busy: boolean[] = [];
  const toServer = oneWay(() => alive);
  const toClient = oneWay(() => alive);
  const die = (how: string) => {
    if (!alive) return;
    alive = false;
    closed(how);
  };
  return {
    sent,
    busy,
    die,
    isAlive: () => alive,
    server: { send: toClient.send, onMessage: toServer.onMessage },
    client: {
      send(message, transfer) {
        sent.push(message);
        toServer.send(message, transfer);
      },
      onMessage: toClient.onMessage,
      onClose(listener) {
        closed = listener;
      },
      kill: () => die("it was ended"),
      setBusy: (isBusy) => void busy.push(isBusy),
    },
  };
}

function oneWay(isOpen: () => boolean): ServingChannel {
  let receive: (message: unknown) => void = () => undefined;
  return {
    send(message, transfer = []) {
      const copy = structuredClone(message, { transfer: [...transfer] as ArrayBuffer[] });
      queueMicrotask(() => isOpen() && receive(copy));
    },
    onMessage(listener) {
      receive = listener;
    },
  };
}
