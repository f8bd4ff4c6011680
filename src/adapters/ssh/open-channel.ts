import type { Client, ClientChannel } from "ssh2";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import { ChannelSocket, type EmptyEnd } from "./channel-socket.ts";
import { channelTrouble, type SshError } from "./trouble.ts";

/** Asks ssh2 for a channel; it throws at once when the connection is gone. */
export type Opener = (client: Client, done: (error: SshError | undefined, channel: ClientChannel) => void) => unknown;

/** Opens a channel. One that opens after `signal` aborted is closed again. */
export function openChannel(
  client: Client,
  open: Opener,
  signal: AbortSignal,
  refusal: (error: SshError) => Trouble = channelTrouble,
): Promise<Outcome<ClientChannel>> {
  if (signal.aborted) return Promise.resolve(bad({ kind: "cancelled" }));
  return new Promise((resolve) => {
    const settle = (outcome: Outcome<ClientChannel>) => {
      signal.removeEventListener("abort", cancel);
      resolve(outcome);
    };
    const cancel = () => settle(bad({ kind: "cancelled" }));
    signal.addEventListener("abort", cancel, { once: true });
    try {
      open(client, (error, channel) => {
        if (error) return settle(bad(refusal(error)));
        if (signal.aborted) closed(channel);
        else settle(good(channel));
      });
    } catch (error) {
      settle(bad(channelTrouble(error as SshError)));
    }
  });
}

/** The same as a socket. */
export async function openSocket(
  client: Client,
  open: Opener,
  signal: AbortSignal,
  refusal?: (error: SshError) => Trouble,
  emptyEnd?: EmptyEnd,
): Promise<Outcome<ChannelSocket>> {
  const channel = await openChannel(client, open, signal, refusal);
  return channel.ok ? good(new ChannelSocket(channel.value, emptyEnd)) : channel;
}

/** Lets go of a channel that nobody wants any more; unread, it would never close. */
function closed(channel: ClientChannel): void {
  channel.on("error", () => undefined);
  channel.resume();
  channel.stderr?.resume();
  channel.close();
}
