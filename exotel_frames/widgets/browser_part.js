// The part of a form that runs in the browser. It keeps keys away from JupyterLab, lets Enter press the button of a
// field, scrolls to a confirmation, sets tooltips, and keeps tables from shrinking while one searches.
const ENTER = "exotel-enter-";

const buttonFor = target => {
  const field = target.closest(`[class*="${ENTER}"]`);
  const mark = [...(field?.classList ?? [])].find(name => name.startsWith(ENTER));
  return mark && target.closest(".exotel-form").querySelector(`button.${mark}`);
};

const fixMathTitles = form => {
  for (const each of form.querySelectorAll("[title*='mathjax_ignore']"))
    each.title = each.closest("label").textContent;
};

const setTooltips = (form, tips) => {
  for (const [mark, tip] of Object.entries(tips)) {
    const field = form.querySelector(`.${mark}`);
    if (field && field.title !== tip) field.title = tip;
  }
};

// A table stays as high as it has been: what stands below it must not move while one searches.
const keepHeights = form => {
  for (const rows of form.querySelectorAll(".exotel-rows")) {
    const { width, height } = rows.getBoundingClientRect();
    const isNew = rows.dataset.width !== String(width);
    const seen = isNew ? 0 : parseFloat(rows.style.getPropertyValue("--exotel-seen")) || 0;
    if (isNew) rows.style.setProperty("--exotel-seen", "0px");
    rows.dataset.width = width;
    if (height > seen) rows.style.setProperty("--exotel-seen", `${isNew ? rows.offsetHeight : height}px`);
  }
};

const WAIT_MS = 3000;  // for the kernel, which enables the button once it has the text
const press = (button, field, text = field.value, until = Date.now() + WAIT_MS) => {
  if (!button.disabled) button.click();
  else if (Date.now() < until && field.value === text) setTimeout(() => press(button, field, text, until), 50);
};

// ipywidgets sends a typed text only after the kernel has answered the one before, but a click at once. A click would
// overtake the last letters, so it is delayed until no field has a text to send.
const DELAY_MAX_MS = 10000, POLL_MS = 20;
const isPending = field => field._pending_msgs > 0 || Boolean(field._msg_buffer);
const clickWhenSent = (button, fields, until = Date.now() + DELAY_MAX_MS) => {
  if (fields.some(isPending) && Date.now() < until) setTimeout(() => clickWhenSent(button, fields, until), POLL_MS);
  else if (button.isConnected) released.add(button), button.click(), released.delete(button);
};
const released = new Set();  // buttons whose delayed click is made now

const intoView = form => {
  for (const part of [".exotel-question", ".exotel-confirm"])
    form.querySelector(part)?.scrollIntoView({ block: "nearest" });
};

export default { render({ model, el }) {
  let observer = null, sizes = null;
  const form = () => el.closest(".exotel-form");
  const onKeyDown = event => {
    if (!form()?.contains(event.target)) return;
    const isShortcut = event.ctrlKey || event.altKey || event.metaKey;  // Ctrl+S still saves
    event.target.toggleAttribute("data-lm-suppress-shortcuts", !isShortcut);
    const isText = event.target.matches("textarea");  // there Enter starts a line, and Ctrl+Enter presses the button
    const enters = event.key === "Enter" && !event.repeat && (isText ? event.ctrlKey || event.metaKey : !isShortcut);
    const button = enters && event.target.matches("input, select, textarea") && buttonFor(event.target);
    if (!button) return;
    if (isText) {
      event.preventDefault();
      event.stopPropagation();  // or JupyterLab would run the cell again and make a new form
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
    setTimeout(() => press(button, event.target));  // after the field has sent its value
  };
  let isGone = false, fields = [];
  const findFields = () => Promise.allSettled((model.get("fields") ?? []).map(id => model.widget_manager.get_model(id)))
    .then(found => fields = found.filter(each => each.status === "fulfilled" && each.value).map(each => each.value));
  const delayClick = event => {
    const button = event.target.closest?.("button");
    if (!button || !form()?.contains(button) || released.has(button) || !fields.some(isPending)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    clickWhenSent(button, fields);
  };
  const attach = () => {
    if (isGone) return;
    const box = form();
    if (!box) return void setTimeout(attach, 50);
    const refresh = () => (fixMathTitles(box), setTooltips(box, model.get("tips")), keepHeights(box));
    observer = new MutationObserver(refresh);
    observer.observe(box, { subtree: true, childList: true, attributeFilter: ["title", "class"] });
    sizes = new ResizeObserver(() => keepHeights(box));
    sizes.observe(box);
    model.on("change:tips", refresh);
    model.on("change:fields", findFields);
    refresh();
    findFields();
    box.classList.add("exotel-alive");  // hides the note that this part has not loaded
  };
  window.addEventListener("keydown", onKeyDown, true);
  window.addEventListener("click", delayClick, true);
  model.on("msg:custom", () => [50, 300].forEach(wait_ms => setTimeout(() => form() && intoView(form()), wait_ms)));
  attach();
  return () => { isGone = true; observer?.disconnect(); sizes?.disconnect(); window.removeEventListener("keydown", onKeyDown, true);
    window.removeEventListener("click", delayClick, true); };
} };
