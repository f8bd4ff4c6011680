import type { Binding } from "./binding.ts";

export type QuestionAction = "answer.accept-once" | "answer.accept-and-remember" | "answer.send" | "answer.refuse";

/** Questions of connections: an unknown host key, a password. */
export const questionKeys: readonly Binding[] = [
  { id: "answer.refuse", keys: ["enter", "esc"], in: ["host-key"], label: "refuse", group: "Questions", footer: 1 },
  { id: "answer.accept-once", keys: ["A"], in: ["host-key"], label: "accept once", group: "Questions", footer: 2 },
  {
    id: "answer.accept-and-remember",
    keys: ["M"],
    in: ["host-key"],
    label: "accept and remember",
    group: "Questions",
    footer: 3,
  },
  { id: "answer.send", keys: ["enter"], in: ["secret"], label: "send", group: "Questions", footer: 1 },
  { id: "answer.refuse", keys: ["esc"], in: ["secret"], label: "refuse", group: "Questions", footer: 2 },
];
