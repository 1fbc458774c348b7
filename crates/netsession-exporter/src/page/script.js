"use strict";
(() => {
  const table = document.querySelector("table");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const find = document.getElementById("find");
  const state = document.getElementById("state");
  const shown = document.getElementById("shown");
  const heads = [...table.tHead.rows[0].cells];
  // Kept in the address, so that a reload of the page keeps it.
  const kept = new URLSearchParams(location.hash.slice(1));
  let column = heads.findIndex((head) => head.dataset.key === kept.get("sort"));
  let isDown = kept.get("down") === "1";
  find.value = kept.get("find") || "";
  state.value = kept.get("state") || "";

  const keep = () => {
    const now = new URLSearchParams();
    if (find.value) now.set("find", find.value);
    if (state.value) now.set("state", state.value);
    if (column >= 0) now.set("sort", heads[column].dataset.key);
    if (isDown) now.set("down", "1");
    history.replaceState(null, "", "#" + now);
  };
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = (!state.value || row.className === state.value) && words.every((word) => text.includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = count === rows.length ? "" : count + " of " + rows.length;
  };
  const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
  const sort = () => {
    heads.forEach((head, index) => {
      if (index === column) head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    if (column < 0) return;
    const isNumber = "number" in heads[column].dataset;
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)];
      // What has no value comes last in both directions.
      if (x === "" || y === "") return (x === "") - (y === "");
      const order = isNumber ? x - y : x.localeCompare(y, undefined, { numeric: true });
      return isDown ? -order : order;
    };
    body.append(...rows.sort(compare));
  };
  heads.forEach((head, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      isDown = column === index ? !isDown : "number" in head.dataset;
      column = index;
      sort();
      keep();
    });
    head.replaceChildren(button);
  });
  for (const control of [find, state]) {
    control.addEventListener("input", () => {
      filter();
      keep();
    });
  }
  document.getElementById("tools").hidden = false;
  sort();
  filter();
})();
