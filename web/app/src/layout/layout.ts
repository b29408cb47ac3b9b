/** Where tiles go: pure functions of numbers. Lengths are CSS pixels, the origin is the area's top left corner. */

export interface Area {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Area {
  readonly x: number;
  readonly y: number;
}

/** Widest and narrowest tile (width / height). Portrait areas, phones, take tall ones. */
const WIDEST = 16 / 9;
const NARROWEST = { landscape: 4 / 3, portrait: 3 / 4 };

/** More than this many people get pages, and so do fewer whose tiles would be smaller: those show nobody. */
const PER_PAGE = 25;
const LEAST_SIDE = 72;
/** People beside a screen share. */
const STRIP_MOST = 5;
const PAGER_HEIGHT = 44;

interface Shape {
  readonly columns: number;
  readonly rows: number;
  readonly tile: Area;
}

function isPortrait(area: Area): boolean {
  return area.height > area.width;
}

/** The largest tile that fits into a cell and is neither too wide nor too narrow. */
function fit(cell: Area, narrowest: number): Area {
  const aspect = cell.width / cell.height;
  if (aspect > WIDEST) return { width: cell.height * WIDEST, height: cell.height };
  if (aspect < narrowest) return { width: cell.width, height: cell.width / narrowest };
  return cell;
}

/** The part of a large place that a face fills without being cut to a stripe. */
export function faceWithin(place: Rect): Rect {
  const { width, height } = fit(place, isPortrait(place) ? NARROWEST.portrait : NARROWEST.landscape);
  return { x: place.x + (place.width - width) / 2, y: place.y + (place.height - height) / 2, width, height };
}

/** How well a face shows in a tile: the shorter side counts more than the area. */
function worth(tile: Area): number {
  return Math.min(tile.width, tile.height) * Math.sqrt(tile.width * tile.height);
}

/** Rows and columns that make the faces largest. */
export function gridShape(count: number, area: Area, gap: number): Shape {
  const narrowest = isPortrait(area) ? NARROWEST.portrait : NARROWEST.landscape;
  let best: Shape = { columns: 1, rows: Math.max(count, 1), tile: { width: 0, height: 0 } };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cell = {
      width: Math.max(0, (area.width - gap * (columns - 1)) / columns),
      height: Math.max(0, (area.height - gap * (rows - 1)) / rows),
    };
    const tile = cell.width > 0 && cell.height > 0 ? fit(cell, narrowest) : { width: 0, height: 0 };
    if (worth(tile) > worth(best.tile)) best = { columns, rows, tile };
  }
  return best;
}

/**
 * Tiles of a grid in order, the whole centred. The incomplete row is the last one and centred; in portrait it is the
 * first one and its tiles grow as wide as they may.
 */
export function gridLayout(count: number, area: Area, gap: number): Rect[] {
  if (count === 0) return [];
  const { columns, rows, tile } = gridShape(count, area, gap);
  const portrait = isPortrait(area);
  const short = count - columns * (rows - 1);
  const top = (area.height - rows * tile.height - gap * (rows - 1)) / 2;
  const rects: Rect[] = [];
  for (let row = 0; row < rows; row += 1) {
    const isShort = short < columns && row === (portrait ? 0 : rows - 1);
    const inRow = isShort ? short : columns;
    const full = columns * tile.width + gap * (columns - 1);
    const width = isShort && portrait ? Math.min(tile.height * WIDEST, (full - gap * (inRow - 1)) / inRow) : tile.width;
    const left = (area.width - inRow * width - gap * (inRow - 1)) / 2;
    for (let column = 0; column < inRow; column += 1) {
      rects.push({ x: left + column * (width + gap), y: top + row * (tile.height + gap), width, height: tile.height });
    }
  }
  return rects;
}

/** Where everything of the stage goes. */
export interface Stage {
  /** One for each person; null for those on other pages. */
  readonly people: readonly (Rect | null)[];
  /** Where the large ones go. */
  readonly large: readonly Rect[];
  /** How many people the first page has. */
  readonly firstPage: number;
  readonly pages: number;
  /** The page shown; the nearest that exists to the one asked for. */
  readonly page: number;
  /** Where the page buttons go; null with one page. */
  readonly pager: Rect | null;
}

export interface StageInput {
  /** How many small tiles there are, mostly of people. */
  readonly people: number;
  /** How many are shown large, as screens and whoever is pinned. */
  readonly large: number;
  readonly area: Area;
  readonly gap: number;
  readonly page: number;
}

export function arrange(input: StageInput): Stage {
  return input.large === 0 ? arrangeGrid(input) : arrangeWithLarge(input);
}

function arrangeGrid({ people, area, gap, page: wanted }: StageInput): Stage {
  const single = gridCapacity(area, gap);
  const above = { ...area, height: area.height - PAGER_HEIGHT - gap };
  const perPage = people > single ? gridCapacity(above, gap) : single;
  const { pages, page, first, shown, firstPage } = paginate(people, perPage, wanted);
  const pager = pages > 1 ? bar(area, PAGER_HEIGHT) : null;
  const grid = gridLayout(shown, pager ? above : area, gap);
  return { people: spread(people, first, grid), large: [], firstPage, pages, page, pager };
}

/** How many tiles a grid may have so that each still shows somebody; at least one. */
function gridCapacity(area: Area, gap: number): number {
  // Not measured yet.
  if (area.width <= 0 || area.height <= 0) return PER_PAGE;
  for (let count = PER_PAGE; count > 1; count -= 1) {
    const { width, height } = gridShape(count, area, gap).tile;
    if (Math.min(width, height) >= LEAST_SIDE) return count;
  }
  return 1;
}

function arrangeWithLarge(input: StageInput): Stage {
  return isPortrait(input.area) ? largeAbove(input) : largeBeside(input);
}

/** The big tiles left, a column of people right. */
function largeBeside({ people, large, area, gap, page: wanted }: StageInput): Stage {
  const width = Math.min(280, Math.max(140, area.width * 0.18));
  const x = area.width - width;
  const perPage = (room: number) =>
    Math.min(STRIP_MOST, Math.max(1, Math.floor((room + gap) / (width / WIDEST + gap))));
  const single = perPage(area.height);
  const withPager = people > single;
  const room = area.height - (withPager ? PAGER_HEIGHT + gap : 0);
  const { pages, page, first, shown, firstPage } = paginate(people, withPager ? perPage(room) : single, wanted);
  const tile = Math.min(width / NARROWEST.landscape, (room - gap * (shown - 1)) / Math.max(shown, 1));
  const strip = Array.from({ length: shown }, (_, at) => ({ x, y: at * (tile + gap), width, height: tile }));
  return {
    people: spread(people, first, strip),
    large: divide(large, { width: x - gap, height: area.height }, gap),
    firstPage,
    pages,
    page,
    pager: pages > 1 ? { x, y: area.height - PAGER_HEIGHT, width, height: PAGER_HEIGHT } : null,
  };
}

/** The big tiles above, a row of people below. */
function largeAbove({ people, large, area, gap, page: wanted }: StageInput): Stage {
  const perPage = Math.min(STRIP_MOST, Math.max(2, Math.floor((area.width + gap) / (88 + gap))));
  const { pages, page, first, shown, firstPage } = paginate(people, perPage, wanted);
  const width = (area.width - gap * (perPage - 1)) / perPage;
  const height = Math.min(width, area.height * 0.3);
  const pager = pages > 1 ? bar(area, PAGER_HEIGHT) : null;
  const y = area.height - height - (pager ? PAGER_HEIGHT + gap : 0);
  const left = (area.width - shown * width - gap * (shown - 1)) / 2;
  const strip = Array.from({ length: shown }, (_, at) => ({ x: left + at * (width + gap), y, width, height }));
  return {
    people: spread(people, first, strip),
    large: divide(large, { width: area.width, height: Math.max(0, y - gap) }, gap),
    firstPage,
    pages,
    page,
    pager,
  };
}

/** Equal parts without regard to aspect: what is in them is shown whole. */
function divide(count: number, area: Area, gap: number): Rect[] {
  const columns = isPortrait(area) ? 1 : Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const width = (area.width - gap * (columns - 1)) / columns;
  const height = (area.height - gap * (rows - 1)) / rows;
  return Array.from({ length: count }, (_, at) => ({
    x: (at % columns) * (width + gap),
    y: Math.floor(at / columns) * (height + gap),
    width,
    height,
  }));
}

function paginate(count: number, perPage: number, wanted: number) {
  const pages = Math.max(1, Math.ceil(count / perPage));
  const page = Math.min(Math.max(wanted, 0), pages - 1);
  const first = page * perPage;
  return { pages, page, first, shown: Math.min(perPage, count - first), firstPage: Math.min(perPage, count) };
}

function spread(count: number, first: number, rects: readonly Rect[]): (Rect | null)[] {
  return Array.from({ length: count }, (_, at) => rects[at - first] ?? null);
}

function bar(area: Area, height: number): Rect {
  return { x: 0, y: area.height - height, width: area.width, height };
}
