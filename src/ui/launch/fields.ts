import { maskedLine } from "../../domain/flags/masked.ts";
import type { Assessment } from "../../domain/launch/assess.ts";
import { type LaunchDraft, type LaunchField, restarts } from "../../domain/launch/draft.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { type Item, toggle } from "../form/item.ts";

/** Fields of which what there is can be picked. */
export type PickField = "image" | "nodes" | "network" | "address";
const pickFields: readonly string[] = ["image", "nodes", "network", "address"] satisfies PickField[];
/** Whether there is a list to pick from for the field. */
export const isPickField = (field: string | undefined): field is PickField =>
  field !== undefined && pickFields.includes(field);

/** The fields of a draft, in the order in which they are asked. `file`: where it can be saved. */
export function launchItems(draft: LaunchDraft, { fields }: Assessment, file: SafeText | undefined): Item[] {
  const typed = (id: LaunchField, label: SafeText, help: SafeText, more: { otherwise?: string } = {}): Item => ({
    ...{ kind: "text", id, label, help, value: String(draft[id]), ...more, ...fields[id] },
  });
  const ticked = (id: LaunchField, label: SafeText, help: SafeText): Item => ({
    ...toggle(id, label, draft[id] === true, help),
    ...fields[id],
  });
  return [
    typed("image", text`image`, text`What it is made from. ctrl-o shows the images on the nodes.`),
    typed("nodes", text`node`, text`Where it runs; several names spread them in turn. ctrl-o shows the nodes.`),
    typed("network", text`network`, text`What it has its address on. ctrl-o shows the networks.`, {
      otherwise: "default bridge",
    }),
    typed("name", text`name`, text`Free over the whole cluster. {n} is a number: web-{n} is web-1, web-2, …`),
    typed("count", text`how many`, text`Several need {n} in their name.`),
    typed("hostname", text`hostname`, text`Its own host name; empty is its name.`, { otherwise: "as its name" }),
    typed("address", text`address`, text`Fixed, or empty: the engine chooses. ctrl-o shows free ones.`, {
      otherwise: "the next free one",
    }),
    ticked("privileged", text`privileged`, text`Full rights on the host: systemd in a container needs it.`),
    ticked("remove", text`remove`, text`The container is gone once it stops (docker run --rm).`),
    {
      ...{ kind: "choice", id: "restart", label: text`restart`, value: draft.restart },
      options: restarts.map((one) => ({ value: one, label: clean(one) })),
      help: text`What its engine does when it ends, or comes up again.`,
      ...fields.restart,
    },
    typed("command", text`command`, text`What runs in it; empty is the image's own. Quotes as in a shell.`, {
      otherwise: "the image's own",
    }),
    {
      ...typed("environment", text`environment`, text`NAME=VALUE, with blanks between them; quotes as in a shell.`),
      shown: clean(maskedLine(draft.environment)),
    } as Item,
    typed("mounts", text`mounts`, text`SOURCE:/TARGET[:ro], with blanks between them; a bare name is a volume.`),
    ...(file === undefined
      ? []
      : [ticked("save", text`save`, text`Written to ${file} once it runs; comments there stay.`)]),
  ];
}

/** The draft with a field set to what was typed or chosen. */
export function withField(draft: LaunchDraft, id: string, value: string): LaunchDraft {
  switch (id) {
    case "privileged":
    case "remove":
    case "save":
      return { ...draft, [id]: value === "yes" };
    case "restart":
      return { ...draft, restart: restarts.find((one) => one === value) ?? draft.restart };
    case "image":
    case "nodes":
    case "network":
    case "name":
    case "count":
    case "hostname":
    case "address":
      return { ...draft, [id]: value.trim() };
    case "command":
    case "environment":
    case "mounts":
      return { ...draft, [id]: value };
    default:
      return draft;
  }
}
