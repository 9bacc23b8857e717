// The rule builder of segments: rows of field, comparison and value, kept as JSON in a hidden textarea.
"use strict";
(() => {
  const make = (tag, options = {}, ...children) => {
    const { data, ...properties } = options;
    const node = Object.assign(document.createElement(tag), properties);
    Object.assign(node.dataset, data || {});
    node.append(...children);
    return node;
  };
  const option = (value, label, chosen) => make("option", { value, textContent: label, selected: value === chosen });
  const select = (label, options, chosen, change) => {
    const node = make("select", { className: "mall-rule-select", ariaLabel: label });
    for (const [value, word] of options) node.append(option(value, word, chosen));
    node.addEventListener("change", () => change(node.value));
    return node;
  };
  const input = (label, type, value, change, more = {}) => {
    const node = make("input", { type, value: value ?? "", className: "mall-rule-input", ariaLabel: label, ...more });
    node.addEventListener("input", () => change(node.value));
    return node;
  };
  const whole = (text) => (/^\d+$/.test(text.trim()) ? Number(text.trim()) : null);
  const cents = (text) => (/^\d+(\.\d{1,2})?$/.test(text.trim()) ? Math.round(Number(text.trim()) * 100) : null);
  const MATCH = [["all", "满足全部"], ["any", "满足任一"]];

  const start = (root) => {
    const store = root.querySelector(".mall-rule-json");
    const { fields, names } = JSON.parse(document.getElementById("segment-builder").textContent);
    const byName = Object.fromEntries(fields.map((field) => [field.name, field]));
    const rule = JSON.parse(store.value || "{}");
    rule.match = rule.match || "all";
    rule.groups = rule.groups || [];
    const answer = root.querySelector(".mall-rule-answer");
    let timer = 0;
    let asked = 0;

    const blank = (name) => {
      const field = byName[name];
      const codes = field.kind === "codes";
      return { field: name, operator: field.operators[0][0], value: codes ? [] : null, days: null };
    };
    const keep = () => {
      store.value = JSON.stringify(rule);
      clearTimeout(timer);
      timer = setTimeout(ask, 500);
    };
    const isWhole = () =>
      rule.groups.length &&
      rule.groups.every((group) =>
        group.conditions.length && group.conditions.every((one) => (Array.isArray(one.value) ? one.value.length : one.value !== null)));
    const ask = async () => {
      const turn = ++asked;
      if (!isWhole()) {
        answer.textContent = "填好条件后，这里会显示有多少会员。";
        return;
      }
      answer.textContent = "正在计算…";
      const body = new FormData();
      body.append("rule", store.value);
      body.append("csrfmiddlewaretoken", root.closest("form").elements.csrfmiddlewaretoken.value);
      let told;
      try {
        told = await (await fetch(root.dataset.countUrl, { method: "POST", body })).json();
      } catch {
        told = { error: "没有连上服务器，请稍后再试" };
      }
      if (turn !== asked) return;
      answer.replaceChildren();
      if (told.error) answer.append(told.error);
      else answer.append(make("strong", { textContent: `${told.count.toLocaleString("zh-CN")} 位会员` }), ` ${told.sentence}`);
    };

    const chosen = (condition, codes) => {
      condition.value = codes;
      keep();
    };
    const checks = (condition, field) => {
      const list = make("div", { className: "mall-rule-choices" });
      for (const [code, word] of field.choices) {
        const box = make("input", { type: "checkbox", value: code, checked: condition.value.includes(code) });
        box.addEventListener("change", () =>
          chosen(condition, box.checked ? [...condition.value, code] : condition.value.filter((one) => one !== code)));
        list.append(make("label", { data: { word } }, box, word));
      }
      if (!field.choices.length) list.append("还没有可选的内容");
      if (field.choices.length <= 12) return list;
      const narrow = input(`在${field.label}中查找`, "search", "", (text) => {
        for (const label of list.children) label.hidden = Boolean(text) && !label.dataset.word.includes(text.trim());
      }, { placeholder: "输入文字查找" });
      return make("div", { className: "mall-rule-many" }, narrow, list);
    };
    const searched = (condition, field) => {
      const words = (names[field.name] = names[field.name] || {});
      const chips = make("div", { className: "mall-rule-chips" });
      const found = make("div", { className: "mall-rule-found" });
      const show = () => chips.replaceChildren(...condition.value.map((code) => {
        const chip = make("button", { type: "button", textContent: `${words[code] || "（已删除）"} ×`, ariaLabel: `去掉${words[code] || code}` });
        chip.addEventListener("click", () => { chosen(condition, condition.value.filter((one) => one !== code)); show(); });
        return chip;
      }));
      const find = async (text) => {
        const query = new URLSearchParams({ field: field.name, q: text });
        const { choices } = await (await fetch(`${root.dataset.choicesUrl}?${query}`)).json();
        found.replaceChildren(...choices.map(([code, word]) => {
          const hit = make("button", { type: "button", textContent: word });
          hit.addEventListener("click", () => {
            words[code] = word;
            if (!condition.value.includes(code)) chosen(condition, [...condition.value, code]);
            show();
          });
          return hit;
        }));
        if (!choices.length) found.textContent = "没有找到";
      };
      let wait = 0;
      const box = input(`查找${field.label}`, "search", "", (text) => { clearTimeout(wait); wait = setTimeout(() => find(text), 300); }, { placeholder: "输入名称查找" });
      show();
      return make("div", { className: "mall-rule-many" }, chips, box, found);
    };
    const valueOf = (condition, field) => {
      if (field.kind === "codes") return field.choices ? checks(condition, field) : searched(condition, field);
      const put = (read) => (text) => { condition.value = read(text); keep(); };
      if (field.kind === "date") return input(field.label, "date", condition.value, put((text) => text || null));
      if (field.kind === "money") {
        const yuan = condition.value === null ? "" : condition.value / 100;
        return make("span", { className: "mall-rule-unit" }, "¥", input(`${field.label}（元）`, "text", yuan, put(cents), { inputMode: "decimal", size: 8 }));
      }
      const unit = field.kind === "days" ? "天内" : field.unit;
      return make("span", { className: "mall-rule-unit" }, input(field.label, "text", condition.value, put(whole), { inputMode: "numeric", size: 6 }), unit);
    };
    const grouped = (now, change) => {
      const node = make("select", { className: "mall-rule-select", ariaLabel: "条件" });
      for (const title of [...new Set(fields.map((field) => field.group))]) {
        const part = make("optgroup", { label: title });
        for (const field of fields) if (field.group === title) part.append(option(field.name, field.label, now));
        node.append(part);
      }
      node.addEventListener("change", () => change(node.value));
      return node;
    };
    const row = (group, condition) => {
      const field = byName[condition.field];
      const remove = make("button", { type: "button", className: "mall-rule-remove", textContent: "删除", ariaLabel: "删除这个条件" });
      remove.addEventListener("click", () => { group.conditions.splice(group.conditions.indexOf(condition), 1); draw(); });
      if (!field) return make("div", { className: "mall-rule-row" }, "这个条件已不可用", remove);
      const parts = [grouped(condition.field, (name) => { group.conditions[group.conditions.indexOf(condition)] = blank(name); draw(); })];
      if (field.hasPeriod) {
        parts.push(make("span", { className: "mall-rule-unit" }, "近", input("统计最近几天，不填为全部", "text", condition.days, (text) => { condition.days = whole(text); keep(); }, { inputMode: "numeric", size: 4, placeholder: "全部" }), "天"));
      }
      parts.push(select("比较", field.operators, condition.operator, (value) => { condition.operator = value; keep(); }), valueOf(condition, field), remove);
      return make("div", { className: "mall-rule-row" }, ...parts);
    };
    const card = (group, number) => {
      const add = make("button", { type: "button", className: "mall-rule-add", textContent: "＋ 条件" });
      add.addEventListener("click", () => { group.conditions.push(blank(fields[0].name)); draw(); });
      const remove = make("button", { type: "button", className: "mall-rule-remove", textContent: "删除这组" });
      remove.addEventListener("click", () => { rule.groups.splice(number, 1); draw(); });
      const not = make("input", { type: "checkbox", checked: Boolean(group.negated) });
      not.addEventListener("change", () => { group.negated = not.checked; keep(); });
      const how = select("这组条件怎样组合", MATCH, group.match, (value) => { group.match = value; keep(); });
      const head = make("div", { className: "mall-rule-head" }, make("b", { textContent: `第 ${number + 1} 组` }), how, make("label", {}, not, "取反（不符合这组的会员）"), remove);
      return make("section", { className: "mall-rule-group" }, head, ...group.conditions.map((one) => row(group, one)), add);
    };
    const draw = () => {
      const how = select("各组之间怎样组合", [["all", "同时符合每一组"], ["any", "符合任意一组"]], rule.match, (value) => { rule.match = value; keep(); });
      root.querySelector(".mall-rule-top").replaceChildren(...(rule.groups.length > 1 ? [how] : []));
      root.querySelector(".mall-rule-groups").replaceChildren(...rule.groups.map(card));
      keep();
    };
    root.querySelector("[data-add-group]").addEventListener("click", () => {
      rule.groups.push({ match: "all", negated: false, conditions: [blank(fields[0].name)] });
      draw();
    });
    if (!rule.groups.length) rule.groups.push({ match: "all", negated: false, conditions: [blank(fields[0].name)] });
    draw();
  };
  const byKind = () => {
    const boxes = document.querySelectorAll("[name=kind]");
    if (!boxes.length) return;
    const show = () => {
      const kind = document.querySelector("select[name=kind], input[name=kind]:checked")?.value;
      for (const [name, wanted] of [["rule", "rule"], ["file", "static"]]) {
        const line = document.querySelector(`.field-${name}`);
        if (line) line.hidden = kind !== wanted;
      }
    };
    boxes.forEach((box) => box.addEventListener("change", show));
    show();
  };
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".mall-rule").forEach(start);
    byKind();
  });
})();
