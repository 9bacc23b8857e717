// 无依赖的自定义元素与小行为：与 htmx 的局部替换天然兼容，不需要 eval，可用严格 CSP。没有脚本时页面照样可用。
(function () {
  "use strict";
  var root = document.documentElement, calm = matchMedia("(prefers-reduced-motion:reduce)").matches;
  var skew = +root.dataset.now ? +root.dataset.now - Date.now() : 0;
  var pad = function (n) { return (n < 10 ? "0" : "") + n; };
  var on = function (type, act) { document.addEventListener(type, act); };

  // <count-down class="cd" until="ISO"> 按服务器时间倒数；data-reload 到点后刷新页面
  customElements.define("count-down", class extends HTMLElement {
    connectedCallback() {
      var s = this, end = Date.parse(s.getAttribute("until"));
      (function tick() {
        var t = Math.max(0, Math.floor((end - Date.now() - skew) / 1000)), d = Math.floor(t / 86400);
        s.innerHTML = (d ? "<span>" + d + "天</span>" : "") + "<b>" + pad(Math.floor(t % 86400 / 3600)) + "</b>:<b>" + pad(Math.floor(t % 3600 / 60)) + "</b>:<b>" + pad(t % 60) + "</b>";
        if (t > 0) { s.timer = setTimeout(tick, 1000); return; }
        s.dispatchEvent(new CustomEvent("expired", { bubbles: true }));
        if ("reload" in s.dataset && end + 60000 > Date.now() + skew) setTimeout(function () { location.reload(); }, 1500);
      })();
    }
    disconnectedCallback() { clearTimeout(this.timer); }
  });

  customElements.define("swipe-deck", class extends HTMLElement {
    connectedCallback() {
      var sw = this.querySelector(".sw"), dots = this.querySelectorAll(".dots i");
      if (!sw || dots.length < 2) return;
      var at = function () { return Math.round(sw.scrollLeft / sw.clientWidth); };
      var mark = function () { dots.forEach(function (d, i) { d.classList.toggle("on", i === at()); }); };
      sw.addEventListener("scroll", mark, { passive: true });
      mark();
      if (!calm) this.timer = setInterval(function () {
        if (!sw.matches(":focus-within,:hover")) sw.scrollTo({ left: (at() + 1) % dots.length * sw.clientWidth, behavior: "smooth" });
      }, 4500);
    }
    disconnectedCallback() { clearInterval(this.timer); }
  });

  // <qty-stepper class="qty"> − 输入框 ＋；变化时输入框发出冒泡的 change
  customElements.define("qty-stepper", class extends HTMLElement {
    connectedCallback() {
      var box = this.querySelector("input"), buttons = this.querySelectorAll("button");
      if (!box || buttons.length < 2) return;
      var low = +box.min || 1, high = box.max === "" ? Infinity : +box.max;
      var set = function (n, tell) {
        box.value = Math.min(high, Math.max(low, Math.floor(n) || low));
        buttons[0].disabled = +box.value <= low;
        buttons[1].disabled = +box.value >= high;
        if (tell) box.dispatchEvent(new Event("change", { bubbles: true }));
      };
      buttons[0].onclick = function () { set(+box.value - 1, true); };
      buttons[1].onclick = function () { set(+box.value + 1, true); };
      box.addEventListener("change", function () { set(+box.value, false); });
      set(+box.value, false);
    }
  });

  // <points-slider class="slide" per-yuan="100">：拖动时写出“用 600 积分，抵 ¥6”
  customElements.define("points-slider", class extends HTMLElement {
    connectedCallback() {
      var bar = this.querySelector("input"), out = this.querySelector("output"), per = +this.getAttribute("per-yuan") || 100;
      if (!bar) return;
      var show = function () {
        var n = +bar.value, low = +bar.min || 0, span = +bar.max - low;
        bar.style.setProperty("--p", (span > 0 ? (n - low) * 100 / span : 0) + "%");
        if (out) out.textContent = n ? "用 " + n.toLocaleString("en") + " 积分，抵 ¥" + (Math.floor(n * 100 / per) / 100).toFixed(2).replace(/\.00$/, "") : "不使用积分";
      };
      bar.addEventListener("input", show);
      show();
    }
  });

  // <wait-button seconds="60" label="重新获取"><button>：等够时间才能再点
  customElements.define("wait-button", class extends HTMLElement {
    connectedCallback() {
      var s = this, b = s.querySelector("button"), left = +s.getAttribute("seconds");
      (function tick() {
        if (!b || left < 0) return;
        b.disabled = left > 0;
        b.textContent = left ? left + " 秒后重发" : s.getAttribute("label");
        if (left--) s.timer = setTimeout(tick, 1000);
      })();
    }
    disconnectedCallback() { clearTimeout(this.timer); }
  });

  // 轻提示：服务器用 HX-Trigger: {"toast": {"text": "…", "level": "error"}}
  var toast = function (text, level) {
    var box = document.querySelector(".toasts"), p = document.createElement("p");
    if (!box || !text) return;
    p.className = "toast " + (level || "");
    p.textContent = text;
    box.appendChild(p);
    setTimeout(function () { p.remove(); }, 5000);
  };
  on("toast", function (e) { toast(typeof e.detail === "string" ? e.detail : e.detail.text || e.detail.value, e.detail.level); });
  on("htmx:sendError", function () { toast("网络不给力，请稍后再试", "error"); });
  on("htmx:responseError", function (e) {
    var x = e.detail.xhr;
    if (!/toast/.test(x.getResponseHeader("HX-Trigger") || "")) toast(x.status >= 500 ? "服务开小差了，请稍后再试" : "操作没有完成，请刷新后再试", "error");
  });
  setTimeout(function () { document.querySelectorAll(".toasts .toast").forEach(function (p) { p.remove(); }); }, 6000);

  // 防重复提交：提交后锁住表单的提交按钮，从缓存返回时解锁
  on("submit", function (e) {
    var f = e.target;
    if (e.defaultPrevented || f.method === "get") return;
    if (f.classList.contains("busy")) { e.preventDefault(); return; }
    f.classList.add("busy");
    setTimeout(function () { lock(f, true); });
  });
  var lock = function (f, yes) {
    Array.prototype.forEach.call(f.elements, function (b) { if (b.type === "submit") b.disabled = yes; });
  };
  // <input data-keep="名字">：离开再回来（换地址）写过的还在；提交后忘掉
  var keep = function (box, text) {
    try { return text == null ? sessionStorage[box.dataset.keep] : sessionStorage[box.dataset.keep] = text; } catch (error) { return ""; }
  };
  on("input", function (e) { if (e.target.dataset.keep) keep(e.target, e.target.value); });
  on("submit", function (e) { e.target.querySelectorAll("[data-keep]").forEach(function (box) { keep(box, ""); }); });
  on("DOMContentLoaded", function () {
    document.querySelectorAll("[data-keep]").forEach(function (box) { box.value = keep(box, box.value || null) || ""; });
  });

  window.addEventListener("pageshow", function (e) {
    if (e.persisted) document.querySelectorAll("form.busy").forEach(function (f) { f.classList.remove("busy"); lock(f, false); });
  });

  // 改动即提交：<select data-submit>；Esc 关闭底部面板；断网提示
  on("change", function (e) { if (e.target.dataset && "submit" in e.target.dataset && e.target.form) e.target.form.requestSubmit ? e.target.form.requestSubmit() : e.target.form.submit(); });
  on("keydown", function (e) { if (e.key === "Escape" && document.querySelector(".bs:target")) location.hash = "#_"; });
  var net = function () { var p = document.querySelector(".offline"); if (p) p.hidden = navigator.onLine; };
  window.addEventListener("online", net);
  window.addEventListener("offline", net);
  on("DOMContentLoaded", net);
})();
