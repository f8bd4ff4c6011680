import { joined, text } from "../text.ts";
import { type Check, knownConfigs } from "./check.ts";

/** dockerd on TCP without client certificates: whoever reaches the port starts a container with the machine's root in it. */
export const insecureListener: Check = {
  id: "insecure-listener",
  find: (seen) =>
    knownConfigs(seen).flatMap(({ node, value }) => {
      const open = value.listeners.filter((one) => one.insecure);
      if (open.length === 0) return [];
      return [
        {
          severity: "warning",
          title: text`Root for everyone on ${node.name}: ${joined(open.map((one) => one.address))} without TLS`,
          node: node.name,
          evidence: open.map(({ address, origin }) =>
            origin.kind === "process"
              ? text`${address}, as the process was started`
              : text`${address} from ${origin.path}`,
          ),
          remedy: text`Remove this listener from ${node.name}: neither the overlay nor this program needs one. Whoever does need it should use --tlsverify with certificates.`,
        },
      ];
    }),
};
