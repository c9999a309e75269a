/** The end of a channel at the side that answers. */
export interface ServingChannel {
  /**
   * Passes a message on, or drops it when the other side is gone.
   *
   * @param transfer memory that may be moved to the other side instead of copied, where the channel can
   * @throws when the message holds something that can't be copied
   */
  send(message: unknown, transfer?: readonly ArrayBufferLike[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /**
   * Resolves when everything that was sent has left this side. Absent where `send` takes it along at once: a
   * pipe holds few bytes, and the rest of a message waits for as long as this thread is busy.
   */
  flush?(): Promise<void>;
}

/** A two-way channel of structured messages to a child process, a worker, or another end in this process. */
export interface Channel extends ServingChannel {
  /**
   * Called once when the other side is gone, after its last message.
   *
   * @param listener hears how it ended: "signal SIGKILL", "exit status 1", or an error's message
   */
  onClose(listener: (how: string) => void): void;
  /** Ends the other side at once, whatever it is doing. */
  kill(): void;
  /** Tells whether answers are due. While none are, the other side does not keep this process alive. */
  setBusy?(busy: boolean): void;
}
