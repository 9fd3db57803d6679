"""What a form looks like, measured in the page: how faint its texts are, and what is cut off."""

CONTRAST_MIN = 4.5
"""Of text against what is behind it: WCAG 2.2, level AA."""

FAINT = """(form, least) => {
  const numbers = color => {
    const found = color.match(/[\\d.]+/g).map(Number);
    return color.startsWith("color(") ? [...found.slice(0, 3).map(x => x * 255), found[3] ?? 1] : found;
  };
  const mix = (over, under) => [0, 1, 2].map(i => over[i] * (over[3] ?? 1) + under[i] * (1 - (over[3] ?? 1)));
  const behind = node => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(numbers(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, layer) => mix(layer, under), [255, 255, 255]);
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const node of form.querySelectorAll("*")) {
    const own = [...node.childNodes].filter(child => child.nodeType === 3).map(child => child.data).join("").trim();
    const text = own || (node.matches("input, textarea, select") ? node.value : "");
    if (!text || !node.checkVisibility() || node.closest(":disabled, option")) continue;
    const under = behind(node), over = mix(numbers(getComputedStyle(node).color), under);
    const [high, low] = [light(over), light(under)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < least) found.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""
"""Each visible text of a form whose contrast is too small; what is disabled may be faint."""

CUT = """form => {
  const scrolls = node => node.style.overflowX === "auto";
  const found = [], edge = form.getBoundingClientRect();
  for (const node of form.querySelectorAll("*")) {
    if (!node.checkVisibility() || node.matches("option, textarea, input")) continue;
    if (scrolls(node) || scrolls(node.parentElement.closest("div[style*=overflow-x]") ?? form)) continue;
    const style = getComputedStyle(node), box = node.getBoundingClientRect();
    const hides = style.overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1;
    const leaves = box.width && box.right > edge.right + 1;
    if (hides || leaves) found.push(`${node.tagName} ${node.className}: ${node.innerText.slice(0, 60)}`);
  }
  return found;
}"""
"""Each visible element that hides a part of itself, or reaches beyond the form; what scrolls hides nothing."""

CROOKED = """form => {
  const found = [], lefts = grid => [...grid.children].map(cell => Math.round(cell.getBoundingClientRect().left));
  const grids = [...form.querySelectorAll("div[style*=grid-template-columns]")].filter(grid => grid.checkVisibility());
  for (const grid of grids) if (String(lefts(grid)) !== String(lefts(grids[0]))) found.push(grid.innerText);
  return found;
}"""
"""Each row of a table whose cells don't stand under their heads."""
