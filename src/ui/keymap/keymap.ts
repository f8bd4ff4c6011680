import { actionKeys } from "./action-keys.ts";
import type { Binding, Group } from "./binding.ts";
import { faultKeys } from "./fault-keys.ts";
import type { KeyName } from "./keys.ts";
import { launchKeys } from "./launch-keys.ts";
import { logKeys } from "./log-keys.ts";
import { paneKeys } from "./pane-keys.ts";
import { pingKeys } from "./ping-keys.ts";
import type { Place } from "./place.ts";
import { poolKeys } from "./pool-keys.ts";
import { programKeys } from "./program-keys.ts";
import { questionKeys } from "./question-keys.ts";
import { setUpKeys } from "./set-up-keys.ts";

export type { ActionId, Binding, Group } from "./binding.ts";
export type { Place } from "./place.ts";

/** Every key, in the order in which help and footer name them. Only what works now is in it. */
export const keymap: readonly Binding[] = [
  ...paneKeys,
  ...actionKeys,
  ...launchKeys,
  ...logKeys,
  ...pingKeys,
  ...poolKeys,
  ...faultKeys,
  ...setUpKeys,
  ...questionKeys,
  ...programKeys,
];

/** What a key does in a place. */
export function bound(key: KeyName, place: Place): Binding | undefined {
  return keymap.find((one) => one.in.includes(place) && one.keys.includes(key));
}

/** Groups whose keys of the panes open something beside them. */
const opening: readonly Group[] = ["Actions", "Cluster", "Pool", "Set-up"];

/** What the menu of actions offers besides changes: the keys that open something, on a row or on the cluster. */
export const shortcuts: readonly Binding[] = keymap.filter(
  (one) =>
    opening.includes(one.group) &&
    one.in.includes("panes") &&
    /\.open$|^shell\.node$/.test(one.id) &&
    one.id !== "actions.open",
);

/** What can be done in a place, in the keymap's order. */
export const inPlace = (place: Place): readonly Binding[] => keymap.filter((one) => one.in.includes(place));
