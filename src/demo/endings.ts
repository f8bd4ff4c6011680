import type { DemoContainer } from "./containers.ts";
import type { Machine } from "./machine.ts";
import type { Ending } from "./runtime.ts";
import { socketsOf } from "./sockets.ts";
import { storeProcess } from "./store-process.ts";

/** How the process of a container on the machine ends by itself, when it is started now; undefined when it goes on. */
export function endingOf(container: DemoContainer, machine: Machine): Ending | undefined {
  const program = (container.argv[0] ?? "").replace(/^.*\//, "");
  switch (program) {
    case "true":
      return { afterMs: 50, code: 0, words: [] };
    case "false":
      return { afterMs: 50, code: 1, words: [] };
    case "hello":
      return { afterMs: 50, code: 0, words: ["Hello from Docker!"] };
    case "echo":
      return { afterMs: 50, code: 0, words: [container.argv.slice(1).join(" ")] };
    case "sleep": {
      const seconds = Number(container.argv[1]);
      return Number.isFinite(seconds) ? { afterMs: seconds * 1000, code: 0, words: [] } : undefined;
    }
    default:
      return portTaken(container, machine);
  }
}

/** A server that cannot have the ports it needs gives up at once. */
function portTaken(container: DemoContainer, machine: Machine): Ending | undefined {
  const wanted = storeProcess(container);
  if (wanted === undefined || wanted.memberPorts.tcp.length === 0) return undefined;
  const others = socketsOf(machine, container);
  const taken = [wanted.port, ...wanted.memberPorts.tcp].find((port) =>
    others.some(
      (one) => one.protocol === "tcp" && one.port === port && ["0.0.0.0", "::", wanted.address].includes(one.address),
    ),
  );
  if (taken === undefined) return undefined;
  return {
    afterMs: 200,
    code: 1,
    words: [`==> Error starting agent: listen tcp ${wanted.address}:${taken}: bind: address already in use`],
  };
}
