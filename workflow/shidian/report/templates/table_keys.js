/* One stop of the tab key a table: arrows go from number to number, Enter or Space opens the panel. */
(function () {
  "use strict";
  const numbers = "td[data-field], td[data-trail]";

  function stop(table, cell) {
    const before = table.querySelector("td[tabindex='0']");
    if (before) before.tabIndex = -1;
    cell.tabIndex = 0;
  }

  function inRow(row) {
    return [...row.querySelectorAll(numbers)];
  }

  function nearest(row, place) {
    return inRow(row).reduce((best, cell) => !best || Math.abs(cell.cellIndex - place) < Math.abs(best.cellIndex - place) ? cell : best, null);
  }

  function below(cell, step) {
    const rows = [...cell.closest("table").rows].filter((row) => row.querySelector(numbers));
    const row = rows[rows.indexOf(cell.parentElement) + step];
    return row ? nearest(row, cell.cellIndex) : null;
  }

  function beside(cell, step) {
    const cells = inRow(cell.parentElement);
    return cells[cells.indexOf(cell) + step];
  }

  const moves = {
    ArrowRight: (cell) => beside(cell, 1), ArrowLeft: (cell) => beside(cell, -1),
    ArrowDown: (cell) => below(cell, 1), ArrowUp: (cell) => below(cell, -1),
    Home: (cell) => inRow(cell.parentElement)[0], End: (cell) => inRow(cell.parentElement).at(-1),
  };

  document.querySelectorAll(numbers).forEach((cell) => { cell.tabIndex = -1; });
  document.querySelectorAll("table").forEach((table) => {
    const cell = table.querySelector(numbers);
    if (cell) stop(table, cell);
  });
  document.querySelectorAll(".scroll").forEach((box) => {
    if (!box.querySelector(numbers)) box.tabIndex = 0;
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(numbers)) stop(event.target.closest("table"), event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches(numbers) || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      document.dispatchEvent(new CustomEvent("shidian:show", { detail: event.target }));
      return;
    }
    if (!Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    const next = moves[event.key](event.target);
    if (next) next.focus();
  });
})();
