import { Box, type SuspendTerminal, Text, useApp, useInput, usePaste, useWindowSize } from "ink";
import { memo, useEffect, useSyncExternalStore } from "react";
import { keysOf } from "./keymap/keys.ts";
import type { Screen } from "./screen/screen.ts";

/**
 * The root of the Ink tree: it hands keys and the size to the screen, and puts the screen's lines where they belong.
 * One Text a row and no more nodes than that: Ink's cost is nodes and frames.
 */
export function App({ screen, onReady }: { screen: Screen; onReady?: (suspend: SuspendTerminal) => void }) {
  useInput((input, key) => screen.press(keysOf(input, key)));
  // Always on, so that a paste is never taken for keys.
  usePaste((content) => screen.paste(content));
  const { suspendTerminal } = useApp();
  useEffect(() => onReady?.(suspendTerminal), [onReady, suspendTerminal]);
  const size = useWindowSize();
  useEffect(() => screen.resize(size), [screen, size]);
  useEffect(() => screen.start(), [screen]);
  const view = useSyncExternalStore(screen.listen, screen.view);
  // The width is the terminal's, not the view's: a frame of the old size, drawn once while the terminal shrinks, is
  // cut there and wraps nowhere.
  return (
    <Box width="100%" height={view.size.rows} flexDirection="column" overflow="hidden">
      <Rows lines={view.top} />
      {view.bands.map((band, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a band is nothing but its place
        <Box key={row} flexShrink={0}>
          {band.map((lines, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same
            <Rows key={column} lines={lines} />
          ))}
        </Box>
      ))}
      <Rows lines={view.bottom} />
      {view.dialog !== undefined && (
        <Box position="absolute" left={view.dialog.x} top={view.dialog.y}>
          <Rows lines={view.dialog.lines} />
        </Box>
      )}
    </Box>
  );
}

/** Painted lines, one under the other. */
const Rows = memo(function Rows({ lines }: { lines: readonly string[] }) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map((line, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen has no other identity than its place
        <Text key={row} wrap="truncate">
          {line}
        </Text>
      ))}
    </Box>
  );
});
