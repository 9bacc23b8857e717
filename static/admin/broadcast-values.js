// The boxes of a broadcast: one for each variable of the chosen template; what was typed stays when it is chosen again.
"use strict";
(() => {
  const start = (root) => {
    const choice = document.getElementById("id_template");
    const place = root.querySelector(".mall-values-boxes");
    const none = root.querySelector(".mall-values-none");
    if (!choice) return;
    const boxes = JSON.parse(document.getElementById("broadcast-boxes").textContent);
    const typed = JSON.parse(document.getElementById("broadcast-values").textContent);
    const make = (tag, options, ...children) => {
      const node = Object.assign(document.createElement(tag), options);
      node.append(...children);
      return node;
    };
    const row = (box) => {
      const input = make("input", { id: `id_${box.name}`, name: box.name, type: box.type, inputMode: box.mode,
        className: root.dataset.inputClass, value: typed[box.key] ?? "", autocomplete: "off",
        placeholder: `例如 ${box.sample}`, maxLength: 200 });
      input.addEventListener("input", () => { typed[box.key] = input.value; });
      const label = make("label", { htmlFor: input.id, textContent: box.label });
      const parts = box.hint ? [label, input, make("small", { textContent: box.hint })] : [label, input];
      return make("div", { className: "mall-values-row" }, ...parts);
    };
    const show = () => {
      const own = boxes[choice.value];
      place.replaceChildren(...(own || []).map(row));
      none.hidden = Boolean(own && own.length);
      none.textContent = own ? "这个模板没有要填写的内容。" : "先选择模板，这里会列出要填写的内容。";
    };
    choice.addEventListener("change", show);
    if (window.django && window.django.jQuery) window.django.jQuery(choice).on("change", show);
    show();
  };
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".mall-values").forEach(start));
})();
