/* Search over headings, labels, notes and warnings of the exhibits, the ledger and the sources. */
(function () {
  "use strict";
  const words = JSON.parse(document.getElementById("data").textContent).words;
  const field = document.getElementById("search");
  const count = document.getElementById("search-count");
  const found = document.getElementById("search-found");
  const contents = document.getElementById("contents");
  const around = 40;
  let pages;

  function texts(section) {
    const parts = section.querySelectorAll("h2, h3, th, .note, .warnings li, #ledger td, .source p, .summary li, img");
    return [...parts].map((part) => (part.tagName === "IMG" ? part.alt : part.textContent).replace(/\s+/g, " ").trim());
  }

  function read() {
    return [...document.querySelectorAll("main > section")].map((section) => {
      const title = section.querySelector("h2").cloneNode(true);
      title.querySelectorAll(".anchor").forEach((anchor) => anchor.remove());
      const own = texts(section).filter((text) => text !== "");
      return { id: section.id, title: title.textContent.replace(/\s+/g, " ").trim(), texts: own, all: own.join("\n").toLowerCase() };
    });
  }

  function marked(text, word) {
    const line = document.createElement("small");
    const at = text.toLowerCase().indexOf(word);
    const mark = document.createElement("mark");
    mark.textContent = text.slice(at, at + word.length);
    line.append((at > around ? "…" : "") + text.slice(Math.max(0, at - around), at), mark, text.slice(at + word.length, at + word.length + around));
    return line;
  }

  function entry(page, asked) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = "#" + page.id;
    link.textContent = page.title;
    item.append(link);
    const text = page.texts.find((one) => one.toLowerCase().includes(asked[0]));
    if (text && !page.title.toLowerCase().includes(asked[0])) item.append(marked(text, asked[0]));
    return item;
  }

  function look() {
    const asked = field.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    contents.hidden = asked.length > 0;
    found.hidden = asked.length === 0;
    if (asked.length === 0) return void (count.textContent = "");
    pages = pages || read();
    const hits = pages.filter((page) => asked.every((word) => page.all.includes(word)));
    found.replaceChildren(...hits.map((page) => entry(page, asked)));
    count.textContent = words.search_found.replace("{n}", hits.length);
  }

  field.addEventListener("input", look);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    field.value = "";
    look();
  });
})();
