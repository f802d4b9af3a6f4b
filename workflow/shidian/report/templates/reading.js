/* The entry of the contents that one reads is marked. */
(function () {
  "use strict";
  const links = new Map([...document.querySelectorAll("#contents a")].map((link) => [link.hash.slice(1), link]));
  const sections = [...document.querySelectorAll("main > section")].filter((section) => links.has(section.id));
  let asked = false;

  function mark() {
    asked = false;
    const line = window.innerHeight / 3;
    const bottom = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const above = sections.filter((section) => section.getBoundingClientRect().top <= line);
    const read = bottom ? sections.at(-1) : above.at(-1) || sections[0];
    for (const [id, link] of links) {
      if (read && id === read.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  function later() {
    if (!asked) window.requestAnimationFrame(mark);
    asked = true;
  }

  window.addEventListener("scroll", later, { passive: true });
  window.addEventListener("resize", later);
  mark();
})();
