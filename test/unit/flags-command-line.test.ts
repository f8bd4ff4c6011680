// biome-ignore-all lint/suspicious/noTemplateCurlyInString: systemd writes its variables so
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseArguments } from "../../src/domain/flags/arguments.ts";
import { parseEnvironmentFile } from "../../src/domain/flags/environment-file.ts";
import { unitCommand } from "../../src/domain/flags/unit.ts";
import { expandWords, splitWords } from "../../src/domain/flags/words.ts";

const texts = (words: readonly { text: string }[]): string[] => words.map(({ text }) => text);
const parsed = (...words: string[]): string[] =>
  parseArguments(words.map((text) => ({ text, origin: { kind: "process" } }))).map(
    ({ option, value }) => `${option.flag}=${value}`,
  );

describe("a unit's command line as systemd splits it", () => {
  test("quotes of both kinds hold blanks and vanish, also in the middle of a word", () => {
    expect(splitWords(`dockerd --label "role=node two" --x='a "b"' "" end`)).toEqual([
      "dockerd",
      "--label",
      "role=node two",
      `--x=a "b"`,
      "",
      "end",
    ]);
  });

  test("C escapes are read inside and outside of quotes", () => {
    expect(splitWords(String.raw`a\x41b "tab\there" \"q\" sp\sace oct\101 \u00e9`)).toEqual([
      "aAb",
      "tab\there",
      `"q"`,
      "sp ace",
      "octA",
      "é",
    ]);
  });

  test("what systemd does not know as an escape stays as it is written", () => {
    expect(splitWords(String.raw`\d \x0g \U00110000`)).toEqual([
      String.raw`\d`,
      String.raw`\x0g`,
      String.raw`\U00110000`,
    ]);
  });

  test("any words come back from between double quotes", () => {
    const quoted = (word: string) => `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(splitWords(words.map(quoted).join(" "))).toEqual(words);
      }),
    );
  });

  test("$FOO alone becomes its words, none when unset; ${FOO} stays one word; $FOO inside a word is no variable", () => {
    const environment = new Map([
      ["ONE", "one"],
      ["TWO", `two "and a half" `],
    ]);
    expect(
      texts(
        expandWords(["$ONE", "$TWO", "${TWO}", "$NONE", "${NONE}", "--x=${ONE}", "--x=$ONE", "$$ONE"], environment),
      ),
    ).toEqual(["one", "two", "and a half", `two "and a half" `, "", "--x=one", "--x=$ONE", "$ONE"]);
  });
});

describe("an environment file as systemd reads it", () => {
  test("comments, blanks, quotes, continued lines and repeated names", () => {
    const content = [
      "# DOCKER_OPTS=commented",
      "; also a comment",
      "DOCKER_OPTS=--dns 8.8.8.8   ",
      `OPTIONS='--selinux-enabled --log-driver="journald"'`,
      "LONG=--label a=1 \\",
      "  --label b=2",
      `QUOTED="keeps  blanks "`,
      `PIECES='a '  "b"`,
      `WITHIN=--label "of=two words" 'x'`,
      String.raw`ESCAPED="a\"b\$c\d"`,
      "not an assignment",
      "export EXPORTED=1",
      "EMPTY=",
      "DOCKER_OPTS=--dns 1.1.1.1",
    ].join("\n");
    expect(Object.fromEntries(parseEnvironmentFile(content))).toEqual({
      DOCKER_OPTS: "--dns 1.1.1.1",
      OPTIONS: `--selinux-enabled --log-driver="journald"`,
      LONG: "--label a=1   --label b=2",
      QUOTED: "keeps  blanks ",
      PIECES: "a b",
      WITHIN: `--label "of=two words" 'x'`,
      ESCAPED: String.raw`a"b$c\d`,
      EMPTY: "",
    });
  });

  test("a quote that never ends takes the rest of the file, and nothing hangs on any text", () => {
    expect(Object.fromEntries(parseEnvironmentFile(`A="one\nB=2\n`))).toEqual({ A: "one\nB=2\n" });
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("A", "=", "\\", '"', "'", "\n", " ", "#") }), (content) => {
        parseEnvironmentFile(content);
      }),
    );
  });
});

describe("the unit and its drop-ins", () => {
  const unit = {
    path: "/lib/systemd/system/docker.service",
    content: `[Unit]
ExecStart=/not/this
[Service]
# a comment with ExecStart=/nor/this
EnvironmentFile=-/etc/default/docker
ExecStart=/usr/sbin/dockerd -H fd:// \\
  # a comment inside a continued line
  --containerd=/run/containerd/containerd.sock \\
  $DOCKER_OPTS
[Install]
ExecStart=/nor/that
`,
  };
  const dropIn = (content: string, name = "10-ovl.conf") => ({
    path: `/etc/systemd/system/docker.service.d/${name}`,
    content,
  });

  test("continued lines are joined, comments between them left out, other sections passed over", () => {
    expect(texts(unitCommand([unit], []))).toEqual([
      "/usr/sbin/dockerd",
      "-H",
      "fd://",
      "--containerd=/run/containerd/containerd.sock",
    ]);
  });

  test("a drop-in that clears ExecStart and sets its own has the say, and its words name it", () => {
    const command = unitCommand(
      [unit, dropIn("[Service]\nExecStart=\nExecStart=-/usr/sbin/dockerd -H unix:///var/run/docker.sock\n")],
      [],
    );
    expect(texts(command)).toEqual(["/usr/sbin/dockerd", "-H", "unix:///var/run/docker.sock"]);
    expect(command[1]?.origin).toEqual({ kind: "drop-in", path: "/etc/systemd/system/docker.service.d/10-ovl.conf" });
  });

  test("a drop-in that only clears it leaves nothing to start", () => {
    expect(unitCommand([unit, dropIn("[Service]\nExecStart=\n")], [])).toEqual([]);
  });

  test("words from a variable name the file that set it; the environment file wins over Environment=", () => {
    const file = { path: "/etc/default/docker", content: `DOCKER_OPTS="--dns 8.8.8.8"\n` };
    const command = unitCommand([unit, dropIn(`[Service]\nEnvironment="DOCKER_OPTS=--dns 9.9.9.9"\n`)], [file]);
    expect(command.slice(-2)).toEqual([
      { text: "--dns", origin: { kind: "environment-file", path: "/etc/default/docker" } },
      { text: "8.8.8.8", origin: { kind: "environment-file", path: "/etc/default/docker" } },
    ]);
    const inline = unitCommand([unit, dropIn(`[Service]\nEnvironment="DOCKER_OPTS=--dns 9.9.9.9"\n`)], []);
    expect(inline.at(-1)).toEqual({
      text: "9.9.9.9",
      origin: { kind: "drop-in", path: "/etc/systemd/system/docker.service.d/10-ovl.conf" },
    });
  });

  test("the prefix : forbids variables, and %% is a percent sign", () => {
    expect(
      texts(unitCommand([dropIn("[Service]\nExecStart=:/usr/bin/dockerd $DOCKER_OPTS --label 100%%\n")], [])),
    ).toEqual(["/usr/bin/dockerd", "$DOCKER_OPTS", "--label", "100%"]);
  });
});

describe("dockerd's arguments as pflag reads them", () => {
  test("a value may follow, be joined by =, or stick to its letter", () => {
    expect(
      parsed("/usr/bin/dockerd", "-H", "fd://", "-Htcp://0.0.0.0:2376", "-H=unix:///x", "--host", "tcp://[::1]:1"),
    ).toEqual(["host=fd://", "host=tcp://0.0.0.0:2376", "host=unix:///x", "host=tcp://[::1]:1"]);
  });

  test("a boolean takes no word after it, and letters of booleans stand together", () => {
    expect(parsed("dockerd", "--debug", "--tlsverify=false", "-DH", "fd://", "--iptables=false")).toEqual([
      "tlsverify=false",
      "debug=true",
      "host=fd://",
      "iptables=false",
    ]);
  });

  test("of what is given twice the last counts, lists keep all", () => {
    expect(parsed("dockerd", "--mtu", "1400", "--dns", "8.8.8.8", "--mtu=1450", "--dns=1.1.1.1")).toEqual([
      "dns=8.8.8.8",
      "mtu=1450",
      "dns=1.1.1.1",
    ]);
  });

  test("dockerd goes by many names", () => {
    for (const program of [
      ["dockerd"],
      ["/usr/bin/dockerd-current"],
      ["/usr/bin/docker", "daemon"],
      ["docker", "-d"],
    ]) {
      expect(parsed(...program, "-H", "fd://"), program.join(" ")).toEqual(["host=fd://"]);
    }
    expect(parsed("/usr/bin/numactl", "--cpunodebind=0", "/usr/bin/dockerd", "--mtu", "9000")).toEqual(["mtu=9000"]);
  });

  test("of a flag that nobody knows the next word is its value unless it is a flag itself", () => {
    expect(parsed("dockerd", "--brand-new", "--other-new", "yes", "-H", "fd://")).toEqual([
      "brand-new=true",
      "other-new=yes",
      "host=fd://",
    ]);
  });

  test("nothing after -- is a flag", () => {
    expect(parsed("dockerd", "--debug", "--", "--mtu", "9000")).toEqual(["debug=true"]);
  });

  test("no arguments whatever make it fail", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom("-H", "-", "--", "--=", "-D", "--host", "-=x"))),
        (words) => {
          parsed("dockerd", ...words);
        },
      ),
    );
  });
});
