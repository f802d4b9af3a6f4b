/* The workbook cells behind a number: the first of them, a search, all of them; read from cells.js beside the page. */
const shidianCellList = (function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const first = 50;
  let waiting = null;
  let content = null;

  window.shidianCells = function (cells) { content = cells; };

  function load() {
    if (waiting) return waiting;
    waiting = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = data.cells;
      script.onload = () => (content ? resolve(content) : reject(new Error("empty")));
      script.onerror = reject;
      document.head.append(script);
    });
    waiting.catch(() => { waiting = null; });
    return waiting;
  }

  function codes(cells, exhibit, column) {
    const at = (cells.columns[exhibit] || {})[column];
    if (at === undefined) return [];
    const bytes = atob(cells.used[at]);
    const found = [];
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes.charCodeAt(i);
      for (let bit = 0; bit < 8; bit += 1) if (byte & (1 << bit)) found.push(8 * i + bit);
    }
    return found;
  }

  function row(cells, code) {
    const [unit, name] = cells.unit.names[cells.unit.of[code]];
    const value = cells.value[code] === null ? "" : String(cells.value[code]).replace(/^-/, "\u2212");
    const measure = cells.measure.names[cells.measure.of[code]];
    return [
      name || unit, cells.year[code] === null ? "" : String(cells.year[code]), value + (measure && measure !== "1" ? " " + measure : ""),
      cells.series.names[cells.series.of[code]].split(".").slice(1).join("."),
      cells.files[cells.file[code]].split("/").at(-1) + " " + cells.place[code],
      unit,
    ];
  }

  function table(rows) {
    const made = document.createElement("table");
    const caption = made.createCaption();
    caption.className = "unseen";
    caption.textContent = words.trace_cells;
    const head = made.createTHead().insertRow();
    for (const name of ["unit", "year", "value", "series", "cell"]) {
      const th = document.createElement("th");
      th.scope = "col";
      th.textContent = words["cell_" + name];
      head.append(th);
    }
    const body = made.createTBody();
    for (const texts of rows) {
      const line = body.insertRow();
      texts.slice(0, 5).forEach((text, at) => {
        const td = line.insertCell();
        td.textContent = text;
        if (at === 2) td.className = "number";
      });
    }
    return made;
  }

  function list(place, cells, exhibit, column) {
    const all = codes(cells, exhibit, column).map((code) => row(cells, code));
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = words.cell_search;
    field.setAttribute("aria-label", words.cell_search);
    const count = document.createElement("p");
    count.className = "hint";
    count.setAttribute("role", "status");
    const box = document.createElement("div");
    box.className = "scroll";
    box.tabIndex = 0;
    const more = document.createElement("button");
    more.type = "button";
    more.textContent = words.cell_all;
    let most = first;

    function draw() {
      const asked = field.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
      const hits = asked.length ? all.filter((texts) => asked.every((word) => texts.some((text) => text.toLowerCase().includes(word)))) : all;
      box.replaceChildren(table(hits.slice(0, most)));
      const shown = Math.min(most, hits.length);
      count.textContent = words.cell_count.replace("{shown}", shown.toLocaleString("en")).replace("{n}", hits.length.toLocaleString("en"));
      more.hidden = shown === hits.length;
    }

    field.addEventListener("input", () => { most = first; draw(); });
    more.addEventListener("click", () => { most = Infinity; draw(); });
    place.replaceChildren(field, count, box, more);
    draw();
    field.focus();
  }

  return function (exhibit, column) {
    const place = document.createElement("div");
    place.className = "cells";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "show-cells";
    button.textContent = words.cell_show;
    place.append(button);
    button.addEventListener("click", () => {
      load().then((cells) => {
        if (cells.too_many) place.textContent = words.cell_too_many.replace("{n}", cells.too_many.toLocaleString("en"));
        else list(place, cells, exhibit, column);
      }, () => { place.textContent = words.cell_absent.replace("{file}", data.cells); });
    });
    return place;
  };
})();
