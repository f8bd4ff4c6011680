import { type Assessment, assess } from "../../domain/launch/assess.ts";
import type { LaunchDraft } from "../../domain/launch/draft.ts";
import { groundOf, type LaunchGround, type LaunchSurvey } from "../../domain/launch/ground.ts";
import { nameHolder, namesAfter, numberPlace, seriesOf } from "../../domain/launch/names.ts";
import { draftFrom, likeDefinition } from "../../domain/launch/prefill.ts";
import type { ContainerDefinition } from "../../domain/plan/change.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { contentOf, fieldOf } from "../dialogs/text-field.ts";
import { Form } from "../form/form.ts";
import type { Item } from "../form/item.ts";
import { within } from "../form/moving.ts";
import { isPickField, launchItems, type PickField, withField } from "./fields.ts";
import { type Offer, offersFor } from "./pick.ts";
import type { LaunchServices } from "./services.ts";

/** What was typed of the new containers, where the cursor is, and what there is to pick from for the field under it. */
export class LaunchForm extends Form {
  readonly #services: Pick<LaunchServices, "spec" | "seen" | "look" | "file" | "from">;
  readonly #touched = new Set<string>();
  #draft: LaunchDraft;
  #pick: { field: PickField; index: number } | undefined;
  #ground: { seen: Snapshot; survey: LaunchSurvey; ground: LaunchGround } | undefined;
  #assessed: { draft: LaunchDraft; ground: LaunchGround; assessment: Assessment } | undefined;

  constructor(services: Pick<LaunchServices, "spec" | "seen" | "look" | "file" | "from">) {
    super();
    this.#services = services;
    this.#draft = draftFrom(services.from, this.ground);
    this.focusOn(this.#draft.image === "" ? "image" : "name");
  }

  get draft(): LaunchDraft {
    return this.#draft;
  }

  /** The cluster as it is known now; the same object as long as nothing of it changed. */
  get ground(): LaunchGround {
    const { spec, seen, look } = this.#services;
    const [snapshot, survey] = [seen.get(), look.state.get()];
    if (this.#ground?.seen !== snapshot || this.#ground.survey !== survey) {
      this.#ground = { seen: snapshot, survey, ground: groundOf(spec, snapshot, survey) };
    }
    return this.#ground.ground;
  }

  /** What the draft comes to on this ground. */
  get assessment(): Assessment {
    const { ground } = this;
    if (this.#assessed?.draft !== this.#draft || this.#assessed.ground !== ground) {
      this.#assessed = { draft: this.#draft, ground, assessment: assess(this.#draft, ground) };
    }
    return this.#assessed.assessment;
  }

  items(): Item[] {
    return launchItems(this.#draft, this.assessment, this.#services.file?.name);
  }

  /** Filled in like a container that was made of this; what was typed stays. */
  like(made: ContainerDefinition): void {
    this.#draft = likeDefinition(this.#draft, made, this.#touched);
    const item = this.focused();
    if (item?.kind === "text" && item.value !== contentOf(this.field)) this.field = fieldOf(item.value);
  }

  /** After a launch: where the name is taken now, the next one of its series, without the address that went with it. */
  renew(): void {
    const { name } = this.#draft;
    if (name.includes(numberPlace) || nameHolder(name, this.ground) === undefined) return;
    const [next = name] = namesAfter(seriesOf(name), 1, this.ground);
    this.#draft = { ...this.#draft, name: next, address: "", hostname: "" };
    this.focusOn("name");
  }

  // Things to pick from.

  /** Whether there is anything to pick for the field under the cursor. */
  get canPick(): boolean {
    return isPickField(this.focused()?.id ?? "");
  }

  get picking(): { field: PickField; index: number; offers: readonly Offer[] } | undefined {
    if (this.#pick === undefined) return undefined;
    const { field, index } = this.#pick;
    const offers = offersFor(field, this.#draft, this.ground);
    return { field, offers, index: Math.max(0, Math.min(index, offers.length - 1)) };
  }

  openPick(): void {
    const field = this.focused()?.id ?? "";
    if (!isPickField(field)) return;
    const index = offersFor(field, this.#draft, this.ground).findIndex((one) => one.isPicked);
    this.#pick = { field, index: Math.max(0, index) };
  }

  closePick(): void {
    this.#pick = undefined;
  }

  movePick(by: number): void {
    const { picking } = this;
    if (picking !== undefined) this.#pick = { ...picking, index: within(picking.index, by, picking.offers.length) };
  }

  /** What is under the cursor stands in the field; where several are marked, those. */
  pick(): void {
    const { picking } = this;
    if (picking === undefined) return;
    this.#pick = undefined;
    const { field, offers, index } = picking;
    const under = offers[index];
    if (under === undefined || (field === "nodes" && offers.filter((one) => one.isPicked).length > 1)) return;
    this.set(field, under.value);
    this.focusOn(field);
  }

  /** The one under the cursor too, or no more; the cursor goes on to the next. Of what can only be one, that one. */
  mark(): void {
    const { picking } = this;
    const under = picking?.offers[picking.index];
    if (picking?.field !== "nodes" || under === undefined) {
      this.pick();
      return;
    }
    const { offers, index } = picking;
    const chosen = offers.filter((one) => (one === under ? !one.isPicked : one.isPicked));
    this.set("nodes", chosen.map((one) => one.value).join(" "));
    this.focusOn("nodes");
    this.#pick = { field: "nodes", index: within(index, 1, offers.length) };
  }

  protected set(id: string, value: string): void {
    this.#touched.add(id);
    this.#draft = withField(this.#draft, id, value);
    if (id === "network") this.#services.look.follow(this.#draft.network);
  }
}
