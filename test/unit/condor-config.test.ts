import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  configText,
  listensOn,
  type MemberSettings,
  ownPart,
  patternOf,
  placed,
  settingsIn,
  takes,
} from "../../src/domain/condor/config.ts";
import { installCommands } from "../../src/domain/condor/install.ts";
import { PoolSecret } from "../../src/domain/condor/secret.ts";
import { parseVersion } from "../../src/domain/condor/versions.ts";
import { text } from "../../src/domain/text.ts";
import { fingerprint, newPoolSecret } from "../../src/services/apply/pool-secret.ts";

const executor: MemberSettings = {
  ...{ manager: text`node2`, domain: text`bigcomputing`, daemons: ["startd"], security: "password" },
};
const [v8, v23] = [
  { major: 8, minor: 8, patch: 13 },
  { major: 23, minor: 9, patch: 6 },
];
const written = (changes: Partial<MemberSettings> = {}, version = v23) =>
  settingsIn(configText({ ...executor, ...changes }, version, "10.10.10.*"));

describe("what is written for a member", () => {
  test("says where its manager is, what runs, one domain for all, and the overlay as the only place to listen", () => {
    expect(Object.fromEntries(written())).toMatchObject({
      CONDOR_HOST: "node2",
      DAEMON_LIST: "MASTER STARTD",
      TRUST_DOMAIN: "bigcomputing",
      UID_DOMAIN: "bigcomputing",
      NETWORK_INTERFACE: "10.10.10.*",
    });
    const all = written({ daemons: ["collector", "negotiator", "schedd", "startd"] });
    expect(all.get("DAEMON_LIST")).toBe("MASTER COLLECTOR NEGOTIATOR SCHEDD STARTD");
  });

  test("with a password asks everybody who changes anything who they are: by tokens from 9.0 on, by pool password before", () => {
    const now = written();
    expect(now.get("SEC_DEFAULT_AUTHENTICATION")).toBe("REQUIRED");
    expect(now.get("SEC_DEFAULT_AUTHENTICATION_METHODS")).toContain("IDTOKENS");
    expect(now.get("SEC_TOKEN_POOL_SIGNING_KEY_FILE")).toBe("/etc/condor/passwords.d/ovl-tui");
    expect(now.get("ALLOW_DAEMON")?.split(" ")).not.toContain("*");
    const old = written({}, v8);
    expect(old.get("SEC_DEFAULT_AUTHENTICATION_METHODS")).toBe("FS, PASSWORD");
    expect(old.get("SEC_PASSWORD_FILE")).toBe("/etc/condor/passwords.d/ovl-tui");
    expect(old.get("SEC_ADVERTISE_STARTD_AUTHENTICATION")).toBe("REQUIRED");
    expect([...old.keys()].filter((name) => name.includes("TOKEN"))).toEqual([]);
  });

  test("lets members of both kinds into one pool", () => {
    const methods = (version: typeof v8) => written({}, version).get("SEC_DEFAULT_AUTHENTICATION_METHODS")?.split(", ");
    expect(methods(v23)).toContain("PASSWORD");
    expect(methods(v8)).toContain("PASSWORD");
  });

  test("without a password lets everybody do everything, and from 9.0 on asks nobody who they are", () => {
    expect(Object.fromEntries(written({ security: "open" }))).toMatchObject({
      ...{ ALLOW_READ: "*", ALLOW_WRITE: "*", ALLOW_DAEMON: "*", SEC_DEFAULT_AUTHENTICATION: "OPTIONAL" },
    });
    const old = written({ security: "open" }, v8);
    expect(old.get("ALLOW_WRITE")).toBe("*");
    expect([...old.keys()].filter((name) => name.startsWith("SEC_"))).toEqual([]);
    expect([...written({ security: "open" }).values()].join(" ")).not.toContain("passwords.d");
  });
});

describe("the interface that a member listens on", () => {
  test("is a pattern of its subnet, since its address may be another after a restart", () => {
    expect(listensOn("10.10.10.3", "10.10.10.0/24", ["10.10.10.3", "172.18.0.2"])).toBe("10.10.10.*");
    expect(listensOn("10.10.200.3", "10.10.0.0/16", [])).toBe("10.10.*");
  });

  test("is the address itself where a pattern would hold another of the container's addresses, or cannot say the subnet", () => {
    expect(listensOn("172.18.5.3", "172.18.0.0/16", ["172.18.5.3", "172.18.0.2"])).toBe("172.18.5.3");
    expect(listensOn("10.10.10.3", undefined, [])).toBe("10.10.10.3");
    expect(patternOf("fd00::/64")).toBeUndefined();
    expect(patternOf("10.0.0.0/7")).toBeUndefined();
  });

  test("holds the address, whatever the subnet", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, octet, octet, fc.integer({ min: 8, max: 30 }), (a, b, c, d, length) => {
        const address = [a, b, c, d].join(".");
        const said = listensOn(address, `${address}/${length}`, []);
        expect(said.endsWith("*") ? address.startsWith(said.slice(0, -1)) : said === address).toBe(true);
      }),
    );
  });
});

describe("the place of what is written", () => {
  const config = configText(executor, v23, "10.10.10.*");
  const block = { kind: "block", path: "/etc/condor/condor_config" } as const;

  test("is a file of its own, whatever stands in it now", () => {
    const file = { kind: "file", path: "/etc/condor/config.d/50-ovl-tui.conf" } as const;
    expect(placed(file, "old", config)).toBe(config);
    expect(ownPart(file, config)).toBe(config);
  });

  test("is else a marked block at the end, and everything around it stays as it is", () => {
    const line = fc.string({ maxLength: 20 }).filter((one) => !one.includes("ovl-tui"));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const before = lines.join("\n");
        const once = placed(block, before, config);
        expect(ownPart(block, once)).toBe(config);
        expect(once.startsWith(before)).toBe(true);
        // Written anew it takes the place of the old one.
        const other = configText({ ...executor, daemons: ["schedd"] }, v23, "10.10.10.*");
        const twice = placed(block, once, other);
        expect(ownPart(block, twice)).toBe(other);
        expect(placed(block, twice, config)).toBe(once);
      }),
    );
  });

  test("does not take a block without an end for its own", () => {
    const before = "# BEGIN ovl-tui\nCONDOR_HOST = x\n";
    expect(ownPart(block, before)).toBeUndefined();
    expect(placed(block, before, config).startsWith(before)).toBe(true);
  });
});

test("running daemons take another manager and other roles as they run, anything else by a restart", () => {
  const text = (changes: Partial<MemberSettings>) => configText({ ...executor, ...changes }, v23, "10.10.10.*");
  const running = { before: text({}), isRunning: true, isPending: false, secretComes: false };
  const roles = { ...running, after: text({ daemons: ["schedd", "startd"] }) };
  expect(takes(roles)).toBe("reconfigure");
  expect(takes({ ...running, after: text({ security: "open" }) })).toBe("restart");
  for (const otherwise of [{ before: undefined }, { isRunning: false }, { isPending: true }, { secretComes: true }]) {
    expect(takes({ ...roles, ...otherwise })).toBe("restart");
  }
});

describe("a pool's secret", () => {
  test("is another one each time, of printable characters once HTCondor's scrambling is taken off", () => {
    const [one, other] = [newPoolSecret(), newPoolSecret()];
    expect(fingerprint(one)).not.toBe(fingerprint(other));
    const scrambling = Buffer.from("deadbeef", "hex");
    const plain = Buffer.from(one.reveal(), "base64").map((byte, index) => byte ^ (scrambling[index % 4] ?? 0));
    expect(Buffer.from(plain).toString("latin1")).toMatch(/^[\w-]{43}$/);
  });

  test("shows nothing of itself to whatever prints it", async () => {
    const { inspect } = await import("node:util");
    const secret = new PoolSecret("c2VjcmV0IHNlY3JldA==");
    const shown = [String(secret), JSON.stringify({ secret }), inspect(secret, { showHidden: true, depth: 9 })];
    expect(shown.filter((one) => one.includes("c2Vj"))).toEqual([]);
  });
});

test("a version is read of what condor_version prints, and of nothing else", () => {
  expect(parseVersion("$CondorVersion: 8.8.13 Mar 24 2021 BuildID: 535096 $\n")).toEqual(v8);
  expect(parseVersion("$CondorVersion: 23.9.6 2026-07-12 PackageID: 23.9.6 $")).toEqual(v23);
  expect(parseVersion("condor_version: command not found")).toBeUndefined();
});

test("the commands that install HTCondor are those of the distribution, and none where it is not known", () => {
  const commands = (id: string, ...like: string[]) =>
    installCommands({ id, like, pretty: text`some` })?.map((words) => words.join(" "));
  expect(commands("debian")?.at(-1)).toMatch(/apt-get install --yes .*htcondor$/);
  expect(commands("linuxmint", "ubuntu", "debian")?.[0]).toBe("apt-get update");
  expect(commands("fedora")).toEqual(["dnf install --assumeyes condor"]);
  // A script that did not come is not run: an empty one ends well.
  expect(commands("almalinux", "rhel", "centos", "fedora")).toEqual([
    "curl -fsSL -o /tmp/get_htcondor https://get.htcondor.org",
    "/bin/bash /tmp/get_htcondor --no-dry-run",
  ]);
  expect(commands("alpine")).toBeUndefined();
});
