// 邀请页的两个小元素：复制，和可以长按保存的海报。没有脚本时，链接可以手动选取，海报照样显示。
(function () {
  "use strict";
  var say = function (text, level) {
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: text, level: level || "success" } }));
  };

  // <copy-text><input readonly value="…"><button>复制</button></copy-text>
  customElements.define("copy-text", class extends HTMLElement {
    connectedCallback() {
      var box = this.querySelector("input"), button = this.querySelector("button");
      if (!box || !button) return;
      var old = function () {
        box.select();
        box.setSelectionRange(0, box.value.length);
        if (document.execCommand("copy")) say("已复制"); else say("请长按选取后复制", "error");
      };
      button.hidden = false;
      button.onclick = function () {
        if (navigator.clipboard && isSecureContext) navigator.clipboard.writeText(box.value).then(function () { say("已复制"); }, old);
        else old();
      };
    }
  });

  // <save-poster><img src="poster.svg">：画成 PNG，微信里长按才能保存
  customElements.define("save-poster", class extends HTMLElement {
    connectedCallback() {
      var img = this.querySelector("img");
      if (!img) return;
      var draw = function () {
        img.removeEventListener("load", draw);
        var c = document.createElement("canvas");
        c.width = img.naturalWidth || 750;
        c.height = img.naturalHeight || 1120;
        try {
          c.getContext("2d").drawImage(img, 0, 0, c.width, c.height);
          img.src = c.toDataURL("image/png");
        } catch (e) { /* 旧浏览器：保留矢量图 */ }
      };
      if (img.complete && img.naturalWidth) draw(); else img.addEventListener("load", draw);
    }
  });
})();
