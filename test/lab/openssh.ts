import { spawn } from "node:child_process";
import { positional } from "../../src/adapters/ssh/script.ts";
import type { Transport } from "../../src/adapters/transport.ts";
import { clean, text } from "../../src/domain/text.ts";
import { bad, good } from "../../src/domain/trouble.ts";
import type { Lab } from "./lab.ts";

/**
 * Scripts on a lab host through the ssh program, a connection each: for tests of what runs there, when the program's own
 * connection is not the subject. `shell` stands for the host's /bin/sh.
 */
export function opensshTransport(lab: Lab, node: string, user = "root", shell = "/bin/sh"): Transport {
  const unused = async () =>
    bad({ kind: "misconfigured", detail: text`scripts only`, remedy: text`use another transport` });
  return {
    node: clean(node),
    user: clean(user),
    dialDocker: unused,
    dialTcp: unused,
    script: (script, args, within, options) =>
      new Promise((resolve, reject) => {
        const asRoot = options?.root === true && user !== "root" ? "sudo -n " : "";
        const [program = "", ...words] = lab.sshCommand(node, user);
        const child = spawn(program, [...words, `${asRoot}${shell} -s`], {
          timeout: within.ms,
        });
        const stdout: Buffer[] = [];
        const stderr: Buffer[] = [];
        child.stdout.on("data", (piece: Buffer) => stdout.push(piece));
        child.stderr.on("data", (piece: Buffer) => stderr.push(piece));
        child.on("error", reject);
        child.on("close", (code) => {
          const said = Buffer.concat(stderr);
          if (code === 1 && asRoot !== "" && said.toString().startsWith("sudo:")) {
            resolve(bad({ kind: "sudo-refused", user: clean(user), detail: clean(said.toString().trim()) }));
          } else resolve(good({ code: code ?? undefined, stdout: Buffer.concat(stdout), stderr: said }));
        });
        // A script that ends before its input is read to the end is not the pipe's fault.
        child.stdin.on("error", () => undefined);
        // As the program itself sends it: arguments are part of what the shell reads.
        child.stdin.end(`${positional(args)}{\n${script}\n} </dev/null\nexit\n`);
      }),
  };
}
