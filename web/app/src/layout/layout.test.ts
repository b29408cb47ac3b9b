import { describe, expect, it } from 'vitest';
import { arrange, gridLayout, gridShape, type Area, type Rect } from './layout';

const desktop: Area = { width: 1248, height: 702 };
const phone: Area = { width: 380, height: 700 };
const ultrawide: Area = { width: 3400, height: 1300 };
const lying: Area = { width: 800, height: 290 };
const small: Area = { width: 300, height: 440 };
const areas = { desktop, phone, ultrawide, lying, small };

describe('gridShape', () => {
  it.each([
    [1, desktop, 1, 1],
    [2, desktop, 2, 1],
    [3, desktop, 2, 2],
    [4, desktop, 2, 2],
    [5, desktop, 3, 2],
    [6, desktop, 3, 2],
    [7, desktop, 3, 3],
    [9, desktop, 3, 3],
    [10, desktop, 4, 3],
    [16, desktop, 4, 4],
    [25, desktop, 5, 5],
    [1, phone, 1, 1],
    [2, phone, 1, 2],
    [3, phone, 1, 3],
    [4, phone, 2, 2],
    [5, phone, 2, 3],
    [6, phone, 2, 3],
    [12, phone, 3, 4],
    [2, ultrawide, 2, 1],
    [5, ultrawide, 3, 2],
    [8, ultrawide, 4, 2],
    [3, lying, 3, 1],
  ])('%d people in %o: %d × %d', (count, area, columns, rows) => {
    expect(gridShape(count, area, 12)).toMatchObject({ columns, rows });
  });
});

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function expectWithin(rects: readonly Rect[], area: Area) {
  const slack = 0.001;
  for (const [at, rect] of rects.entries()) {
    expect(rect.width).toBeGreaterThan(0);
    expect(rect.height).toBeGreaterThan(0);
    expect(rect.x).toBeGreaterThanOrEqual(-slack);
    expect(rect.y).toBeGreaterThanOrEqual(-slack);
    expect(rect.x + rect.width).toBeLessThanOrEqual(area.width + slack);
    expect(rect.y + rect.height).toBeLessThanOrEqual(area.height + slack);
    for (const other of rects.slice(at + 1)) expect(overlap(rect, other)).toBe(false);
  }
}

describe.each(Object.entries(areas))('gridLayout on %s', (name, area) => {
  const counts = Array.from({ length: 25 }, (_, n) => n + 1);

  it.each(counts)('%d tiles fit, do not overlap and keep their aspect', (count) => {
    const rects = gridLayout(count, area, 10);
    expect(rects).toHaveLength(count);
    expectWithin(rects, area);
    const narrowest = area.height > area.width ? 3 / 4 : 4 / 3;
    for (const rect of rects) {
      expect(rect.width / rect.height).toBeGreaterThanOrEqual(narrowest - 0.001);
      expect(rect.width / rect.height).toBeLessThanOrEqual(16 / 9 + 0.001);
    }
  });

  it('leaves equal margins left and right of the incomplete row', () => {
    const rects = gridLayout(5, area, 10);
    const [first] = rects;
    const [last] = rects.slice(-1);
    const row =
      name === 'phone' || name === 'small'
        ? rects.filter((r) => r.y === first?.y)
        : rects.filter((r) => r.y === last?.y);
    const left = Math.min(...row.map((r) => r.x));
    const right = area.width - Math.max(...row.map((r) => r.x + r.width));
    expect(left).toBeCloseTo(right);
  });
});

it('gridLayout of nobody, and of no space', () => {
  expect(gridLayout(0, desktop, 12)).toEqual([]);
  expect(gridLayout(3, { width: 0, height: 0 }, 12)).toHaveLength(3);
});

describe('arrange', () => {
  const page = (people: number, large: number, area: Area, at = 0) =>
    arrange({ people, large, area, gap: 12, page: at });
  const shown = (people: readonly (Rect | null)[]) => people.filter((rect) => rect !== null);

  it('needs no pages up to 25', () => {
    expect(page(25, 0, desktop)).toMatchObject({ pages: 1, pager: null });
    const crowd = page(30, 0, desktop, 1);
    expect(crowd).toMatchObject({ pages: 2, page: 1 });
    expect(crowd.people.findIndex((rect) => rect !== null)).toBe(25);
    expect(shown(crowd.people)).toHaveLength(5);
  });

  it.each([
    ['small', small, 16],
    ['phone', phone, 25],
    ['lying', lying, 20],
  ])('on %s turns pages rather than shrink faces to stamps', (_, area, least) => {
    const crowd = page(25, 0, area);
    const tiles = shown(crowd.people);
    expect(tiles.length).toBeGreaterThanOrEqual(least === 25 ? 25 : 8);
    expect(tiles.length).toBeLessThanOrEqual(least);
    for (const { width, height } of tiles) expect(Math.min(width, height)).toBeGreaterThanOrEqual(72);
    const everybody = Array.from({ length: crowd.pages }, (__, at) => shown(page(25, 0, area, at).people).length);
    expect(everybody.reduce((sum, count) => sum + count)).toBe(25);
  });

  it('shows everybody on one page before it is measured', () => {
    expect(page(25, 0, { width: 0, height: 0 }).pages).toBe(1);
  });

  it('goes back when the last page is gone', () => {
    expect(page(20, 0, desktop, 3).page).toBe(0);
  });

  it.each(Object.entries(areas))('a share fills most of %s and nothing overlaps', (_, area) => {
    for (const people of [1, 2, 4, 7, 30]) {
      for (const large of [1, 2, 3]) {
        const stage = page(people, large, area);
        const rects = [...stage.large, ...shown(stage.people), ...(stage.pager ? [stage.pager] : [])];
        expectWithin(rects, area);
        const big = stage.large.reduce((sum, rect) => sum + rect.width * rect.height, 0);
        expect(big).toBeGreaterThan(area.width * area.height * 0.35);
        expect(shown(stage.people).length).toBeGreaterThan(0);
      }
    }
  });

  it('shows 4 or 5 people beside a share and pages through the others', () => {
    expect(page(5, 1, desktop)).toMatchObject({ pages: 1, pager: null });
    const first = page(7, 1, desktop);
    expect(first.pages).toBe(2);
    expect(shown(first.people)).toHaveLength(4);
    const everybody = [0, 1].flatMap((at) =>
      page(7, 1, desktop, at).people.flatMap((rect, who) => (rect ? [who] : [])),
    );
    expect(everybody).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
