import { describe, expect, test } from "vitest";
import { explain } from "../../src/domain/explain.ts";
import { text } from "../../src/domain/text.ts";
import type { Trouble } from "../../src/domain/trouble.ts";

const host = text`192.168.44.103`;
const fingerprint = text`SHA256:hl1ZsBZFbmGz0oPuLTJIs5EpNBEv3m7yGsc3aNrzC1k`;

/** One of every kind: the compiler refuses this table when a kind is missing from it. */
const troubles: { [K in Trouble["kind"]]: Extract<Trouble, { kind: K }> } = {
  "name-unresolved": { kind: "name-unresolved", host: text`node103.example` },
  "trouble-here": {
    kind: "trouble-here",
    detail: text`"ssh -G node104" did not end in 5 s`,
    remedy: text`look at "uptime"`,
  },
  unreachable: { kind: "unreachable", host, detail: text`no route to host` },
  "connection-refused": { kind: "connection-refused", host, port: 22 },
  "connection-lost": { kind: "connection-lost", detail: text`keepalive timeout` },
  "timed-out": { kind: "timed-out", what: text`docker info`, afterMs: 5000 },
  "bastion-down": { kind: "bastion-down", bastion: text`gate`, detail: text`no answer` },
  "authentication-failed": {
    kind: "authentication-failed",
    user: text`root`,
    tried: [text`agent`, text`~/.ssh/id_ed25519`],
    hint: text``,
  },
  "host-key-unknown": {
    kind: "host-key-unknown",
    host,
    keyType: text`ssh-ed25519`,
    fingerprint,
    line: text`192.168.44.103 ssh-ed25519 AAAAC3Nz`,
  },
  "host-key-changed": {
    kind: "host-key-changed",
    host,
    keyType: text`ssh-ed25519`,
    fingerprint,
    knownIn: text`~/.ssh/known_hosts line 3`,
  },
  "host-key-revoked": { kind: "host-key-revoked", host, fingerprint, knownIn: text`~/.ssh/known_hosts line 3` },
  misconfigured: {
    kind: "misconfigured",
    detail: text`ssh knows no alias "n103"`,
    remedy: text`add it to ~/.ssh/config`,
  },
  "sudo-refused": { kind: "sudo-refused", user: text`ops`, detail: text`a password is required` },
  "tool-missing": { kind: "tool-missing", tool: text`nsenter`, remedy: text`install util-linux` },
  "docker-missing": { kind: "docker-missing" },
  "docker-socket-missing": { kind: "docker-socket-missing", path: text`/var/run/docker.sock` },
  "docker-permission": { kind: "docker-permission", user: text`ops`, path: text`/var/run/docker.sock` },
  "docker-stopped": { kind: "docker-stopped", detail: text`connection refused` },
  "engine-refused": { kind: "engine-refused", status: 500, detail: text`context deadline exceeded` },
  "api-too-old": { kind: "api-too-old", version: text`1.18`, needs: text`1.24` },
  "bad-answer": { kind: "bad-answer", from: text`docker info`, detail: text`ID is missing` },
  "store-refused": { kind: "store-refused", from: text`consul`, detail: text`Permission denied` },
  "program-failed": { kind: "program-failed", program: text`condor_status`, detail: text`Failed to connect` },
  cancelled: { kind: "cancelled" },
};
const node = text`node103`;
const all = Object.values(troubles).map((trouble) => ({ kind: trouble.kind, ...explain(trouble, node) }));

describe("every trouble in the operator's words", () => {
  test.each(all)("$kind says what happened in a row's width", ({ what }) => {
    expect(what).not.toBe("");
    expect(what.length).toBeLessThanOrEqual(90);
    expect(what).not.toMatch(/undefined|\[object|\.$/);
  });

  test.each(all)("$kind names the node and ends in one sentence", ({ kind, remedy }) => {
    expect(remedy).toContain("node103");
    expect(remedy).not.toMatch(/undefined|\[object|: $/);
    if (kind === "host-key-unknown") expect(remedy).toContain("192.168.44.103 ssh-ed25519 AAAAC3Nz");
  });

  test("no two kinds are told apart by their details alone", () => {
    expect(new Set(all.map(({ what }) => what)).size).toBe(all.length);
    expect(new Set(all.map(({ remedy }) => remedy)).size).toBe(all.length);
  });

  test("a refused port 22 asks for sshd, another port for the service behind it", () => {
    expect(explain({ kind: "connection-refused", host, port: 22 }, node)).toEqual({
      what: "connection refused on port 22",
      remedy: expect.stringContaining("systemctl start ssh"),
    });
    expect(explain({ kind: "connection-refused", host, port: 8500 }, text`consul`).remedy).not.toContain("ssh");
  });

  test("a stopped engine, a missing socket, no permission and no Docker at all each ask for something else to be typed", () => {
    expect(explain(troubles["docker-stopped"], node).remedy).toContain("journalctl -u docker");
    expect(explain(troubles["docker-socket-missing"], node).remedy).toContain("systemctl status docker");
    expect(explain(troubles["docker-permission"], node).remedy).toContain("usermod -aG docker ops");
    expect(explain(troubles["docker-missing"], node).remedy).toContain("Install");
  });

  test("a changed host key is never answered with a way to accept it as it is", () => {
    const { remedy } = explain(troubles["host-key-changed"], node);
    expect(remedy).toContain("compare the fingerprint");
    expect(remedy).not.toMatch(/accept|StrictHostKeyChecking|--force/);
  });

  test("the login's own hint replaces the general advice", () => {
    const hinted = { ...troubles["authentication-failed"], hint: text`the key in the agent is not on this host` };
    expect(explain(hinted, node).remedy).toBe("node103: the key in the agent is not on this host");
    expect(explain({ ...hinted, tried: [] }, node).what).toBe("login as root refused");
  });

  test("a trouble without detail leaves no dangling colon", () => {
    expect(explain({ kind: "connection-lost", detail: text`` }, node).what).toBe("connection lost");
  });
});
