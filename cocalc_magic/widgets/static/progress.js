// Progress of a running cell: a clock that ticks, and a button that stops it.
//
// While a cell runs most kernels do not answer, so the page does it alone. A published line has an attribute
// with the name of this kernel's view host, and three parts: what the cell waits for, since when, and how to
// stop it; the last two become the clock and the button. Another output that forges the attribute only gets a
// button that interrupts this notebook's kernel, as the notebook's own stop button does.

const TICK = 1000; // ms
const STYLE =
  "margin: 2px 0 2px 1em; padding: 1px 10px; border: 1px solid var(--jp-border-color1, #888); border-radius: 2px; " +
  "background: var(--jp-layout-color2, #eee); color: var(--jp-ui-font-color1, #222); font: inherit; cursor: pointer";

export function duration(ms) {
  const seconds = Math.floor(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} min`;
}

// Adds clock and button to the lines of one kernel; `scan()` finds new ones, `close()` restores the text.
export function progressLines(model) {
  const lines = new Map();
  const known = new WeakMap();
  let timer = 0;
  let focused = null;

  const kernel = () => model.widget_manager?.kernel;

  async function stop(line) {
    if (line.stopping) return;
    line.stopping = true;
    line.button.textContent = "Stopping …";
    try {
      await kernel().interrupt();
    } catch (problem) {
      line.stopping = false;
      line.button.textContent = "Stop";
      line.words.textContent = `The kernel could not be interrupted: ${problem.message}`;
    }
  }

  function begin(element) {
    const [words, clock, hint] = element.children;
    const seconds = Number(element.dataset.ccmSeconds);
    if (!hint || !Number.isFinite(seconds) || !kernel()?.interrupt) return;
    const button = document.createElement("button");
    const line = { words, clock, hint, button, was: clock.textContent };
    line.began = performance.now() - 1000 * seconds;
    line.home = element.closest("[tabindex]");
    button.type = "button";
    button.textContent = "Stop";
    button.title = "Interrupt the kernel";
    button.style.cssText = STYLE;
    button.addEventListener("click", () => stop(line));
    button.addEventListener("focus", () => {
      focused = line;
    });
    // A button that is removed from the page loses the focus too, and its successor gets it.
    button.addEventListener("blur", () =>
      setTimeout(() => {
        if (button.isConnected) focused = null;
      }),
    );
    element.dataset.lmSuppressShortcuts = "true"; // keys pressed on the button are not commands of the notebook
    clock.setAttribute("aria-live", "off");
    hint.replaceWith(button);
    known.set(element, line);
  }

  // Every change of the page causes a scan, so equal text is not written again.
  function show(clock, text) {
    if (clock.textContent !== text) clock.textContent = text;
  }

  function end(element, line) {
    line.clock.textContent = line.was;
    line.button.replaceWith(line.hint);
    lines.delete(element);
  }

  function tick() {
    for (const [element, line] of lines) {
      if (!element.isConnected) lines.delete(element);
      else if (!kernel() || kernel().status === "dead") end(element, line);
      else show(line.clock, ` · ${duration(performance.now() - line.began)}`);
    }
    if (lines.size) return;
    clearInterval(timer);
    timer = 0;
  }

  // The focus moves on to a line that replaces the last one, and to the cell at the end.
  function refocus() {
    if (!focused || focused.button.isConnected) return;
    const [next] = lines.values();
    if (document.activeElement === document.body) (next?.button ?? focused.home)?.focus({ preventScroll: true });
    if (!next) focused = null;
  }

  function scan() {
    for (const element of document.querySelectorAll(`[data-ccm-progress="${model.get("name")}"]`)) {
      if (!known.has(element)) begin(element);
      const line = known.get(element);
      if (line?.button.isConnected) lines.set(element, line);
    }
    tick();
    refocus();
    if (lines.size) timer ||= setInterval(tick, TICK);
  }

  // After a restart of the kernel the lines have their text again, and no button.
  function close() {
    for (const [element, line] of lines) end(element, line);
    tick();
    refocus();
  }

  return { scan, close };
}
