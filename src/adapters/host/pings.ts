import { type PingResult, parsePing } from "../../domain/ping/ping.ts";
import { isAddress } from "../../domain/subnets.ts";
import { text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { PingAsked } from "../../ports/node-control.ts";
import type { Transport } from "../transport.ts";
import { runSections } from "./sections.ts";

/*
 * The node's own ping in the container's network (nsenter(1)), so that an image needs no tools; where the node lacks
 * one of them, the container's own. All at once, at most 32. Arguments: pairs of container and address.
 */
const script = `
one() {
  pid=$(docker inspect -f '{{.State.Pid}}' "$1" 2>&1) || { printf '%s\\n' "$pid"; return; }
  if command -v nsenter >/dev/null && command -v ping >/dev/null; then
    timeout 8 nsenter -t "$pid" -n ping -n -q -c 3 -i 0.2 -W 1 "$2" 2>&1
  else timeout 8 docker exec "$1" ping -c 3 -W 1 "$2" 2>&1
  fi
}
folder=$(mktemp -d /tmp/ovl-tui-ping-XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT
number=0
while [ $# -ge 2 ]; do
  one "$1" "$2" >"$folder/$number" &
  shift 2
  number=$((number + 1))
  if [ $((number % 32)) -eq 0 ]; then wait; fi
done
wait
at=0
while [ $at -lt $number ]; do
  section ping "$at"; cat "$folder/$at"
  at=$((at + 1))
done
section end
`;

/** Pings from containers of the node at the other end of `transport`; the results in the order of what was asked. */
export async function pingFrom(
  transport: Transport,
  asked: readonly PingAsked[],
  within: Deadline,
): Promise<Outcome<readonly PingResult[]>> {
  const sure = asked.filter(({ address }) => isAddress(address));
  const args = sure.flatMap(({ container, address }) => [container, address]);
  const ran = await runSections(transport, text`${transport.node}: pings`, script, args, within, { root: true });
  if (!ran.ok) return ran;
  const printed = new Map(ran.value.map((section) => [section.title, section.content]));
  return good(
    asked.map((one): PingResult => {
      const at = sure.indexOf(one);
      if (at < 0) return { state: "not tried", why: text`not an address` };
      return parsePing(printed.get(String(at)) ?? "");
    }),
  );
}
