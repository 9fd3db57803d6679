// What a form does in the browser by itself: its keys are its own, Enter presses the button that its field belongs to,
// a question that is asked comes into view, a tooltip says what its label says, and no table shrinks under the mouse.
const ENTER = "exotel-enter-";

const buttonFor = target => {
  const field = target.closest(`[class*="${ENTER}"]`);
  const mark = [...(field?.classList ?? [])].find(name => name.startsWith(ENTER));
  return mark && target.closest(".exotel-form").querySelector(`button.${mark}`);
};

const plainTitles = form => {
  for (const each of form.querySelectorAll("[title*='mathjax_ignore']"))
    each.title = each.closest("label").textContent;
};

const explain = (form, tips) => {
  for (const [mark, tip] of Object.entries(tips)) {
    const field = form.querySelector(`.${mark}`);
    if (field && field.title !== tip) field.title = tip;
  }
};

// A table of rows that has been so high stays so: what stands below it must not jump while one searches.
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

const WAIT_MS = 3000;  // for the kernel, which lets a button be pressed once it has heard what was typed
const press = (button, field, text = field.value, until = Date.now() + WAIT_MS) => {
  if (!button.disabled) button.click();
  else if (Date.now() < until && field.value === text) setTimeout(() => press(button, field, text, until), 50);
};

// The browser sends what is typed in a field when the kernel has heard what was typed there before, and a click at once:
// it would overtake the last letters. So a click waits for them.
const HOLD_MS = 10000, LOOK_MS = 20;
const isUnheard = field => field._pending_msgs > 0 || Boolean(field._msg_buffer);
const clickWhenHeard = (button, fields, until = Date.now() + HOLD_MS) => {
  if (fields.some(isUnheard) && Date.now() < until) setTimeout(() => clickWhenHeard(button, fields, until), LOOK_MS);
  else if (button.isConnected) passing.add(button), button.click(), passing.delete(button);
};
const passing = new Set();

const intoView = form => {
  for (const part of [".exotel-question", ".exotel-confirm"])
    form.querySelector(part)?.scrollIntoView({ block: "nearest" });
};

export default { render({ model, el }) {
  let observer = null, sizes = null;
  const form = () => el.closest(".exotel-form");
  const listen = event => {
    if (!form()?.contains(event.target)) return;
    const isShortcut = event.ctrlKey || event.altKey || event.metaKey;  // Ctrl+S still saves
    event.target.toggleAttribute("data-lm-suppress-shortcuts", !isShortcut);
    const isText = event.target.matches("textarea");  // there Enter begins a line, and Ctrl+Enter is for the button
    const enters = event.key === "Enter" && !event.repeat && (isText ? event.ctrlKey || event.metaKey : !isShortcut);
    const button = enters && event.target.matches("input, select, textarea") && buttonFor(event.target);
    if (!button) return;
    if (isText) {
      event.preventDefault();
      event.stopPropagation();  // or the cell would run again, and the form be a new one
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
    setTimeout(() => press(button, event.target));  // after the field has told its value
  };
  let isGone = false, fields = [];
  const learnFields = () => Promise.allSettled((model.get("fields") ?? []).map(id => model.widget_manager.get_model(id)))
    .then(found => fields = found.filter(each => each.status === "fulfilled" && each.value).map(each => each.value));
  const hold = event => {
    const button = event.target.closest?.("button");
    if (!button || !form()?.contains(button) || passing.has(button) || !fields.some(isUnheard)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    clickWhenHeard(button, fields);
  };
  const begin = () => {
    if (isGone) return;
    const box = form();
    if (!box) return void setTimeout(begin, 50);
    const name = () => (plainTitles(box), explain(box, model.get("tips")), keepHeights(box));
    observer = new MutationObserver(name);
    observer.observe(box, { subtree: true, childList: true, attributeFilter: ["title", "class"] });
    sizes = new ResizeObserver(() => keepHeights(box));
    sizes.observe(box);
    model.on("change:tips", name);
    model.on("change:fields", learnFields);
    name();
    learnFields();
    box.classList.add("exotel-alive");  // what says that this part is missing goes away
  };
  window.addEventListener("keydown", listen, true);
  window.addEventListener("click", hold, true);
  model.on("msg:custom", () => [50, 300].forEach(wait_ms => setTimeout(() => form() && intoView(form()), wait_ms)));
  begin();
  return () => { isGone = true; observer?.disconnect(); sizes?.disconnect(); window.removeEventListener("keydown", listen, true);
    window.removeEventListener("click", hold, true); };
} };
