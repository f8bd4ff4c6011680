import { type SafeText, text } from "../../domain/text.ts";
import type { Draft } from "../../domain/wizard/draft.ts";
import type { Item } from "../form/item.ts";
import type { FormPage } from "./fields.ts";
import type { Checks } from "./known.ts";
import { containersPage } from "./pages/containers.ts";
import { hostsPage } from "./pages/hosts.ts";
import { modePage } from "./pages/mode.ts";
import { networksPage } from "./pages/networks.ts";
import { poolPage } from "./pages/pool.ts";
import { storePage } from "./pages/store.ts";

export const titles: Readonly<Record<FormPage, SafeText>> = {
  hosts: text`Hosts`,
  mode: text`Mode`,
  store: text`Store`,
  network: text`Network`,
  containers: text`Containers`,
  pool: text`Pool`,
};

const pages: Readonly<Record<FormPage, (draft: Draft, checks: Checks) => readonly Item[]>> = {
  hosts: hostsPage,
  mode: modePage,
  store: storePage,
  network: networksPage,
  containers: containersPage,
  pool: poolPage,
};

/** The fields of a page, with what is known of them and what is wrong. */
export const itemsOf = (page: FormPage, draft: Draft, checks: Checks): readonly Item[] => pages[page](draft, checks);
