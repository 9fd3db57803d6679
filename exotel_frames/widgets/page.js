// What a form does in the browser by itself: its keys are its own, Enter presses the button that its field belongs to,
// a question that is asked comes into view, and a tooltip says what its label says.
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

const intoView = form => {
  for (const part of [".exotel-question", ".exotel-confirm"])
    form.querySelector(part)?.scrollIntoView({ block: "nearest" });
};

export default { render({ model, el }) {
  let observer = null;
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
    setTimeout(() => button.click());  // after the field has told its value
  };
  let isGone = false;
  const begin = () => {
    if (isGone) return;
    const box = form();
    if (!box) return void setTimeout(begin, 50);
    observer = new MutationObserver(() => plainTitles(box));
    observer.observe(box, { subtree: true, childList: true, attributeFilter: ["title"] });
    plainTitles(box);
  };
  window.addEventListener("keydown", listen, true);
  model.on("msg:custom", () => [50, 300].forEach(wait_ms => setTimeout(() => form() && intoView(form()), wait_ms)));
  begin();
  return () => { isGone = true; observer?.disconnect(); window.removeEventListener("keydown", listen, true); };
} };
