import { clean, type SafeText } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";

/** Of the engine that root's docker.service runs, and that plans configure. */
export const rootful = "/var/run/docker.sock";

/**
 * `docker system dial-stdio`, told which engine: by itself it goes where DOCKER_HOST or `docker context use` lead, and
 * the set-up of a rootless engine makes that one the user's usual (moby contrib/dockerd-rootless-setuptool.sh).
 */
export const dialStdio = {
  rootful: `docker -H unix://${rootful} system dial-stdio`,
  rootless: `/bin/sh -c 'exec docker -H "unix://\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/docker.sock" system dial-stdio'`,
} as const;

/** What the sockets look like to the user who logged in, and how the engine is: one line a fact. */
export const diagnosis = `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
command -v docker >/dev/null 2>&1 && echo client
command -v dockerd >/dev/null 2>&1 && echo daemon
state=$(systemctl is-active docker 2>/dev/null); echo "unit $state"
for s in ${rootful} "\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/docker.sock"; do
  [ -S "$s" ] || continue
  echo "socket $s"
  [ -r "$s" ] && [ -w "$s" ] && echo "open $s"
done
:
`;

/** The engine that a node is operated by, and what is known of its socket. */
export interface DockerSocket {
  engine: keyof typeof dialStdio;
  path: string;
  /** Whether the user who logged in may open it. */
  isOpen: boolean;
  /** systemd's word for docker.service; "" where nobody knows. */
  unit: SafeText;
}

/**
 * Which socket it is, by what `diagnosis` printed. Where root's is there it is the one, also for a user who may not open
 * it and has a rootless engine of their own: the operator means the node, and the plans change root's.
 */
export function dockerSocket(printed: string): Outcome<DockerSocket> {
  const lines = printed.split("\n");
  const fact = (key: string) => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
  const unit = clean(fact("unit") ?? "");
  const stopped = unit === "inactive" || unit === "failed";
  const path = fact("socket");
  if (path === undefined) {
    if (stopped && lines.includes("daemon")) return bad({ kind: "docker-stopped", detail: unit });
    return bad(
      lines.includes("client") || lines.includes("daemon") || unit === "active"
        ? { kind: "docker-socket-missing", path: clean(rootful) }
        : { kind: "docker-missing" },
    );
  }
  const isOpen = lines.includes(`open ${path}`);
  if (path !== rootful) return good({ engine: "rootless", path, isOpen, unit });
  // Nobody is asked for a password only to be told that there is nothing behind it.
  if (stopped && !isOpen) return bad({ kind: "docker-stopped", detail: unit });
  return good({ engine: "rootful", path, isOpen, unit });
}
