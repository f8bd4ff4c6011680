import type { LabNode } from "./lab.ts";

/** An sshd of its own configuration beside the host's, on `port`; both answer with the host's keys. */
export async function extraSshd(node: LabNode, port: number, ...lines: readonly string[]): Promise<void> {
  const configuration = [
    `Port ${port}`,
    `PidFile /run/sshd-${port}.pid`,
    "UsePAM yes",
    "UseDNS no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    ...lines,
  ];
  // Of a keyword only the first value counts (sshd_config(5)).
  const unique = new Map(configuration.map((line) => [line.split(" ")[0], line]));
  await node.must(
    `printf '%s\n' "$2" >/run/sshd-$1.conf && stopped=$(cat /run/sshd-$1.pid 2>/dev/null) && kill $stopped &&
       while kill -0 $stopped 2>/dev/null; do sleep 0.05; done
     exec /usr/sbin/sshd -f /run/sshd-$1.conf`,
    String(port),
    [...unique.values()].join("\n"),
  );
}
