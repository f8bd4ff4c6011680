import { type Instance, render, type SuspendTerminal } from "ink";
import { App } from "./app.tsx";
import type { Stage } from "./stage.ts";

/** Lets Ink take over the terminal. `ready` gets what lends the terminal to others for a while. */
export function mount(screen: Stage, ready: (suspend: SuspendTerminal) => void): Instance {
  return render(<App screen={screen} onReady={ready} />, {
    // Ink would draw nothing where a variable named CI is set, terminal or not.
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    // The cluster changes the screen ten times a second at most, and a key must not wait because it did so just now.
    maxFps: 240,
  });
}
