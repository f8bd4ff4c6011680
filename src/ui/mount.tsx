import { type Instance, render, type SuspendTerminal } from "ink";
import { App } from "./app.tsx";
import type { Screen } from "./screen/screen.ts";

/** Lets Ink take over the terminal. `ready` gets what lends the terminal to others for a while. */
export function mount(screen: Screen, ready: (suspend: SuspendTerminal) => void): Instance {
  return render(<App screen={screen} onReady={ready} />, {
    // Ink would draw nothing where a variable named CI is set, terminal or not.
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: 30,
  });
}
