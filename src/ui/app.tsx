import { Box, type SuspendTerminal, Text, useApp, useInput, usePaste, useWindowSize } from "ink";
import { memo, useEffect, useSyncExternalStore } from "react";
import { keysOf } from "./keymap/keys.ts";
import type { PaintedFrame } from "./screen/view.ts";
import type { Stage } from "./stage.ts";

/**
 * The root of the Ink tree: it hands keys and the size to the screen, and puts the screen's lines where they belong.
 * One Text a row and no more nodes than that: Ink's cost is nodes and frames.
 */
export function App({ screen, onReady }: { screen: Stage; onReady?: (suspend: SuspendTerminal) => void }) {
  useInput((input, key) => screen.press(keysOf(input, key)));
  // Always on, so that a paste is never taken for keys.
  usePaste((content) => screen.paste(content));
  const { suspendTerminal } = useApp();
  useEffect(() => onReady?.(suspendTerminal), [onReady, suspendTerminal]);
  const size = useWindowSize();
  useEffect(() => screen.resize(size), [screen, size]);
  useEffect(() => screen.start(), [screen]);
  const view = useSyncExternalStore(screen.listen, screen.view);
  // The width is the terminal's, not the view's, and everything may shrink: a frame of the old size, drawn once while
  // the terminal shrinks, is squeezed into it and wraps nowhere.
  return (
    <Box width="100%" height={view.size.rows} flexDirection="column">
      <Rows lines={view.top} />
      {view.bands.map((band, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a band is nothing but its place
        <Box key={row}>
          {band.map((one, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same
            <Framed key={column} frame={one} />
          ))}
        </Box>
      ))}
      <Rows lines={view.bottom} />
      {view.dialog !== undefined && (
        <Box position="absolute" left={view.dialog.x} top={view.dialog.y} right={0}>
          <Framed frame={view.dialog.frame} />
        </Box>
      )}
    </Box>
  );
}

/** A frame: two edges of one column each, and its rows between them. */
const Framed = memo(function Framed({ frame }: { frame: PaintedFrame }) {
  return (
    <Box flexDirection="column" width={frame.width}>
      <Text wrap="truncate">{frame.top}</Text>
      <Box>
        <Text wrap="truncate">{frame.left}</Text>
        <Rows lines={frame.body} width={frame.width - 2} />
        <Text wrap="truncate">{frame.right}</Text>
      </Box>
      <Text wrap="truncate">{frame.bottom}</Text>
    </Box>
  );
});

/** Painted lines, one under the other; an empty one takes a row as well. */
const Rows = memo(function Rows({ lines, width }: { lines: readonly string[]; width?: number }) {
  return (
    <Box flexDirection="column" {...(width === undefined ? {} : { width })}>
      {lines.map((line, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen has no other identity than its place
        <Text key={row} wrap="truncate">
          {line === "" ? " " : line}
        </Text>
      ))}
    </Box>
  );
});
