"use strict";
(() => {
  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "class") element.className = value;
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };
  const counted = (number, one, many) => `${number} ${number === 1 ? one : many}`;

  // Findings: filters.
  const filters = document.getElementById("filters");
  if (filters) {
    const findings = [...document.querySelectorAll(".finding")];
    const texts = new Map();
    const text = (finding) => {
      if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
      return texts.get(finding);
    };
    const unfold = document.getElementById("unfold");
    const visible = () => findings.filter((finding) => !finding.hidden);
    const label = () => {
      unfold.textContent = visible().every((finding) => finding.firstElementChild.open) ? "Close all" : "Open all";
    };
    const apply = () => {
      const data = new FormData(filters);
      const severities = new Set(data.getAll("severity"));
      const states = new Set(data.getAll("state"));
      const check = data.get("check");
      const words = data.get("text").toLowerCase().split(/\s+/).filter(Boolean);
      let number = 0;
      for (const finding of findings) {
        const { severity, state } = finding.dataset;
        const matches = severities.has(severity) && states.has(state) && (!check || finding.dataset.check === check)
          && words.every((word) => text(finding).includes(word));
        finding.hidden = !matches;
        number += matches;
      }
      document.getElementById("shown").textContent = `${number} of ${counted(findings.length, "finding", "findings")} shown`;
      document.getElementById("no-match").hidden = number > 0;
      label();
    };
    filters.addEventListener("input", apply);
    filters.addEventListener("reset", () => setTimeout(apply));
    filters.addEventListener("submit", (event) => event.preventDefault());
    unfold.addEventListener("click", () => {
      const open = unfold.textContent === "Open all";
      for (const finding of visible()) finding.firstElementChild.open = open;
      label();
    });
    document.querySelector(".list").addEventListener("toggle", label, true);
    filters.hidden = false;
    apply();
  }

  // A link to something inside of a closed part opens it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target) for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();

  // The access matrix.
  const ROW = 34, HEAD = 56, COLUMN = 128, SPARE = 3, PAPER = 3000;
  const SIGNS = { full: "every item and field", conditional: "restricted", none: "not at all", unsure: "not known" };

  class Matrix {
    constructor(card, data) {
      this.card = card;
      this.data = data;
      this.scroller = card.querySelector(".scroller");
      this.grid = card.querySelector(".grid");
      this.peek = card.querySelector(".peek");
      this.form = card.querySelector("form");
      this.cells = data.principals.map((principal) => this.unpack(principal.cells, 2));
      this.rows = data.rows.map((numbers) => this.unpackRows(numbers));
      this.at = { row: 0, column: 0 };
      this.drawn = new Map();
      this.heads = new Map();
      this.form.hidden = false;
      this.form.addEventListener("input", () => this.filter());
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
      this.grid.addEventListener("keydown", (event) => this.key(event));
      this.grid.addEventListener("focusin", (event) => this.look(event));
      this.grid.addEventListener("pointerover", (event) => this.look(event));
      this.grid.addEventListener("click", (event) => this.open(event.target.closest("[role=gridcell]")));
      new ResizeObserver(() => this.draw()).observe(this.scroller);
      addEventListener("beforeprint", () => this.paper());
      addEventListener("afterprint", () => this.card.querySelector(".on-paper").replaceChildren());
      this.filter();
    }
    unpack(numbers) {
      const cells = new Map();
      let place = 0;
      for (let index = 0; index < numbers.length; index += 2) {
        place += numbers[index];
        cells.set(place, numbers[index + 1]);
      }
      return cells;
    }
    unpackRows(numbers) {
      const rows = new Map();
      let place = 0, line = 0;
      for (let index = 0; index < numbers.length; index += 4) {
        place += numbers[index];
        const path = numbers[index + 2];
        if (path >= 0) line += numbers[index + 3];
        if (!rows.has(place)) rows.set(place, []);
        rows.get(place).push({ text: this.data.texts[numbers[index + 1]], where: path >= 0 ? `${this.data.paths[path]}:${line}` : "" });
      }
      return rows;
    }
    filter() {
      const data = new FormData(this.form);
      const wanted = (name) => {
        const words = data.get(name).toLowerCase().split(/\s+/).filter(Boolean);
        return (text) => words.every((word) => text.toLowerCase().includes(word));
      };
      const collection = wanted("collection"), principal = wanted("principal");
      const chosen = (list, matches) => list.flatMap((text, index) => (matches(text) ? [index] : []));
      this.collections = chosen(this.data.collections, collection);
      this.principals = chosen(this.data.principals.map((one) => one.name), principal);
      this.at = { row: 0, column: 0 };
      this.grid.replaceChildren();
      this.drawn.clear();
      this.heads.clear();
      this.scroller.scrollTo(0, 0);
      this.card.querySelector(".size").textContent =
        `${this.collections.length} × ${this.principals.length} of ${this.data.collections.length} × ${this.data.principals.length}`;
      const empty = !this.collections.length || !this.principals.length;
      this.scroller.hidden = empty;
      this.message(empty ? "Nothing matches." : "Point at a cell, or move to it with the arrow keys, to see its rules. Enter opens everything.");
      if (empty) return;
      this.grid.setAttribute("aria-rowcount", this.collections.length + 1);
      this.grid.setAttribute("aria-colcount", this.principals.length + 1);
      const corner = make("div", { role: "columnheader", class: "corner", "aria-colindex": 1 }, "Collection");
      this.names = make("div", { role: "row", class: "names", "aria-rowindex": 1 }, corner);
      this.grid.append(this.names);
      this.side = corner.offsetWidth;
      this.grid.style.width = `${this.side + this.principals.length * COLUMN}px`;
      this.grid.style.height = `${HEAD + this.collections.length * ROW}px`;
      this.draw();
    }
    message(text) {
      this.peek.replaceChildren(make("p", {}, text));
    }
    // The cells of the window, and the active one: it keeps the focus when it is scrolled away.
    draw() {
      if (this.scroller.hidden || !this.names) return;
      const { scrollTop, scrollLeft, clientHeight, clientWidth } = this.scroller;
      const range = (start, size, unit, length) => {
        const first = Math.max(0, Math.floor(start / unit) - SPARE);
        const last = Math.min(length, Math.ceil((start + size) / unit) + SPARE);
        return Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
      };
      const rows = new Set([...range(scrollTop, clientHeight, ROW, this.collections.length), this.at.row]);
      const columns = new Set([...range(scrollLeft, clientWidth, COLUMN, this.principals.length), this.at.column]);
      for (const [column, head] of this.heads) {
        if (!columns.has(column)) {
          head.remove();
          this.heads.delete(column);
        }
      }
      for (const column of columns) if (!this.heads.has(column)) this.heads.set(column, this.names.appendChild(this.head(column)));
      for (const [row, line] of this.drawn) {
        if (!rows.has(row)) {
          line.element.remove();
          this.drawn.delete(row);
        }
      }
      for (const row of rows) {
        if (!this.drawn.has(row)) this.drawn.set(row, this.line(row));
        const line = this.drawn.get(row);
        for (const [column, cell] of line.cells) {
          if (!columns.has(column)) {
            cell.remove();
            line.cells.delete(column);
          }
        }
        for (const column of columns) {
          if (!line.cells.has(column)) line.cells.set(column, line.element.appendChild(this.cell(row, column)));
        }
      }
    }
    head(column) {
      const principal = this.data.principals[this.principals[column]];
      const tags = { administrator: "administrator", escalates: "can become administrator", perhaps: "perhaps administrator" };
      const name = make("span", { class: "clamp" }, principal.name);
      if (principal.mark) name.append(make("span", { class: `tag ${principal.mark}` }, tags[principal.mark]));
      const head = make("div", { role: "columnheader", "aria-colindex": column + 2, title: principal.name }, name);
      head.style.left = `${this.side + column * COLUMN}px`;
      return head;
    }
    line(row) {
      const name = this.data.collections[this.collections[row]];
      const head = make("div", { role: "rowheader", "aria-colindex": 1, title: name }, name);
      const element = make("div", { role: "row", "aria-rowindex": row + 2 }, head);
      element.style.top = `${HEAD + row * ROW}px`;
      this.grid.append(element);
      return { element, cells: new Map() };
    }
    cell(row, column) {
      const acts = this.acts(row, column);
      const active = row === this.at.row && column === this.at.column;
      const element = make("div", { role: "gridcell", "aria-colindex": column + 2, tabindex: active ? 0 : -1 },
        ...acts.map((act) => make("span", { class: `act ${act.level}`, "aria-hidden": "true" }, act.letter)),
        make("span", { class: "spoken" }, acts.map((act) => `${act.action}: ${this.short(act)}`).join("; ")));
      element.style.left = `${this.side + column * COLUMN}px`;
      element.place = { row, column };
      return element;
    }
    acts(row, column) {
      const principal = this.data.principals[this.principals[column]];
      const cells = this.cells[this.principals[column]];
      return this.data.actions.map((action, number) => {
        const place = this.collections[row] * this.data.actions.length + number;
        const [level, rules] = this.data.grants[cells.get(place)] || ["", []];
        const shown = principal.mark === "administrator" ? "full" : level || (principal.unsure ? "unsure" : "none");
        const letter = { full: action[0].toUpperCase(), conditional: action[0], none: "–", unsure: "?" }[shown];
        return { action, place, principal, level: shown, letter, rules: rules.map((rule) => this.data.rules[rule]), stored: level !== "" };
      });
    }
    short(act) {
      if (act.principal.mark === "administrator") return "everything, as administrator";
      if (act.level !== "conditional") return act.stored && act.level === "none" ? "not at all: its rows allow nothing" : SIGNS[act.level];
      return act.rules.map((rule) => this.words(act, rule)).join("; or ");
    }
    words(act, [words, , fields, excluded, validation]) {
      const parts = [];
      if (act.action !== "create") parts.push(words === "every item" || words === "no item" ? words : `items where ${words}`);
      if (act.action !== "delete" && act.action !== "share") parts.push(this.fields(fields, excluded));
      if (validation) parts.push("a validation must hold");
      return parts.join(", ");
    }
    fields(fields, excluded) {
      if (!fields.length) return "no field";
      if (fields[0] !== "*") return counted(fields.length, "field", "fields");
      return excluded.length ? `every field but ${excluded.join(", ")}` : "every field";
    }
    grantedBy(act) {
      if (act.principal.mark === "administrator") return [];
      return act.principal.policies.flatMap((policy) =>
        (this.rows[policy].get(act.place) || []).map((row) => ({ ...row, policy: this.data.policies[policy] })));
    }
    look(event) {
      const cell = event.target.closest("[role=gridcell]");
      if (!cell) return;
      if (event.type === "focusin") this.move(cell.place.row, cell.place.column, false);
      const { row, column } = cell.place;
      const name = this.data.principals[this.principals[column]].name;
      this.peek.replaceChildren(
        make("h4", {}, name, make("span", {}, " on "), this.data.collections[this.collections[row]]),
        ...this.acts(row, column).map((act) => {
          const rows = this.grantedBy(act);
          const entry = make("div", { class: "may" }, make("span", { class: `act ${act.level}`, "aria-hidden": "true" }, act.letter), make("p", {}, `${act.action}: ${this.short(act)}`));
          if (rows.length) entry.append(make("p", { class: "granted" }, rows.slice(0, 2).map((one) => `${one.policy}${one.where ? `, ${one.where}` : ""}`).join("; ") + (rows.length > 2 ? ` and ${rows.length - 2} more` : "")));
          return entry;
        }));
    }
    move(row, column, focus = true) {
      const before = this.drawn.get(this.at.row)?.cells.get(this.at.column);
      if (before) before.tabIndex = -1;
      this.at = { row: Math.min(Math.max(row, 0), this.collections.length - 1), column: Math.min(Math.max(column, 0), this.principals.length - 1) };
      if (focus) {
        const { scroller } = this;
        const top = this.at.row * ROW, left = this.at.column * COLUMN;
        const high = scroller.clientHeight - HEAD - ROW, wide = scroller.clientWidth - this.side - COLUMN;
        scroller.scrollTo({ top: Math.min(Math.max(scroller.scrollTop, top - high), top), left: Math.min(Math.max(scroller.scrollLeft, left - wide), left), behavior: "instant" });
      }
      this.draw();
      const cell = this.drawn.get(this.at.row).cells.get(this.at.column);
      cell.tabIndex = 0;
      if (focus) cell.focus({ preventScroll: true });
    }
    key(event) {
      const { row, column } = this.at;
      const page = Math.max(1, Math.floor((this.scroller.clientHeight - HEAD) / ROW) - 1);
      const all = event.ctrlKey || event.metaKey;
      const moves = {
        ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
        PageUp: [row - page, column], PageDown: [row + page, column],
        Home: [all ? 0 : row, 0], End: [all ? Infinity : row, Infinity],
      };
      if (event.key === "Enter" || event.key === " ") this.open(event.target.closest("[role=gridcell]"));
      else if (moves[event.key]) this.move(...moves[event.key]);
      else return;
      event.preventDefault();
    }
    open(cell) {
      if (!cell) return;
      const { row, column } = cell.place;
      this.move(row, column);
      document.getElementById("cell-title").textContent = `${this.data.principals[this.principals[column]].name} on ${this.data.collections[this.collections[row]]}`;
      document.getElementById("cell-body").replaceChildren(...this.acts(row, column).map((act) => this.section(act)));
      document.getElementById("cell").showModal();
    }
    section(act) {
      const part = make("section", {}, make("h4", {}, make("span", { class: `act ${act.level}`, "aria-hidden": "true" }, act.letter), `${act.action}: ${act.level === "conditional" ? "restricted" : this.short(act)}`));
      for (const [words, rule, fields, excluded, validation, presets] of act.level === "full" ? [] : act.rules) {
        const facts = [["Items", act.action === "create" ? "" : words], ["Rule", rule], ["Fields", fields[0] === "*" ? this.fields(fields, excluded) : fields.join(", ") || "none"], ["Validation", validation], ["Presets", presets]];
        part.append(make("dl", { class: "more" }, ...facts.filter(([, value]) => value).map(([name, value]) =>
          make("div", {}, make("dt", {}, name), make("dd", {}, value.startsWith("{") ? make("code", {}, value) : value)))));
      }
      const rows = this.grantedBy(act);
      if (rows.length) {
        part.append(make("p", { class: "granted" }, counted(rows.length, "permission grants this:", "permissions grant this:")),
          make("ul", {}, ...rows.map((one) => make("li", {}, `${one.policy}: ${one.text} `, make("span", { class: "place" }, one.where || "of Directus itself")))));
      }
      return part;
    }
    // On paper the whole matrix, in tables of as many principals as a page is wide.
    paper() {
      const target = this.card.querySelector(".on-paper");
      const { collections, principals } = this;
      if (collections.length * principals.length > PAPER) {
        target.replaceChildren(make("p", {}, `${collections.length} × ${principals.length} cells are too many for paper. Filter the matrix, then print.`));
        return;
      }
      const tables = [];
      for (let first = 0; first < principals.length; first += 5) {
        const columns = principals.slice(first, first + 5).map((_, index) => first + index);
        const head = make("tr", {}, make("th", { scope: "col" }, "Collection"), ...columns.map((column) => make("th", { scope: "col" }, this.data.principals[principals[column]].name)));
        const body = collections.map((collection, row) => make("tr", {}, make("th", { scope: "row" }, this.data.collections[collection]),
          ...columns.map((column) => make("td", {}, ...this.acts(row, column).map((act) => make("span", { class: `act ${act.level}` }, act.letter))))));
        tables.push(make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
      }
      target.replaceChildren(...tables);
    }
  }

  const data = JSON.parse(document.getElementById("matrices").textContent);
  for (const card of document.querySelectorAll(".matrix")) if (card.querySelector(".grid")) new Matrix(card, data[card.dataset.matrix]);

  // Paper shows everything: what is closed is opened before.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open]):not(.defaults)")];
    for (const part of closed) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
  });
})();
