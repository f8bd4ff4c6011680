import {
  type Copyable,
  copyablesOfContainer,
  copyablesOfMember,
  copyablesOfNetwork,
  copyablesOfNode,
} from "../domain/copyable.ts";
import { clean, type SafeText } from "../domain/text.ts";
import { containerRows } from "../domain/views/containers.ts";
import { memberRows } from "../domain/views/membership.ts";
import { networkRows } from "../domain/views/networks.ts";
import { CopyStage } from "../ui/copy/copy.ts";
import type { Opening } from "../ui/opening.ts";
import type { Stage } from "../ui/stage.ts";
import type { StageParts } from "./stages.ts";

/** What there is to copy of the row. */
export function copyStage({ of, key }: Extract<Opening, { stage: "copy" }>, parts: StageParts): Stage {
  const { tools, panes, back, tell } = parts;
  const { title, offers } = offered(of, key, parts);
  return new CopyStage(
    { ...{ panes, title, offers, back, tell }, copy: tools.copy },
    tools.paint,
    tools.size,
    tools.onTerminal,
  );
}

function offered(
  of: Extract<Opening, { stage: "copy" }>["of"],
  key: string,
  { watch, spec }: StageParts,
): { title: SafeText; offers: readonly Copyable[] } {
  const seen = watch.state.get();
  switch (of) {
    case "nodes":
      return { title: clean(key), offers: copyablesOfNode(key, spec) };
    case "containers": {
      const row = containerRows(seen).find((one) => one.key === key);
      return {
        title: row?.name ?? clean(key),
        offers: row === undefined ? [] : copyablesOfContainer(row.container, spec),
      };
    }
    case "networks": {
      const row = networkRows(seen).find((one) => one.key === key);
      return { title: row?.name ?? clean(key), offers: row === undefined ? [] : copyablesOfNetwork(row, spec) };
    }
    case "membership": {
      const row = memberRows(seen).find((one) => one.key === key);
      return { title: row?.name ?? clean(key), offers: row === undefined ? [] : copyablesOfMember(row) };
    }
  }
}
