import { joined, type SafeText, text } from "./text.ts";
import type { Explained, Trouble } from "./trouble.ts";

/**
 * A trouble in the operator's words: what happened, short enough for a row, and one sentence on the way out that
 * names the node and what to type. `node` is the node's name, or the store's ("consul") for a trouble with the store.
 */
export function explain(trouble: Trouble, node: SafeText): Explained {
  switch (trouble.kind) {
    case "name-unresolved":
      return {
        what: text`cannot resolve ${trouble.host}`,
        remedy: text`No address is known for ${trouble.host}: run "getent hosts ${trouble.host}" here, then mend the name server or the ssh entry of ${node} in ovl.yaml; it is tried again by itself.`,
      };
    case "unreachable":
      return {
        what: because(text`no answer from ${trouble.host}`, trouble.detail),
        remedy: text`Is ${node} powered on and its network up? Run "ping ${trouble.host}" here and look at its console; it is tried again by itself.`,
      };
    case "connection-refused":
      return { what: text`connection refused on port ${trouble.port}`, remedy: refusedRemedy(trouble, node) };
    case "connection-lost":
      return {
        what: because(text`connection lost`, trouble.detail),
        remedy: text`${node} is tried again by itself; if it stays away, look at its console and its network.`,
      };
    case "timed-out":
      return {
        what: text`${trouble.what}: no answer in ${seconds(trouble.afterMs)}`,
        remedy: text`${node} hangs or is overloaded: run "uptime" and "dmesg | tail" on it; it is asked again by itself.`,
      };
    case "bastion-down":
      return {
        what: because(text`bastion ${trouble.bastion} is down`, trouble.detail),
        remedy: text`${node} is reached only through ${trouble.bastion}: run "ssh ${trouble.bastion}" here and mend that first; ${node} is then tried again by itself.`,
      };
    case "trouble-here":
      return {
        what: because(text`trouble on this machine`, trouble.detail),
        remedy: text`On this machine: ${trouble.remedy}; ${node} is tried again by itself.`,
      };
    case "authentication-failed":
      return { what: authenticationWords(trouble), remedy: authenticationRemedy(trouble, node) };
    case "host-key-unknown":
      return {
        what: text`host key unknown: ${trouble.keyType} ${trouble.fingerprint}`,
        remedy: text`On the console of ${node} run "for k in /etc/ssh/ssh_host_*.pub; do ssh-keygen -lf $k; done"; only if it shows the same fingerprint, add this line to known_hosts: ${trouble.line}`,
      };
    case "host-key-changed":
      return {
        what: text`host key changed: now ${trouble.keyType} ${trouble.fingerprint}`,
        remedy: text`Somebody may be between you and ${node}, or it was installed anew: compare the fingerprint with the one on its console, and only if it is the same remove the old key (${trouble.knownIn}).`,
      };
    case "host-key-revoked":
      return {
        what: text`host key revoked: ${trouble.fingerprint}`,
        remedy: text`${node} shows a key that is marked @revoked (${trouble.knownIn}): give it new host keys from its console before anybody logs in again.`,
      };
    case "misconfigured":
      return { what: trouble.detail, remedy: text`For ${node}: ${trouble.remedy}` };
    default:
      return explainOnNode(trouble, node);
  }
}

/** The part of `explain` for a node that answers while something on it does not. */
function explainOnNode(trouble: OnNode, node: SafeText): Explained {
  switch (trouble.kind) {
    case "sudo-refused":
      return {
        what: because(text`sudo refused for ${trouble.user}`, trouble.detail),
        remedy: text`Allow it on ${node} with "visudo" (${trouble.user} ALL=(root) ALL), or name a user in ovl.yaml who may, such as root.`,
      };
    case "tool-missing":
      return { what: text`${trouble.tool} is missing`, remedy: text`On ${node}: ${trouble.remedy}` };
    case "docker-missing":
      return {
        what: text`Docker is not installed`,
        remedy: text`Install the engine on ${node} ("apt-get install docker.io" on Debian, "dnf install docker-ce" where Docker's repository is set up), or take ${node} out of ovl.yaml.`,
      };
    case "docker-socket-missing":
      return {
        what: text`no Docker socket at ${trouble.path}`,
        remedy: text`The engine on ${node} is stopped or listens elsewhere: run "systemctl start docker" there, and "systemctl status docker" if that does not help.`,
      };
    case "docker-permission":
      return {
        what: text`${trouble.user} may not open ${trouble.path}`,
        remedy: text`Run "usermod -aG docker ${trouble.user}" as root on ${node} and connect again, or name a user in ovl.yaml who may, such as root.`,
      };
    case "docker-stopped":
      return {
        what: because(text`Docker is not running`, trouble.detail),
        remedy: text`Run "systemctl start docker" on ${node}; if it stops again, "journalctl -u docker -n 50" there says why.`,
      };
    case "engine-refused":
      return {
        what: because(text`the engine refused (${trouble.status})`, trouble.detail),
        remedy: text`The engine on ${node} gave this answer itself: "journalctl -u docker -n 50" there may say more.`,
      };
    case "api-too-old":
      return {
        what: text`Docker API ${trouble.version} is too old, ${trouble.needs} is needed`,
        remedy: text`Upgrade the engine on ${node}: "docker version" there shows what it runs.`,
      };
    case "bad-answer":
      return {
        what: because(text`${trouble.from} gave an answer that makes no sense`, trouble.detail),
        remedy: text`Something other than ${trouble.from} may answer on ${node}, or a proxy is in between: it is asked again by itself.`,
      };
    case "store-refused":
      return {
        what: because(text`${trouble.from} refused`, trouble.detail),
        remedy: text`The store answered ${node} with this itself: look at its log, and at tokens and access rules if it speaks of permission.`,
      };
    case "program-failed":
      return {
        what: because(text`${trouble.program} failed`, trouble.detail),
        remedy: text`Run ${trouble.program} by hand in its container on ${node}: it says the same, and the logs of its daemons may say more.`,
      };
    case "cancelled":
      return { what: text`cancelled`, remedy: text`It was stopped before ${node} had answered; ask again.` };
  }
}

type OnNode = Extract<
  Trouble,
  {
    kind:
      | "sudo-refused"
      | "tool-missing"
      | "docker-missing"
      | "docker-socket-missing"
      | "docker-permission"
      | "docker-stopped"
      | "engine-refused"
      | "api-too-old"
      | "bad-answer"
      | "store-refused"
      | "program-failed"
      | "cancelled";
  }
>;

type Refused = Extract<Trouble, { kind: "connection-refused" }>;
type AuthenticationFailed = Extract<Trouble, { kind: "authentication-failed" }>;

const because = (what: SafeText, detail: SafeText): SafeText => (detail === "" ? what : text`${what}: ${detail}`);

const seconds = (ms: number): SafeText => (ms < 1000 ? text`${ms} ms` : text`${Math.round(ms / 100) / 10} s`);

// 22 is sshd's; on any other port it may be sshd or the store.
function refusedRemedy({ host, port }: Refused, node: SafeText): SafeText {
  return port === 22
    ? text`${node} is up but no sshd listens on ${host} port 22: run "systemctl start ssh" (or sshd) on its console, or give its port in ovl.yaml; it is tried again by itself.`
    : text`${node}: ${host} is up but nothing listens on its port ${port}: start the service there, or correct the port in ovl.yaml; it is tried again by itself.`;
}

function authenticationWords({ user, tried }: AuthenticationFailed): SafeText {
  return tried.length === 0 ? text`login as ${user} refused` : text`login as ${user} refused, tried ${joined(tried)}`;
}

function authenticationRemedy({ user, hint }: AuthenticationFailed, node: SafeText): SafeText {
  return hint === ""
    ? text`Check user and identityFile of ${node} in ovl.yaml, or put your key there: "ssh-copy-id" as ${user}; it is not tried again before you ask.`
    : text`${node}: ${hint}`;
}
