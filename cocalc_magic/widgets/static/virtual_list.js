// A box that shows a few of any number of rows, with a scrollbar for all of them.

const MAX_HEIGHT = 8e6; // pixels; a limit of browsers is not far above

// Keeps track of the first visible row. `sizes()` returns the number of `rows`, how many are `visible` at
// once, the `height` of one, and the `last` that can be the first. The scrollbar is the browser's; input that
// is finer than its pixels (a wheel, arrows) moves by rows here.
export function virtualList(box, spacer, sizes, paint) {
  let first = 0;
  let due = 0;
  const range = () => Math.max(1, box.scrollHeight - box.clientHeight);
  const offset = (row) => (row / Math.max(1, sizes().last)) * range();
  const clamped = (row) => Math.max(0, Math.min(row, sizes().last));

  function go(row) {
    first = clamped(row);
    box.scrollTop = offset(first);
    paint();
  }

  function scrolled() {
    due = 0;
    if (Math.abs(offset(first) - box.scrollTop) > 1)
      first = clamped(Math.round((box.scrollTop / range()) * sizes().last));
    paint();
  }

  box.addEventListener("scroll", () => {
    if (!due) due = requestAnimationFrame(scrolled);
  });
  box.addEventListener(
    "wheel",
    (event) => {
      const { rows, visible, height } = sizes();
      if (rows * height <= MAX_HEIGHT || event.ctrlKey || event.shiftKey) return;
      const unit = [1 / height, 1, visible][event.deltaMode];
      const row = clamped(first + Math.sign(event.deltaY) * Math.ceil(Math.abs(event.deltaY) * unit));
      if (row === first) return;
      event.preventDefault();
      go(row);
    },
    { passive: false },
  );
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey) return;
    const { rows, visible } = sizes();
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: visible - 1, PageUp: 1 - visible, Home: -rows, End: rows };
    if (!(event.key in steps)) return;
    event.preventDefault();
    go(first + steps[event.key]);
  });

  return {
    first() {
      first = clamped(first);
      return first;
    },
    go,
    resize(around) {
      const { rows, visible, height } = sizes();
      box.style.height = `${visible * height + around}px`;
      spacer.style.height = `${Math.max(0, Math.min(rows * height, MAX_HEIGHT) - visible * height)}px`;
    },
  };
}
