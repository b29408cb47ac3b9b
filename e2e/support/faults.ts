/**
 * What keeps people from reading or pressing what is on the page: too wide, cut off, too small, covered. Empty when all
 * is well. Self-contained, because it is serialised into the page.
 */
export function findFaults(): string[] {
  /** The least size of what a finger has to hit, CSS pixels. */
  const leastTarget = 44;
  /** What has to be left of a text that is shortened, CSS pixels: a short word. */
  const leastText = 48;
  /** Layout rounds. */
  const slack = 1;
  const faults: string[] = [];
  const forEars = (element: Element | null): boolean =>
    element !== null && (getComputedStyle(element).clipPath === 'inset(50%)' || forEars(element.parentElement));
  const seen = (element: Element): boolean =>
    element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) && !forEars(element);
  const name = (element: Element): string =>
    `<${element.tagName.toLowerCase()}> "${(element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 40)}"`;

  const tooWide = document.documentElement.scrollWidth - window.innerWidth;
  if (tooWide > 0) faults.push(`the page is ${tooWide} px wider than the screen`);

  /** Whether the part of `rect` is out of reach: beyond what an ancestor shows and lets nobody scroll to. */
  const isCut = (rect: DOMRect, from: Element): boolean => {
    for (let box: Element | null = from; box; box = box.parentElement) {
      const style = getComputedStyle(box);
      // Shortened on purpose, and says so.
      if (style.textOverflow === 'ellipsis') return false;
      if (style.overflowX === 'auto' || style.overflowX === 'scroll') return false;
      const outer = box.getBoundingClientRect();
      const hides = style.overflowX !== 'visible';
      const sideways = rect.left < outer.left - slack || rect.right > outer.right + slack;
      const upright = rect.top < outer.top - slack || rect.bottom > outer.bottom + slack;
      if (hides && (sideways || upright)) return true;
      if (style.position === 'fixed') return rect.top < -slack || rect.bottom > window.innerHeight + slack;
    }
    return rect.left < -slack || rect.right > window.innerWidth + slack;
  };

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const parent = text.parentElement;
    if (!parent || text.textContent?.trim() === '' || parent.closest('select, script, style, noscript')) continue;
    if (!seen(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    if (Array.from(range.getClientRects()).some((rect) => isCut(rect, parent)))
      faults.push(`${name(parent)} is cut off`);
  }

  for (const element of document.querySelectorAll('body *')) {
    const { textOverflow, paddingLeft, paddingRight } = getComputedStyle(element);
    if (textOverflow !== 'ellipsis' || !seen(element)) continue;
    const room = element.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    // What a list of the browser's own shows does not count as its content.
    const isShortened = element.tagName === 'SELECT' || element.scrollWidth > element.clientWidth;
    if (isShortened && room < leastText) faults.push(`${name(element)} is shortened to ${Math.round(room)} px`);
  }

  const controls = 'button, a[href], input, select, textarea, summary, [role="button"], [tabindex="0"]';
  for (const control of document.querySelectorAll(controls)) {
    if (!seen(control)) continue;
    const target = control.closest('label') ?? control;
    const { width, height } = target.getBoundingClientRect();
    if (width < leastTarget - 0.5 || height < leastTarget - 0.5) {
      faults.push(`${name(target)} is only ${Math.round(width)} × ${Math.round(height)} px`);
    }
    target.scrollIntoView({ block: 'nearest' });
    const { left, top, right, bottom } = target.getBoundingClientRect();
    const on = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    // What lies over everything for a while may do so: a panel, a notice.
    const passing = on?.closest('dialog, [role="dialog"], [role="status"], [role="tooltip"]');
    if (!on) faults.push(`${name(target)} is out of reach`);
    else if (!target.contains(on) && !passing) faults.push(`${name(target)} is covered by ${name(on)}`);
  }
  window.scrollTo(0, 0);
  return Array.from(new Set(faults));
}
